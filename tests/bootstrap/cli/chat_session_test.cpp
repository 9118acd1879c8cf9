// A chat against a server that plays its part from a list.

#include "bootstrap/cli/chat_persona.hpp"
#include "bootstrap/cli/chat_session.hpp"
#include "bootstrap/cli/skill_consents.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/text/json_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/loopback_server.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <sstream>

using namespace persona_runtime;
using namespace persona_runtime::cli;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

constexpr auto yaml = "identity:\n  name: Mira\n  role: clerk\n  background: B.\n"
                      "tools: [calculator]\n";

std::string in_json(std::string_view name, std::string_view text) {
  auto out = std::string{};
  json_writer{out}.text(name, text).close();
  return out;
}

std::string answer_json(std::string_view body, std::string_view status = "200 OK") {
  auto answer = plain_answer(body, "application/json", status);
  return answer.insert(answer.find("\r\n") + 2, "Connection: close\r\n");
}

std::string frame(int id, std::string_view name, std::string_view data) {
  return "id: " + std::to_string(id) + "\nevent: " + std::string{name}
         + "\ndata: " + std::string{data} + "\n\n";
}

std::string cut_turn(std::string_view frames) {
  return chunked_head("text/event-stream") + as_chunk(frames);
}
std::string whole_turn(std::string_view frames) {
  return cut_turn(frames) + std::string{last_chunk};
}

const auto done_frame =
  frame(9, "done", R"({"usage":{"prompt_tokens":1200,"completion_tokens":34},"tier":"small"})");

/// Answers by method and path, each list in its order; its last answer is repeated.
class desk_server {
public:
  desk_server() : server_{[this](loopback_peer& peer) { serve(peer); }} {
    on("GET /v1/personas/persona_1", answer_json(in_json("yaml", yaml)));
    on("POST /v1/personas/persona_1/conversations",
       answer_json(R"({"id":"conv_1"})", "201 Created"));
  }

  void on(const std::string& what, std::string answer) {
    const auto lock = std::lock_guard{mutex_};
    answers_[what].push_back(std::move(answer));
  }
  std::vector<std::string> requests() {
    const auto lock = std::lock_guard{mutex_};
    return requests_;
  }
  bool was_asked(std::string_view part) {
    for (const auto& request : requests()) {
      if (request.find(part) != std::string::npos)
        return true;
    }
    return false;
  }
  [[nodiscard]] std::string url() const { return server_.url(""); }

  /// Called before an answer ends with a stall.
  std::function<void()> on_stall;

private:
  void serve(loopback_peer& peer) {
    auto request = peer.read_request();
    auto answer =
      answer_json(R"({"error":"not_found","detail":"nothing is told of this"})", "404 Not Found");
    {
      const auto lock = std::lock_guard{mutex_};
      if (request.empty())
        return;
      const auto what = request.substr(0, request.find(" HTTP/"));
      requests_.push_back(std::move(request));
      auto& list = answers_[what];
      if (!list.empty())
        answer = list.front();
      if (list.size() > 1)
        list.pop_front();
    }
    const auto stalls = answer.ends_with("stall");
    peer.send(stalls ? answer.substr(0, answer.size() - 5) : answer);
    if (!stalls)
      return;
    if (on_stall)
      on_stall();
    peer.stall();
  }

  std::mutex mutex_;
  std::map<std::string, std::deque<std::string>> answers_;
  std::vector<std::string> requests_;
  loopback_server server_;
};

/// What somebody types.
class typed_lines final : public line_source {
public:
  explicit typed_lines(std::deque<answer> lines) : lines_{std::move(lines)} {}
  answer read(const std::string&) override {
    if (lines_.empty())
      return {};
    auto next = std::move(lines_.front());
    lines_.pop_front();
    return next;
  }

private:
  std::deque<answer> lines_;
};

line_source::answer typed(std::string text) {
  return {line_source::kind::line, std::move(text)};
}

struct chat_desk {
  desk_server server;
  std::ostringstream out;
  std::ostringstream err;
  std::atomic<int> presses{0};
  bool is_interactive = true;

  int talk(std::deque<line_source::answer> lines, chat_place where = {"persona_1", {}}) {
    auto options = runs_options{};
    options.server = server.url();
    auto line = run_server::open(options, "persona chat", err);
    auto aside = run_server::open(options, "persona chat", err);
    REQUIRE(line);
    REQUIRE(aside);
    auto source = typed_lines{std::move(lines)};
    auto view = chat_view{out, {}};
    const auto interrupted = [this] {
      const auto pressed = presses.load() > 0;
      if (pressed)
        --presses;
      return pressed;
    };
    return chat_session{
      *line, *aside, std::move(where), {source, view, interrupted, is_interactive, 1ms}}
      .run();
  }
  [[nodiscard]] bool shows(std::string_view part) const {
    return out.str().find(part) != std::string::npos;
  }
};

constexpr auto say_path = "POST /v1/conversations/conv_1/messages";

}  // namespace

TEST_CASE_METHOD(chat_desk, "a message makes a conversation, and its answer is shown as it comes",
                 "[bootstrap][chat]") {
  server.on(say_path, whole_turn(frame(0, "memory_recall", R"({"store":"identity","count":4})")
                                 + frame(1, "chunk", R"({"delta":"Berth "})")
                                 + frame(2, "chunk", R"({"delta":"4.\u001b[2J"})") + done_frame));
  CHECK(talk({typed("which berth?"), typed("/memory"), typed("/tier")}) == 0);
  CHECK(shows("Mira:"));
  CHECK(shows("Berth 4.\\x1b[2J\n"));
  CHECK(shows("identity: 4"));
  CHECK(shows("the tier small"));
  CHECK(shows("--conversation conv_1"));
  CHECK(server.was_asked(R"({"content":"which berth?"})"));
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(chat_desk, "an empty line, /quit and the end of the lines end the talk",
                 "[bootstrap][chat]") {
  CHECK(talk({typed("  "), typed("not sent")}) == 0);
  CHECK(talk({typed("/quit"), typed("not sent")}) == 0);
  CHECK(talk({}) == 0);
  CHECK_FALSE(server.was_asked("not sent"));
  CHECK_FALSE(server.was_asked("POST"));
}

TEST_CASE_METHOD(chat_desk, "a line that begins with two slashes is a message",
                 "[bootstrap][chat]") {
  server.on(say_path, whole_turn(done_frame));
  CHECK(talk({typed("//etc/hosts?"), typed("/nonsense")}) == 0);
  CHECK(server.was_asked(R"({"content":"/etc/hosts?"})"));
  CHECK(shows("/memory  what was recalled"));
}

TEST_CASE_METHOD(chat_desk, "Ctrl-C cancels the turn and the talk goes on", "[bootstrap][chat]") {
  server.on(say_path, cut_turn(frame(0, "chunk", R"({"delta":"Well"})")) + "stall");
  server.on(say_path, whole_turn(frame(0, "chunk", R"({"delta":"Yes."})") + done_frame));
  server.on("POST /v1/conversations/conv_1/active-turn/cancel",
            answer_json(R"({"status":"cancelling"})", "202 Accepted"));
  auto stalls = 0;
  server.on_stall = [this, &stalls] { presses = ++stalls == 1 ? 2 : 0; };
  const auto began = std::chrono::steady_clock::now();
  CHECK(talk({typed("tell me"), typed("and now?")}) == 0);
  CHECK(std::chrono::steady_clock::now() - began < 10s);  // not only when the server says something
  CHECK(server.was_asked("active-turn/cancel"));
  CHECK(shows("cancelling"));
  CHECK(shows("no longer watched"));
  CHECK(shows("Yes."));
}

TEST_CASE_METHOD(chat_desk, "/again asks for another answer to the last message",
                 "[bootstrap][chat]") {
  server.on(say_path, whole_turn(frame(0, "chunk", R"({"delta":"Yes."})") + done_frame));
  server.on("POST /v1/conversations/conv_1/regenerate",
            whole_turn(frame(0, "chunk", R"({"delta":"No."})") + done_frame));
  CHECK(talk({typed("/again"), typed("well?"), typed("/again")}) == 0);
  CHECK(shows("nothing was said yet"));
  CHECK(shows("Yes."));
  CHECK(shows("No."));
}

TEST_CASE_METHOD(chat_desk, "what was pressed before a turn is not about it", "[bootstrap][chat]") {
  server.on(say_path, whole_turn(frame(0, "chunk", R"({"delta":"Yes."})") + done_frame));
  presses = 3;
  CHECK(talk({{line_source::kind::interrupted}, typed("well?")}) == 0);
  CHECK_FALSE(server.was_asked("active-turn/cancel"));
  CHECK(shows("Yes."));
}

TEST_CASE_METHOD(chat_desk, "a stream that breaks is taken up where it broke",
                 "[bootstrap][chat]") {
  server.on(say_path, cut_turn(frame(4, "chunk", R"({"delta":"Ber"})")));
  server.on("GET /v1/conversations/conv_1/active-turn", answer_json("{}"));
  server.on("GET /v1/conversations/conv_1/active-turn/events",
            whole_turn(frame(5, "chunk", R"({"delta":"th 4."})") + done_frame));
  CHECK(talk({typed("which berth?")}) == 0);
  CHECK(shows("Berth 4."));
  CHECK(server.was_asked("Last-Event-ID: 4"));
}

TEST_CASE_METHOD(chat_desk, "when the turn is over by then, what is kept is shown",
                 "[bootstrap][chat]") {
  server.on(say_path, cut_turn(frame(4, "chunk", R"({"delta":"Ber"})")));
  server.on(
    "GET /v1/conversations/conv_1",
    answer_json(R"({"messages":[{"role":"user","content":"which berth?"},)"
                R"({"role":"assistant","content":"Berth 4.","streaming_status":"complete"}]})"));
  CHECK(talk({typed("which berth?")}) == 0);
  CHECK(shows("(complete)"));
  CHECK(shows("Berth 4."));
}

TEST_CASE_METHOD(chat_desk, "a question is shown, and its number is the answer",
                 "[bootstrap][chat]") {
  server.on(say_path,
            whole_turn(frame(0, "asking_user",
                             R"({"question":"Which harbour?","options":[{"label":"north",)"
                             R"("description":""},{"label":"south","description":"by the mill"}]})")
                       + done_frame));
  CHECK(talk({typed("book it"), typed("2")}) == 0);
  CHECK(shows("Which harbour?"));
  CHECK(shows("2. south"));
  CHECK(server.was_asked(R"({"content":"south"})"));
}

TEST_CASE_METHOD(chat_desk, "tools are shown as they run", "[bootstrap][chat]") {
  server.on(say_path,
            whole_turn(frame(0, "tool_calling",
                             R"({"tool_names":"calculator","tool_calls":[{"name":"calculator",)"
                             R"("call_id":"c","args":{"expression":"2+2"}}]})")
                       + frame(1, "tool_result",
                               R"({"tool_name":"calculator","is_error":false,"content":"4\n"})")
                       + done_frame));
  server.on("GET /v1/tools", answer_json(R"([{"name":"calculator","description":"Adds."},)"
                                         R"({"name":"web_fetch","description":"Fetches."}])"));
  CHECK(talk({typed("2+2?"), typed("/tools")}) == 0);
  CHECK(shows(R"(> calculator {"expression":"2+2"})"));
  CHECK(shows("< calculator: 4\n"));
  CHECK(shows("calculator: Adds."));
  CHECK_FALSE(shows("web_fetch"));
}

TEST_CASE_METHOD(chat_desk, "the cost is what the server kept of every turn", "[bootstrap][chat]") {
  server.on(say_path, whole_turn(done_frame));
  server.on("GET /v1/conversations/conv_1/turns?limit=200",
            answer_json(R"([{"cost_cents":1.5},{"cost_cents":0.25},{"cost_cents":null}])"));
  CHECK(talk({typed("hello"), typed("/cost")}) == 0);
  CHECK(shows("1 turn, 1,200 tokens read, 34 written"));
  CHECK(shows("1.75 cents in 3 turns; what 1 of them cost is not known"));
}

TEST_CASE_METHOD(chat_desk, "a failed turn is shown; only without a terminal does it end with 1",
                 "[bootstrap][chat]") {
  server.on(say_path, whole_turn(frame(
                        0, "error", R"({"error":"turn_failed","message":"the model is away"})")));
  CHECK(talk({typed("hello")}) == 0);
  CHECK(shows("the turn failed: the model is away"));
  is_interactive = false;
  CHECK(talk({typed("hello")}) == 1);
}

TEST_CASE_METHOD(chat_desk, "a message that is refused is told with what to do",
                 "[bootstrap][chat]") {
  server.on(say_path, answer_json(R"({"error":"turn_already_active","detail":"one at a time"})",
                                  "409 Conflict"));
  is_interactive = false;
  CHECK(talk({typed("hello")}) == 1);
  CHECK(err.str().find("turn_already_active") != std::string::npos);
}

TEST_CASE_METHOD(chat_desk, "a conversation is taken up with its last messages",
                 "[bootstrap][chat]") {
  server.on(
    "GET /v1/conversations/conv_1",
    answer_json(R"({"id":"conv_1","persona_id":"persona_1","messages":[)"
                R"({"role":"user","content":"hello"},{"role":"assistant","content":"Hei."}]})"));
  server.on(say_path, whole_turn(done_frame));
  CHECK(talk({typed("again")}, {{}, "conv_1"}) == 0);
  CHECK(shows("user:\nhello"));
  CHECK(shows("assistant:\nHei."));
  CHECK_FALSE(server.was_asked("POST /v1/personas"));
  CHECK(talk({typed("again")}, {"persona_2", "conv_1"}) == 2);
  CHECK(err.str().find("persona_1") != std::string::npos);
  CHECK(talk({}, {{}, "conv_2"}) == 1);
}

TEST_CASE_METHOD(chat_desk, "a persona that the server has not is an error", "[bootstrap][chat]") {
  CHECK(talk({typed("hello")}, {"persona_2", {}}) == 1);
  CHECK_FALSE(err.str().empty());
}

TEST_CASE_METHOD(chat_desk, "a file is the server's persona that says the same, else a new one",
                 "[bootstrap][chat]") {
  auto options = runs_options{};
  options.server = server.url();
  auto line = run_server::open(options, "persona chat", err);
  REQUIRE(line);
  const auto value = parse_persona(yaml)->value;
  const auto others = std::string{R"([{"id":"persona_3","name":"Mira","role":"clerk"},)"
                                  R"({"id":"persona_1","name":"Mira","role":"clerk"}])"};
  server.on("GET /v1/personas/persona_3",
            answer_json(in_json("yaml", std::string{yaml} + "autonomy: decisive\n")));
  server.on("GET /v1/personas?limit=200&offset=0", answer_json(others));
  server.on("GET /v1/personas?limit=200&offset=0", answer_json("[]"));
  server.on("POST /v1/personas", answer_json(R"({"id":"persona_4"})", "201 Created"));
  auto code = 0;
  CHECK(persona_at(*line, yaml, value, code) == "persona_1");
  CHECK_FALSE(server.was_asked("POST"));
  CHECK(persona_at(*line, yaml, value, code) == "persona_4");
  CHECK(code == 0);
}

TEST_CASE_METHOD(chat_desk,
                 "SK-14 the terminal asks about skills that nobody vouches for, once each",
                 "[bootstrap][chat]") {
  auto options = runs_options{};
  options.server = server.url();
  auto line = run_server::open(options, "persona chat", err);
  REQUIRE(line);
  const auto skill = [](const char* name, const char* consent) {
    return std::string{R"({"name":")"} + name + R"(","description":"Ties.","source":"untrusted",)"
           + R"("content_hash":"abc","consent":")" + consent + "\"}";
  };
  server.on("GET /v1/personas/persona_1/skills",
            answer_json('[' + skill("plan", "not_needed") + ',' + skill("knots", "none") + ','
                        + skill("splices", "none") + ',' + skill("odd", "refused") + ']'));
  server.on("PATCH /v1/personas/persona_1/skills", answer_json("{}"));
  auto lines = typed_lines{{typed("yes"), typed("maybe"), typed("y")}};
  ask_about_skills(*line, "persona_1", lines, out);
  CHECK(server.requests().size() == 3);
  CHECK(server.was_asked(R"({"skill":"knots","content_hash":"abc","granted":true})"));
  CHECK(server.was_asked(R"({"skill":"splices","content_hash":"abc","granted":false})"));
  auto nobody = typed_lines{{}};
  ask_about_skills(*line, "persona_1", nobody, out);
  CHECK(server.requests().size() == 4);  // nobody there: nothing is answered
  CHECK(err.str().empty());
}
