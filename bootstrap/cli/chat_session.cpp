#include "bootstrap/cli/chat_session.hpp"

#include "bootstrap/cli/figures.hpp"
#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/text/json_text.hpp"
#include "domain/text/utf8.hpp"
#include "providers/http/sse_parser.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto turn_max = std::chrono::hours{24};
constexpr auto turn_bytes_max = std::uint64_t{1} << 30;
constexpr auto shown_messages = std::size_t{6};
constexpr auto joins_max = 6u;

constexpr auto help_text =
  std::string_view{"/again   another answer to the last message\n"
                   "/memory  what was recalled for the last message\n"
                   "/tools   what the persona may use\n"
                   "/tier    which tier gave the last answer\n"
                   "/cost    tokens and cents of this conversation\n"
                   "/new     a new conversation\n"
                   "/quit    end (also: an empty line, or Ctrl-D)\n"
                   "A message that begins with a slash is sent with two: //etc is a path\n"
                   "Ctrl-C stops the answer that is being given"};

}  // namespace

chat_session::chat_session(run_server& talk, run_server& aside, chat_place where,
                           chat_terminal terminal)
  : talk_{talk}, aside_{aside}, where_{std::move(where)}, terminal_{std::move(terminal)} {
}

int chat_session::run() {
  if (!begin())
    return code_;
  while (true) {
    const auto prompt = terminal_.is_interactive ? std::string{"you> "} : std::string{};
    auto typed = terminal_.lines.read(prompt);
    if (typed.what == line_source::kind::interrupted && !terminal_.is_interactive)
      return exit_stopped;
    if (typed.what == line_source::kind::interrupted)
      continue;
    const auto text = std::string{stripped(typed.text)};
    if (typed.what == line_source::kind::end || text.empty() || text == "/quit")
      break;
    if (text.starts_with('/') && !text.starts_with("//"))
      obey(text);
    else
      say(text.substr(text.starts_with("//") ? 1 : 0));
  }
  if (!where_.conversation.empty())
    terminal_.view.note("go on with: --conversation " + where_.conversation);
  if (terminal_.is_interactive)
    return 0;
  return code_ != 0 ? code_ : terminal_.view.has_failed() ? exit_failed : 0;
}

/// Looks the conversation and the persona up. False: `code_` says with what to end.
bool chat_session::begin() {
  if (!where_.conversation.empty() && !take_up())
    return false;
  const auto body = talk_.body_of(talk_.request("GET", "/v1/personas/" + where_.persona), code_);
  if (!body)
    return false;
  const auto persona = object_of(*body).value_or(json::object{});
  document_ = text_at(persona, "yaml");
  const auto parsed = parse_persona(document_);
  name_ = parsed ? parsed->value->identity.name : where_.persona;
  if (terminal_.is_interactive)
    terminal_.view.note("talking with " + name_ + "; /help shows what can be asked beside it");
  if (!where_.conversation.empty())
    watch_from_here();
  return true;
}

/// Shows the end of a conversation that there was.
bool chat_session::take_up() {
  const auto body = talk_.body_of(talk_.request("GET", path()), code_);
  if (!body)
    return false;
  const auto found = object_of(*body).value_or(json::object{});
  const auto persona = std::string{text_at(found, "persona_id")};
  if (!is_run_id(persona)) {
    code_ = talk_.complain("the answer is not what a persona server sends", exit_failed);
    return false;
  }
  if (!where_.persona.empty() && where_.persona != persona) {
    code_ = talk_.complain("this conversation is with another persona, " + persona, exit_usage);
    return false;
  }
  where_.persona = persona;
  const auto* messages = list_at(found, "messages");
  const auto count = messages == nullptr ? std::size_t{0} : messages->size();
  for (auto i = count - std::min(count, shown_messages); i < count; ++i) {
    const auto* message = (*messages)[i].if_object();
    if (message != nullptr && !text_at(*message, "content").empty()
        && text_at(*message, "streaming_status") != "replaced")
      terminal_.view.show_message(text_at(*message, "role"), text_at(*message, "content"));
  }
  return true;
}

bool chat_session::make_conversation() {
  auto code = 0;
  const auto body = talk_.body_of(
    talk_.request("POST", "/v1/personas/" + where_.persona + "/conversations", "{}"), code);
  if (!body) {
    code_ = code;
    return false;
  }
  where_.conversation = text_at(object_of(*body).value_or(json::object{}), "id");
  if (is_run_id(where_.conversation))
    return true;
  where_.conversation.clear();
  code_ = talk_.complain("the answer is not what a persona server sends", exit_failed);
  return false;
}

int chat_session::obey(std::string_view command) {
  if (command == "/again")
    say_again();
  else if (command == "/memory")
    terminal_.view.print_memory();
  else if (command == "/tools")
    show_tools();
  else if (command == "/tier")
    terminal_.view.print_tier();
  else if (command == "/cost")
    show_cost();
  else if (command == "/new")
    where_.conversation.clear();
  else
    show_help();
  return 0;
}

void chat_session::say(std::string text) {
  if (const auto& question = terminal_.view.question())
    text = answer_of(*question, std::move(text));
  if (where_.conversation.empty() && !make_conversation())
    return;
  auto body = std::string{};
  json_writer{body}.text("content", text).close();
  follow(stream("POST", path("/messages"), std::move(body)));
}

void chat_session::say_again() {
  if (where_.conversation.empty())
    terminal_.view.note("nothing was said yet");
  else
    follow(stream("POST", path("/regenerate"), "{}"));
}

/// A turn that is under way when the talk is taken up.
void chat_session::watch_from_here() {
  auto request = stream("GET", path("/active-turn"));
  const auto reply = talk_.call(std::move(request));
  if (!reply.is_broken && reply.status == 200)
    follow(stream("GET", path("/active-turn/events")));
}

/// Shows one turn to its end, over broken connections.
void chat_session::follow(http_request request) {
  while (terminal_.interrupted()) {
  }  // what was pressed before is not about this turn
  interrupts_ = 0;
  last_id_.clear();
  terminal_.view.begin_turn(name_);
  if (!listen(std::move(request)))
    rejoin();
  terminal_.view.end_turn();
  if (const auto& question = terminal_.view.question()) {
    auto shown = std::string{question->question};
    for (auto i = std::size_t{0}; i < question->options.size(); ++i)
      shown += "\n  " + std::to_string(i + 1) + ". " + question->options[i].label;
    terminal_.view.show_message("question", shown);
  }
}

http_request chat_session::stream(std::string_view method, std::string_view path,
                                  std::string body) const {
  auto out = talk_.request(method, path, std::move(body));
  listen_for_events(out);
  out.timeouts.total = turn_max;
  out.body_bytes_max = turn_bytes_max;
  return out;
}

/// False: the stream broke before the turn had ended.
bool chat_session::listen(http_request request) {
  auto parser = sse_parser{[this](const sse_event& frame) {
    if (!frame.id.empty())
      last_id_ = frame.id;
    terminal_.view.on_frame(frame.name, frame.data);
    return terminal_.view.turn() == chat_view::turn_state::running;
  }};
  auto goes_on = true;
  auto listener = http_listener{};
  listener.on_body = [&](std::string_view bytes) {
    goes_on = is_to_go_on();
    return goes_on && parser.feed(bytes);
  };
  listener.on_wait = [&] { return goes_on = is_to_go_on(); };
  reply_ = talk_.call(std::move(request), &listener);
  if (terminal_.view.turn() != chat_view::turn_state::running || !goes_on)
    return true;
  if (!parser.error().empty()) {
    code_ =
      talk_.complain("the stream is not to be read: " + std::string{parser.error()}, exit_failed);
    return true;
  }
  if (reply_.status == 200)
    return false;
  code_ = talk_.explain(reply_);
  return true;
}

/// False: nobody wants to see the turn any longer.
bool chat_session::is_to_go_on() {
  if (!terminal_.interrupted())
    return true;
  if (++interrupts_ == 1) {
    terminal_.view.note("cancelling; Ctrl-C again stops watching");
    cancel();
    return true;
  }
  terminal_.view.note("no longer watched; the turn ends by itself");
  return false;
}

/// A turn does not end with its viewer: what is missing can be had.
void chat_session::rejoin() {
  for (auto i = 0u; i < joins_max; ++i) {
    if (i > 0 && !wait_unless_stopped(terminal_.retry_wait * (1u << i), nullptr))
      return;
    auto request = stream("GET", path("/active-turn/events"));
    if (!last_id_.empty())
      request.headers.emplace_back("Last-Event-ID", last_id_);
    const auto probe = talk_.call(stream("GET", path("/active-turn")));
    if (probe.is_broken)
      continue;  // the server may be starting again
    if (probe.status != 200 || listen(std::move(request))) {
      if (terminal_.view.turn() == chat_view::turn_state::running)
        show_what_is_kept();
      return;
    }
  }
  code_ = talk_.complain("the connection broke " + std::to_string(joins_max)
                           + " times in a row; is the server healthy?",
                         exit_failed);
}

/// The end of a turn that was not seen.
void chat_session::show_what_is_kept() {
  const auto reply = talk_.call(talk_.request("GET", path()));
  const auto found = reply.is_broken ? std::nullopt : object_of(reply.body);
  const auto* messages = found ? list_at(*found, "messages") : nullptr;
  const auto* last =
    messages == nullptr || messages->empty() ? nullptr : messages->back().if_object();
  if (last == nullptr || text_at(*last, "role") != "assistant")
    return;
  terminal_.view.note("the connection broke; the answer as it is kept ("
                      + std::string{text_at(*last, "streaming_status")} + "):");
  terminal_.view.show_message(name_, text_at(*last, "content"));
}

void chat_session::cancel() {
  // The turn may have ended at this very moment: then there is nothing to say.
  const auto reply = aside_.call(aside_.request("POST", path("/active-turn/cancel"), "{}"));
  if (reply.is_broken)
    static_cast<void>(aside_.explain(reply));
}

void chat_session::show_tools() {
  auto code = 0;
  const auto body = talk_.body_of(talk_.request("GET", "/v1/tools"), code);
  const auto parsed = parse_persona(document_);
  if (!body || !parsed)
    return;
  auto broken = boost::system::error_code{};
  const auto all = json::parse(*body, broken);
  auto shown = std::size_t{0};
  for (auto i = std::size_t{0}; !broken && all.is_array() && i < all.get_array().size(); ++i) {
    const auto* tool = all.get_array()[i].if_object();
    if (tool == nullptr || !allows_tool(*parsed->value, text_at(*tool, "name")))
      continue;
    ++shown;
    terminal_.view.print(std::string{text_at(*tool, "name")} + ": "
                         + cut_to_columns(safe_line(text_at(*tool, "description")), 80));
  }
  if (shown == 0)
    terminal_.view.print("none; name some under `tools` in its document");
}

/// The server keeps what every turn took, also of those that were not seen here.
void chat_session::show_cost() {
  terminal_.view.print_tokens();
  if (where_.conversation.empty())
    return;
  const auto reply = talk_.call(talk_.request("GET", path("/turns?limit=200")));
  auto broken = boost::system::error_code{};
  const auto all =
    reply.is_broken || reply.status != 200 ? json::value{} : json::parse(reply.body, broken);
  if (broken || !all.is_array())
    return;
  auto cents = 0.0;
  auto unknown = std::size_t{0};
  for (const auto& turn : all.get_array()) {
    const auto* log = turn.if_object();
    const auto cost = log == nullptr ? std::nullopt : number_at(*log, "cost_cents");
    cents += cost.value_or(0.0);
    unknown += cost ? 0 : 1;
  }
  auto text = "this conversation: " + figure(cents) + " cents in "
              + count_of(static_cast<double>(all.get_array().size()), "turn");
  if (unknown > 0)
    text += "; what " + std::to_string(unknown) + " of them cost is not known";
  terminal_.view.print(text);
}

void chat_session::show_help() {
  terminal_.view.print(help_text);
}

std::string chat_session::path(std::string_view rest) const {
  return "/v1/conversations/" + where_.conversation + std::string{rest};
}

}  // namespace persona_runtime::cli
