#include "domain/event/event_data.hpp"
#include "domain/event/json_read.hpp"
#include "domain/event/turn_codec.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

namespace persona_runtime {
namespace {

constexpr auto type_key = std::string_view{"\"type\":\""};

turn_record read_opened(const record_reader& in) {
  auto spec = turn_spec{};
  spec.conversation = {in.text("conversation")};
  spec.question = {in.text("question")};
  spec.answer = {in.text("answer")};
  spec.owner = {in.text("owner")};
  spec.persona = {in.text("persona")};
  spec.user = in.text("user");
  spec.messages_before = in.number<std::uint64_t>("messages_before");
  spec.began = {in.number<std::int64_t>("began")};
  return turn_fact::opened{std::make_shared<const turn_spec>(std::move(spec))};
}

turn_record read_taken_up(const record_reader& in) {
  const auto reason = in.text("reason");
  return turn_fact::taken_up{{in.number<std::uint32_t>("life")},
                             reason == name_of(resume_reason::crash) ? resume_reason::crash
                                                                     : resume_reason::restart};
}

turn_record read_routed(const record_reader& in) {
  auto decision = routing_decision{};
  decision.tier = in.text("tier");
  return turn_fact::routed{std::move(decision)};
}

/// None: not a record that only turns have.
std::optional<turn_record> read_private(std::string_view kind, const record_reader& in) {
  if (kind == "opened")
    return read_opened(in);
  if (kind == "taken_up")
    return read_taken_up(in);
  if (kind == "tier")
    return read_routed(in);
  if (kind == "thinking")
    return turn_fact::thinking{{in.number<std::uint32_t>("round")}};
  if (kind == "replied")
    return turn_fact::replied{in.text("text"), in.size("size"), read_calls(in, "calls"),
                              in.number<std::uint64_t>("call_tokens"), read_thinking(in)};
  if (kind == "noted")
    return turn_fact::noted{in.text("text"), in.size("size")};
  if (kind == "rounds_used_up")
    return turn_fact::rounds_used_up{};
  if (kind == "refused")
    return turn_fact::refused{in.text("text"), in.size("size")};
  return std::nullopt;
}

fact::tool_result read_tool_result(const record_reader& data) {
  auto r = fact::tool_result{};
  r.tool_name = data.text("tool_name");
  r.call_id = data.text("call_id");
  r.is_error = data.flag("is_error");
  r.content = data.text("content");
  return r;
}

turn_record read_finished(const record_reader& data) {
  const auto name = data.text("status");
  for (const auto status : {message_status::complete, message_status::cancelled,
                            message_status::error, message_status::interrupted}) {
    if (name == name_of(status))
      return turn_fact::finished{status};
  }
  data.ok() = false;
  return turn_fact::finished{};
}

turn_record read_public(const std::string& type, const record_reader& data) {
  if (type == "chunk")
    return turn_fact::chunk{data.text("delta")};
  if (type == "tool_calling")
    return fact::tool_calling{};
  if (type == "activity_start") {
    auto what = activity_start{};
    what.activity_id = data.text("activity_id");
    return turn_fact::activity_began{std::move(what)};
  }
  if (type == "tool_result")
    return read_tool_result(data);
  if (type == "asking_user")
    return turn_fact::asking{};
  if (type == "cancelled")
    return fact::cancelled{{}, data.optional_text("reason")};
  if (type == "error")
    return turn_fact::failed{data.text("kind"), data.text("message")};
  if (type == "finished")
    return read_finished(data);
  return turn_fact::shown_only{type};
}

/// The facts that runs have as well, as runs write them.
struct shared_fact {
  template <class Fact>
  std::optional<turn_record> operator()(Fact& r) const {
    if constexpr (std::is_constructible_v<turn_record, Fact&&>)
      return turn_record{std::move(r)};
    else
      return std::nullopt;
  }
};

failure unreadable(std::string_view line) {
  return {errc::internal_error,
          "a turn's record cannot be read: " + std::string{line.substr(0, 120)}};
}

std::string_view text_in(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos)
    return {};
  const auto begin = at + key.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

result<decoded_turn_record> decode_private(std::string_view line, const record_reader& in) {
  if (auto own = read_private(in.text("record"), in))
    return decoded_turn_record{std::move(*own), {}};
  auto shared = decode(line);
  if (!shared)
    return shared.error();
  auto body = std::visit(shared_fact{}, shared->body);
  if (!body)
    return unreadable(line);
  return decoded_turn_record{std::move(*body), {}};
}

}  // namespace

result<decoded_turn_record> decode_turn_line(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(line.data(), line.size()).get(root))
    return unreadable(line);
  auto ok = true;
  const auto in = record_reader{root, ok};
  if (in.has("record")) {
    auto out = decode_private(line, in);
    return ok ? out : unreadable(line);
  }
  auto out = decoded_turn_record{read_public(in.text("type"), in["data"]), {}};
  const auto at = instant_of(in.text("timestamp"));
  if (!ok || !at)
    return unreadable(line);
  out.at = *at;
  return out;
}

result<std::vector<decoded_turn_record>> decode_turn_body(std::string_view body) {
  auto records = std::vector<decoded_turn_record>{};
  while (!body.empty()) {
    const auto end = std::min(body.find('\n'), body.size());
    auto one = decode_turn_line(body.substr(0, end));
    if (!one)
      return one.error();
    records.push_back(std::move(*one));
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return records;
}

bool append_log_entry(std::string& out, const run_event& event) {
  const auto line = event.json();
  const auto type = text_in(line, type_key);
  if (type == "done" || type == "finished")
    return false;
  if (type == "chunk") {
    // {"delta":TEXT,"is_final":false}
    constexpr auto behind = std::string_view{R"(,"is_final":false})"};
    auto data = event_data_of(line);
    data.remove_suffix(behind.size());
    out.append(R"({"kind":"text",)").append(data.substr(1)).append("}");
    return true;
  }
  out.append("{").append(line.substr(line.find(type_key)));
  return true;
}

std::string chunk_text_of(const run_event& event) {
  const auto decoded = decode_turn_line(event.json());
  if (!decoded)
    return {};
  const auto* chunk = std::get_if<turn_fact::chunk>(&decoded->body);
  return chunk == nullptr ? std::string{} : chunk->text;
}

}  // namespace persona_runtime
