#include "bootstrap/cli/event_printer.hpp"
#include "tests/support/catch.hpp"

#include <sstream>
#include <vector>

using namespace persona_runtime::cli;

namespace {

std::string event(std::string_view type, int step, std::string_view data) {
  return R"({"seq":0,"run_id":"run_1","type":")" + std::string{type} + R"(","step":)"
         + std::to_string(step) + R"(,"data":)" + std::string{data}
         + R"(,"timestamp":"2026-11-21T08:15:30Z"})";
}

std::string plain(std::string_view type, int step, std::string_view data, int width = 80) {
  auto out = std::ostringstream{};
  auto printer = event_printer{out, {.width = width}};
  printer.on_event(event(type, step, data));
  return out.str();
}

/// As much of a terminal as the printer uses: what stands on the screen in the end.
std::string screen(std::string_view bytes) {
  auto rows = std::vector<std::string>(1);
  auto row = std::size_t{0};
  auto column = std::size_t{0};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r') {
      column = 0;
    } else if (bytes[i] == '\n') {
      column = 0;
      if (++row == rows.size())
        rows.emplace_back();
    } else if (bytes.substr(i).starts_with("\x1b[2K")) {
      rows[row].clear();
      column = 0;  // the printer writes at the beginning of a row that it has cleared
      i += 3;
    } else if (bytes.substr(i).starts_with("\x1b[1A")) {
      REQUIRE(row > 0);
      --row;
      i += 3;
    } else if (bytes.substr(i).starts_with("\x1b[?7")) {
      i += 4;
    } else {
      REQUIRE(bytes[i] != '\x1b');
      rows[row].resize(std::max(rows[row].size(), column));
      rows[row].replace(column++, 1, 1, bytes[i]);
    }
  }
  auto text = std::string{};
  for (const auto& r : rows)
    text.append(r).append("\n");
  return text;
}

constexpr auto live = printer_style{.spinner = true, .width = 40};

}  // namespace

TEST_CASE("every event has its line", "[bootstrap][cli][printer]") {
  struct row {
    const char* type;
    int step;
    const char* data;
    const char* text;
  };
  const auto rows = std::vector<row>{
    {"started", -1, R"({"task":"Find a berth"})", "task      Find a berth\n"},
    {"thinking", 0, "{}", "step 1\n"},
    {"tool_calling", 0,
     R"({"tool_names":"sum, put","tool_calls":[{"name":"sum","call_id":"c1","args":{"b":2,"a":"x y"}},)"
     R"({"name":"put","call_id":"c2","args":{}}]})",
     "  call    sum(a=x y, b=2)\n  call    put()\n"},
    {"tool_result", 0, R"({"tool_name":"sum","call_id":"c1","is_error":false,"content":"5"})",
     "  result  sum: 5\n"},
    {"tool_result", 0, R"({"tool_name":"cat","is_error":false,"content":"a\nb\n\nc\nd"})",
     "  result  cat: a\n          b\n          … 2 more lines, 13 bytes in all\n"},
    {"tool_result", 0, R"({"tool_name":"put","is_error":true,"content":"disk full"})",
     "  failed  put: disk full\n"},
    {"tool_result", 0, R"({"tool_name":"put","is_error":false,"content":""})",
     "  result  put: (empty)\n"},
    {"tool_result", 0,
     R"({"tool_name":"put","is_error":false,"content":"ok","produced_files":["a.txt",)"
     R"({"path":"b.txt"}],"artifacts":[{"workspace_path":"c.png"},{"workspace_path":"b.txt"}]})",
     "  result  put: ok\n  file    a.txt\n  file    b.txt\n  file    c.png\n"},
    {"asking_user", 1,
     R"({"question":"Which?","options":[{"label":"Four","description":"wet"},{"label":"Nine",)"
     R"("description":""}],"allow_free_form":true,"question_id":"q"})",
     "  ask     Which?\n          1. Four - wet\n          2. Nine\n"},
    {"user_responded", 1, R"({"question_id":"q"})", "  answer  received\n"},
    {"question_suppressed", 1, R"({"question":"Sure?","reason":"repeated"})",
     "  not put asked before: Sure?\n"},
    {"reasoning", 1, R"({"content":"Berth 4 is free."})", "  thought Berth 4 is free.\n"},
    {"compacted", 2,
     R"({"messages_before":40,"messages_after":12,"tokens_before":9000,"tokens_after":3000,)"
     R"("summary":true})",
     "context   40 to 12 messages, 9,000 to 3,000 tokens: summarised\n"},
    {"fell_over", 2,
     R"({"tier":"mid","from":"a/x","to":"b/y","error":"rate_limited","status":429})",
     "model     a/x failed (rate_limited, HTTP 429), going on with b/y\n"},
    {"budget", 2, R"({"budget":"tokens","limit":1000,"used":800,"reserved":50})",
     "budget    800 of 1,000 tokens used (80 %), 50 reserved\n"},
    {"budget", 2, R"({"budget":"deadline","limit":60,"used":60,"reserved":0})",
     "budget    the deadline has passed\n"},
    {"resumed", -1, R"({"from_step":2,"reason":"restart"})",
     "resumed   at step 3 after a restart\n"},
    {"cancelled", 2, R"({"reason":"too slow"})", "cancelled too slow\n"},
    {"cancelled", 2, "{}", "cancelled on request\n"},
    {"max_steps", 3, R"({"summary":"half done"})",
     "stopped   after 3 steps, the most that was allowed\n"},
    {"error", 2, R"({"kind":"context_overflow","message":"context_overflow: too long"})",
     "error     context_overflow: too long\n"},
    {"error", 2, R"({"kind":"crash_loop","message":"three crashes"})",
     "error     crash_loop: three crashes\n"},
    {"completed", 2, R"({"output":"Berth 4"})", ""},
    {"finished", 3, R"({"run_id":"run_1","status":"completed"})", ""},
    {"weather", 0, R"({"wind":3})", "  event   weather {\"wind\":3}\n"},
  };
  for (const auto& r : rows)
    CHECK(plain(r.type, r.step, r.data) == r.text);
}

TEST_CASE("secrets in arguments are not shown", "[bootstrap][cli][printer]") {
  const auto text =
    plain("tool_calling", 0, R"({"tool_calls":[{"name":"get","args":{"api_key":"abc123"}}]})");
  CHECK(text.find("abc123") == std::string::npos);
  CHECK(text.find("api_key=") != std::string::npos);
}

TEST_CASE("lines are as wide as the terminal at most", "[bootstrap][cli][printer]") {
  const auto text =
    plain("tool_result", 0,
          R"({"tool_name":"cat","is_error":false,"content":")" + std::string(500, 'x') + "\"}", 40);
  auto lines = std::istringstream{text};
  auto count = 0;
  for (auto line = std::string{}; std::getline(lines, line); ++count)
    CHECK(line.size() <= 42);  // "…" has three bytes
  CHECK(count == 2);
}

TEST_CASE("hostile events reach the terminal as text", "[bootstrap][cli][printer]") {
  const auto foul = std::string{R"(\u001b[2J\u009b1m\u0007\u202e\r)"};
  auto out = std::ostringstream{};
  auto printer = event_printer{out, live};
  const auto data = [&](std::string_view key) {
    return "{\"" + std::string{key} + "\":\"" + foul + "\"}";
  };
  printer.on_event(event("started", -1, data("task")));
  printer.on_event(event("thinking", 0, "{}"));
  printer.on_delta(data("text"));
  printer.tick();
  printer.on_event(event("tool_calling", 0,
                         R"({"tool_names":")" + foul + R"(","tool_calls":[{"name":")" + foul
                           + R"(","args":{")" + foul + R"(":")" + foul + R"("}}]})"));
  printer.tick();
  printer.on_event(event("tool_result", 0, data("content")));
  printer.on_event(event("asking_user", 0, data("question")));
  printer.on_event(event("error", 0, data("message")));
  printer.on_event(event(foul, 0, data("x")));
  printer.on_event("\x1b[2J no JSON \x9b");
  printer.note("\x1b[2J");
  printer.on_event(event("completed", 0, data("output")));
  printer.finish("");
  const auto text = out.str();
  CHECK(text.find("\x1b[2J") == std::string::npos);
  CHECK(text.find("\xc2\x9b") == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  CHECK(screen(text).find("\\x1b[2J") != std::string::npos);
}

TEST_CASE("live text and spinner are taken away without a trace", "[bootstrap][cli][printer]") {
  auto out = std::ostringstream{};
  auto printer = event_printer{out, live};
  printer.on_event(event("thinking", 0, "{}"));
  printer.on_delta(R"({"text":"one two "})");
  printer.on_delta(R"({"text":"three\nfour\nfive\nsix"})");
  CHECK(screen(out.str()) == "step 1\n\n");
  printer.tick(std::chrono::seconds{12});
  CHECK(screen(out.str()) == "step 1\n  four\n  five\n  six\n- step 1: thinking, 12 s\n");
  printer.tick(std::chrono::seconds{13});
  CHECK(screen(out.str()) == "step 1\n  four\n  five\n  six\n\\ step 1: thinking, 13 s\n");
  printer.on_event(event("reasoning", 0, R"({"content":"done"})"));
  CHECK(screen(out.str()) == "step 1\n  thought done\n\n\n\n");
  printer.on_event(event("completed", 0, R"({"output":"Six."})"));
  printer.on_event(event("finished", 1, R"({"status":"completed"})"));
  printer.tick();
  printer.finish("");
  CHECK(screen(out.str()).starts_with(
    "step 1\n  thought done\n\nAnswer\n\nSix.\n\nstatus    completed\n"));
}

TEST_CASE("a new attempt, a snapshot and reasoning replace live text",
          "[bootstrap][cli][printer]") {
  auto out = std::ostringstream{};
  auto printer = event_printer{out, live};
  const auto shown = [&] {
    printer.tick();
    return screen(out.str());
  };
  printer.on_delta(R"({"text":"too early"})");
  printer.on_event(event("thinking", 0, "{}"));
  printer.on_delta(R"({"text":"first"})");
  printer.on_delta(R"({"reset":true})");
  CHECK(shown() == "step 1\n- step 1: thinking\n");
  printer.on_delta(R"({"reasoning":"hm"})");
  CHECK(shown() == "step 1\n  hm\n\\ step 1: thinking\n");
  printer.on_delta(R"({"text":"second"})");
  CHECK(shown() == "step 1\n  second\n| step 1: thinking\n");
  printer.on_delta(R"({"text":"all of it","snapshot":true})");
  printer.on_delta("no JSON");
  CHECK(shown() == "step 1\n  all of it\n/ step 1: thinking\n");
}

TEST_CASE("endless live text stays small", "[bootstrap][cli][printer]") {
  auto out = std::ostringstream{};
  auto printer = event_printer{out, live};
  printer.on_event(event("thinking", 0, "{}"));
  for (auto i = 0; i < 1000; ++i)
    printer.on_delta(R"({"text":")" + std::string(100, 'y') + "\"}");
  const auto before = out.str().size();
  printer.tick();
  CHECK(out.str().size() - before < 400);
}

TEST_CASE("nothing moves while a question waits", "[bootstrap][cli][printer]") {
  auto out = std::ostringstream{};
  auto style = live;
  style.shows_questions = false;
  auto printer = event_printer{out, style};
  printer.on_event(event("thinking", 0, "{}"));
  printer.tick();
  printer.on_event(event("asking_user", 0, R"({"question":"Which?"})"));
  const auto before = out.str();
  printer.tick();
  CHECK(out.str() == before);
  CHECK(before.find("Which?") == std::string::npos);
  CHECK(screen(before) == "step 1\n\n");
}

TEST_CASE("a pipe gets no live text and no escapes", "[bootstrap][cli][printer]") {
  auto out = std::ostringstream{};
  auto printer = event_printer{out, {}};
  printer.on_event(event("thinking", 0, "{}"));
  printer.on_delta(R"({"text":"live"})");
  printer.tick();
  printer.pause();
  CHECK(out.str() == "step 1\n");
}

TEST_CASE("colours stand around text only when asked for", "[bootstrap][cli][printer]") {
  auto out = std::ostringstream{};
  auto printer = event_printer{out, {.colour = true}};
  printer.on_event(event("reasoning", 0, R"({"content":"so"})"));
  CHECK(out.str() == "  \x1b[2mthought\x1b[0m \x1b[2mso\x1b[0m\n");
}

TEST_CASE("with json each event is its line and nothing else", "[bootstrap][cli][printer]") {
  auto out = std::ostringstream{};
  auto style = live;
  style.json = true;
  auto printer = event_printer{out, style};
  const auto one = event("thinking", 0, "{}");
  const auto two = event("reasoning", 0, "{\"content\":\"\xc2\x9b\"}");
  printer.on_event(one);
  printer.on_delta(R"({"text":"live"})");
  printer.tick();
  printer.note("note");
  printer.on_event(two);
  printer.finish(R"({"status":"completed"})");
  CHECK(out.str() == one + "\n" + event("reasoning", 0, R"({"content":"\u009b"})") + "\n");
}

TEST_CASE("what is no event is one line", "[bootstrap][cli][printer]") {
  for (const auto* text : {"", "[1]", "{\"seq\":1}", "{"}) {
    auto out = std::ostringstream{};
    auto printer = event_printer{out, {}};
    printer.on_event(text);
    CHECK(out.str().starts_with("unread    no event:"));
  }
}
