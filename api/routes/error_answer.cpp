#include "api/routes/error_answer.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace persona_runtime::api {
namespace {

using namespace std::chrono_literals;

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

std::string error_body(std::string_view token, std::string_view detail_json) {
  return std::string{"{\"error\":\""}
    .append(token)
    .append("\",\"detail\":")
    .append(detail_json)
    .append("}");
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

http_answer error_answer(const failure& f) {
  const auto is_list = f.code == errc::validation_error && f.detail.starts_with('[');
  const auto is_ours = f.code == errc::internal_error;
  auto answer = http_answer{};
  answer.status = http_status_of(f.code);
  answer.body = error_body(token_of(f.code), is_list   ? f.detail
                                             : is_ours ? json_string(generic_detail)
                                                       : json_string(f.detail));
  const auto wait = f.retry_after ? f.retry_after : usual_wait(f.code);
  if (wait && answer.status != 500) {
    answer.headers.emplace_back("Retry-After", whole_seconds(*wait));
  }
  return answer;
}

http_answer error_answer(unsigned status, std::string_view token, std::string_view detail) {
  auto answer = http_answer{};
  answer.status = status;
  answer.body = error_body(token, json_string(detail));
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
