#include "api/routes/error_answer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace persona_runtime::api {
namespace {

using namespace std::chrono_literals;

namespace json = boost::json;

constexpr auto context_bytes_max = std::size_t{256};
// spec: persona-tools-api §20.5; what the engine writes as the type of that one problem
constexpr auto schema_version_type = std::string_view{"schema_version_mismatch"};
constexpr auto generic_detail =
  std::string_view{"the server could not answer this request; its log says why"};

// What a client waits when the failure does not say: long enough to matter, short enough to use.
std::optional<std::chrono::milliseconds> usual_wait(errc code) {
  switch (code) {
  case errc::overloaded:
    return 1s;
  case errc::journal_unavailable:
    return 5s;
  case errc::model_unavailable:
    return 30s;  // spec: persona-tools-api §20.5
  case errc::rate_limit_exceeded:
    return 60s;
  default:
    return std::nullopt;
  }
}

std::string whole_seconds(std::chrono::milliseconds time) {
  return std::to_string(std::max<std::int64_t>(1, (time.count() + 999) / 1000));
}

std::string error_body(std::string_view token, std::string_view detail_json,
                       const error_context& about) {
  auto body = std::string{"{\"error\":\""};
  body.append(token).append("\",\"detail\":").append(detail_json);
  auto separator = std::string_view{",\"context\":{"};
  for (const auto& [name, value] : about) {
    body.append(std::exchange(separator, ",")).append("\"").append(name).append("\":");
    body.append(json_string(std::string_view{value}.substr(0, context_bytes_max)));
  }
  return body.append(about.empty() ? "}" : "}}");
}

// ["body","max_steps"] as body.max_steps
std::string place_text(const json::value& loc) {
  auto path = std::string{};
  if (const auto* parts = loc.if_array()) {
    for (const auto& part : *parts) {
      path.append(path.empty() ? "" : ".");
      path.append(part.is_string() ? std::string_view{part.get_string()} : "?");
    }
  }
  return path;
}

// A list of problems as programs want it: which it is, and where the first one lies.
struct problem_summary {
  std::string_view token = token_of(errc::validation_error);
  error_context place;
};

problem_summary summary_of(std::string_view problems) {
  auto summary = problem_summary{};
  auto ec = boost::system::error_code{};
  const auto parsed = json::parse(problems, ec);
  const auto* list = ec ? nullptr : parsed.if_array();
  const auto* first = list == nullptr || list->empty() ? nullptr : list->front().if_object();
  if (first == nullptr)
    return summary;
  if (const auto* loc = first->if_contains("loc"))
    summary.place.emplace_back("field", place_text(*loc));
  if (const auto* path = first->if_contains("path"); path != nullptr && path->is_string())
    summary.place.emplace_back("path", std::string{path->get_string()});
  if (const auto* line = first->if_contains("line"))
    summary.place.emplace_back("line", json::serialize(*line));
  const auto* type =
    first->if_contains("type") == nullptr ? nullptr : first->at("type").if_string();
  if (list->size() == 1 && type != nullptr && *type == schema_version_type)
    summary.token = schema_version_type;
  return summary;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

unsigned http_status_of(errc code) {
  switch (code) {
  case errc::malformed_json:
    return 400;
  case errc::run_not_found:
  case errc::persona_not_found:
  case errc::conversation_not_found:
  case errc::turn_not_active:
    return 404;
  case errc::run_not_active:
  case errc::not_awaiting_user:
  case errc::run_active:
  case errc::persona_in_use:
  case errc::turn_already_active:
    return 409;
  case errc::validation_error:
  case errc::idempotency_key_reused:
    return 422;
  case errc::rate_limit_exceeded:
    return 429;
  case errc::overloaded:
  case errc::journal_unavailable:
  case errc::model_unavailable:
    return 503;
  case errc::internal_error:
    return 500;
  }
  return 500;
}

http_answer error_answer(const failure& f, error_context about) {
  auto answer = http_answer{};
  answer.status = http_status_of(f.code);
  if (f.code == errc::internal_error) {
    answer.body = error_body(token_of(f.code), json_string(generic_detail), about);
    answer.cause = f.detail;
  } else if (f.code == errc::validation_error && f.detail.starts_with('[')) {
    auto summary = summary_of(f.detail);
    about.insert(about.end(), summary.place.begin(), summary.place.end());
    answer.body = error_body(summary.token, f.detail, about);
  } else {
    answer.body = error_body(token_of(f.code), json_string(f.detail), about);
  }
  const auto wait = f.retry_after ? f.retry_after : usual_wait(f.code);
  if (wait && answer.status != 500) {
    answer.headers.emplace_back("Retry-After", whole_seconds(*wait));
  }
  return answer;
}

http_answer error_answer(unsigned status, std::string_view token, std::string_view detail,
                         const error_context& about) {
  auto answer = http_answer{};
  answer.status = status;
  answer.body = error_body(token, json_string(detail), about);
  if (status == 500)
    answer.cause = std::string{detail};
  return answer;
}

std::string json_string(std::string_view text) {
  const auto quoted = boost::json::serialize(boost::json::string{text});
  if (is_ascii(text)) {
    return quoted;
  }
  // A detail may quote what a client sent. The writer does not check UTF-8, the parser does.
  auto ec = boost::system::error_code{};
  static_cast<void>(boost::json::parse(quoted, ec));
  if (!ec) {
    return quoted;
  }
  auto plain = std::string{text};
  std::replace_if(
    plain.begin(), plain.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return boost::json::serialize(boost::json::string{plain});
}

}  // namespace persona_runtime::api
