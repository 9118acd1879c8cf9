#include "api/routes/read_request.hpp"

#include "api/routes/auth.hpp"
#include "api/routes/body_reader.hpp"
#include "domain/text/sha256.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace persona_runtime::api {
namespace {

namespace json = boost::json;

constexpr auto id_bytes_max = std::size_t{128};
constexpr auto avatar_url_bytes_max = std::size_t{2048};
constexpr auto skill_name_bytes_max = std::size_t{64};
constexpr auto hash_bytes = std::size_t{64};
constexpr auto tool_name_bytes_max = std::size_t{128};
constexpr auto turn_index_max = std::uint64_t{1} << 53;  // the last that every JSON reader keeps

// An integer >= -1; one that is too large for us is past every event there can be.
std::optional<std::int64_t> cursor_of(std::string_view text) {
  const auto digits = text.starts_with('-') ? text.substr(1) : text;
  const auto is_number = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!is_number)
    return std::nullopt;
  const auto number = number_of<std::int64_t>(text);
  if (!number) {
    return text.starts_with('-') ? std::nullopt
                                 : std::optional{std::numeric_limits<std::int64_t>::max() - 1};
  }
  return *number >= -1 ? number : std::nullopt;
}

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

// What makes two requests the same one: everything that they ask for, however it was written.
std::string request_text(const run_request& request) {
  auto fields = json::object{};
  fields["persona_id"] = request.persona.value;
  fields["task"] = request.task;
  fields["max_steps"] = or_null(request.max_steps);
  fields["max_tokens"] = or_null(request.max_tokens);
  fields["max_cost_cents"] = or_null(request.max_cost_cents);
  fields["deadline_s"] = or_null(request.deadline_s);
  fields["ask_user"] = request.ask_user;
  fields["metadata"] = request.metadata;
  return json::serialize(fields);
}

bool is_usable_key(std::string_view key) {
  return !key.empty() && key.size() <= idempotency_key_bytes_max
         && std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

result<run_request> read_run_request(const json::value& body,
                                     const std::optional<persona_id>& persona,
                                     const std::optional<std::string>& key,
                                     const api_limits& limits) {
  constexpr auto tokens_max = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  auto reader = body_reader{body};
  auto request = run_request{};
  request.persona =
    persona ? *persona : persona_id{reader.required_text("persona_id", 1, id_bytes_max)};
  request.task = reader.required_text("task", 1, task_bytes_max);
  if (const auto steps = reader.integer("max_steps", 0, limits.steps_max)) {
    request.max_steps = static_cast<std::uint32_t>(*steps);
  }
  request.max_tokens = reader.integer("max_tokens", 1, limits.tokens_max.value_or(tokens_max));
  request.max_cost_cents = reader.positive_number("max_cost_cents", limits.cost_cents_max);
  request.deadline_s = reader.positive_number("deadline_s", limits.deadline_s_max);
  request.ask_user = reader.boolean("ask_user").value_or(true);
  request.metadata = reader.object_text("metadata", metadata_bytes_max).value_or("");
  if (auto problems = reader.finish()) {
    return std::move(*problems);
  }
  if (key) {
    if (!is_usable_key(*key)) {
      return one_problem("invalid_header", "header", "Idempotency-Key",
                         "must be 1 to 255 visible ASCII characters");
    }
    request.idempotency_key = *key;
    request.request_hash = sha256_text(request_text(request));
  }
  return request;
}

result<std::chrono::milliseconds> read_wait(const request_target& target) {
  const auto text = target.parameter("wait");
  if (!text) {
    return std::chrono::milliseconds{0};
  }
  const auto seconds = number_of<double>(*text);
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds > wait_s_max) {
    return one_problem("out_of_range", "query", "wait", "must be a number of seconds, 0 to 300");
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(*seconds * 1000)};
}

result<run_query> read_run_query(const request_target& target) {
  auto query = run_query{};
  if (const auto persona = target.parameter("persona_id")) {
    query.persona = persona_id{std::string{*persona}};
  }
  if (const auto status = target.parameter("status")) {
    query.status = status_of(*status);
    if (!query.status) {
      return one_problem("enum", "query", "status",
                         "must be running, awaiting_user, completed, cancelled, "
                         "max_steps_reached, budget_exhausted or error");
    }
  }
  if (const auto cursor = target.parameter("cursor")) {
    query.before = number_of<std::uint64_t>(*cursor);
    if (!query.before) {
      return one_problem("cursor", "query", "cursor", "must be the next_cursor of a page");
    }
  }
  const auto page = read_page_query(target, query.limit);
  if (!page)
    return page.error();
  query.limit = page->limit;
  return query;
}

result<run_answer> read_run_answer(const json::value& body) {
  auto reader = body_reader{body};
  auto answer = run_answer{};
  answer.answer = reader.required_text("answer", 0, answer_bytes_max);
  answer.question_id = reader.text("question_id", 1, id_bytes_max);
  if (auto problems = reader.finish())
    return std::move(*problems);
  return answer;
}

result<std::string> read_cancel(const json::value& body) {
  auto reader = body_reader{body};
  auto reason = reader.text("reason", 0, reason_bytes_max).value_or("");
  if (auto problems = reader.finish())
    return std::move(*problems);
  return reason;
}

result<persona_input> read_persona(const json::value& body) {
  auto reader = body_reader{body};
  auto input = persona_input{};
  input.yaml = reader.required_text("yaml", 1, persona_yaml_bytes_max);
  input.avatar_url = reader.text("avatar_url", 1, avatar_url_bytes_max);
  if (auto problems = reader.finish())
    return std::move(*problems);
  return input;
}

result<persona_edit> read_consent(const json::value& body) {
  auto reader = body_reader{body};
  auto edit = persona_edit{};
  if (!reader.is_given("granted"))
    reader.refuse("missing", "granted", "is required: true, false, or null to take it back");
  edit.consent = reader.boolean("granted");
  if (auto problems = reader.finish())
    return std::move(*problems);
  return edit;
}

result<persona_edit> read_skill_consent(const json::value& body) {
  auto reader = body_reader{body};
  auto answer = persona_edit::skill_answer{};
  answer.skill = reader.required_text("skill", 1, skill_name_bytes_max);
  answer.content_hash = reader.required_text("content_hash", hash_bytes, hash_bytes);
  if (!reader.is_given("granted"))
    reader.refuse("missing", "granted", "is required: true, false, or null to take it back");
  answer.granted = reader.boolean("granted");
  if (auto problems = reader.finish())
    return std::move(*problems);
  auto edit = persona_edit{};
  edit.skill_consent = std::move(answer);
  return edit;
}

result<persona_edit> read_tool_grant(const json::value& body) {
  auto reader = body_reader{body};
  auto edit = persona_edit{};
  edit.tool = reader.required_text("tool_name", 1, tool_name_bytes_max);
  static_cast<void>(reader.integer("turn_index", 0, turn_index_max));
  if (auto problems = reader.finish())
    return std::move(*problems);
  return edit;
}

result<events_query> read_events_query(const request_target& target, const http_request& request) {
  auto query = events_query{};
  const auto& header = request.last_event_id;
  const auto after = header ? std::optional<std::string_view>{*header} : target.parameter("after");
  if (after) {
    const auto cursor = cursor_of(*after);
    if (!cursor) {
      return one_problem("cursor", header ? "header" : "query", header ? "Last-Event-ID" : "after",
                         "must be the seq of the last event seen: an integer of at least -1");
    }
    query.from = event_seq{static_cast<std::uint64_t>(*cursor + 1)};
  }
  const auto until = target.parameter("until").value_or("finished");
  if (until != "finished" && until != "now") {
    return one_problem("enum", "query", "until", "must be 'finished' or 'now'");
  }
  query.follow = until == "finished";
  if (request.accept.find("application/x-ndjson") != std::string::npos) {
    query.format = stream_format::ndjson;
  }
  return query;
}

bool is_plausible_id(std::string_view id) {
  static constexpr auto marks = std::string_view{"_-."};
  return !id.empty() && id.size() <= id_bytes_max && id.front() != '.'
         && std::all_of(id.begin(), id.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                     || marks.find(c) != std::string_view::npos;
            });
}

}  // namespace persona_runtime::api
