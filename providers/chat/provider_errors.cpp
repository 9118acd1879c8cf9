#include "providers/chat/provider_errors.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {

namespace {

constexpr std::size_t detail_bytes_max = 512;

struct code_row {
  std::string_view code;
  int status;               // when an error object in a stream has none of its own
  std::string_view reason;  // ours, or empty
};

// Codes and types that vendors document or are seen to send.
constexpr auto code_rows = std::to_array<code_row>({
  {"insufficient_quota", 429, "insufficient_quota"},
  {"insufficient_balance", 402, "insufficient_quota"},
  {"billing_hard_limit_reached", 429, "insufficient_quota"},
  {"billing_not_active", 429, "insufficient_quota"},
  {"credits_expired", 429, "credits_expired"},
  {"credit_limit_reached", 429, "insufficient_quota"},
  {"content_policy_violation", 400, "content_policy_violation"},
  {"content_filter", 400, "content_policy_violation"},
  {"context_length_exceeded", 400, "context_length_exceeded"},
  {"string_above_max_length", 400, "context_length_exceeded"},
  {"rate_limit_exceeded", 429, ""},
  {"rate_limit_error", 429, ""},
  {"requests", 429, ""},
  {"tokens", 429, ""},
  {"invalid_api_key", 401, ""},
  {"authentication_error", 401, ""},
  {"permission_error", 403, ""},
  {"permission_denied", 403, ""},
  {"model_not_found", 404, ""},
  {"not_found_error", 404, ""},
  {"invalid_request_error", 400, ""},
  {"server_error", 500, ""},
  {"internal_server_error", 500, ""},
  {"internal_error", 500, ""},
  {"api_error", 500, ""},
  {"timeout", 504, ""},
  {"service_unavailable", 503, ""},
  {"engine_overloaded", 503, ""},
  {"overloaded", 529, ""},
  {"overloaded_error", 529, ""},
});

const code_row* row_of(std::string_view code) {
  auto at =
    std::find_if(code_rows.begin(), code_rows.end(), [&](const auto& r) { return r.code == code; });
  return at == code_rows.end() ? nullptr : &*at;
}

/// The code says more than the type, when both say something.
const code_row* row_of(const error_words& words) {
  const auto* by_code = row_of(words.code);
  const auto* by_type = row_of(words.type);
  auto says_more = by_type != nullptr && !by_type->reason.empty()
                   && (by_code == nullptr || by_code->reason.empty());
  return by_code == nullptr || says_more ? by_type : by_code;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-' || c == '.' || c == '[' || c == ']';
  });
}

/// A key that an endpoint quotes in a field of its own looks like an identifier too.
bool is_key_like(std::string_view text) {
  return text.starts_with("sk-") || text.size() > 48;
}

void append_token(std::string& detail, std::string_view label, std::string_view token) {
  if (is_identifier(token) && !is_key_like(token)) {
    detail.append(" ").append(label).append("=").append(token);
  }
}

bool contains(std::string_view text, std::string_view part) {
  auto at = std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
  return at != text.end();
}

/// Endpoints without codes say it in words only.
std::string_view reason_in_words(int status, std::string_view message) {
  if (status == 402) {
    return "insufficient_quota";
  }
  if (status == 429 && contains(message, "exceeded your current quota")) {
    return "insufficient_quota";
  }
  if (status == 400
      && (contains(message, "maximum context length") || contains(message, "context window"))) {
    return "context_length_exceeded";
  }
  return {};
}

model_error_class class_of(int status) {
  switch (status) {
  case 401:
  case 403:
    return model_error_class::authentication;
  case 404:
    return model_error_class::model_not_found;
  case 402:
  case 429:
    return model_error_class::rate_limit;
  default:
    return model_error_class::provider_error;
  }
}

}  // namespace

model_error provider_error_of(std::string_view provider, std::string_view model,
                              const error_words& words) {
  const auto* row = row_of(words);
  auto error = model_error{};
  error.status = words.status == 0 && row != nullptr ? row->status : words.status;
  error.kind = class_of(error.status);
  error.reason = row != nullptr ? row->reason : std::string_view{};
  if (error.reason.empty()) {
    error.reason = reason_in_words(error.status, words.message);
  }
  if (error.status == 0) {
    error.reason = "broken_stream";
  }
  error.detail.append("provider=").append(provider);
  if (error.status != 0) {
    error.detail.append(" status=").append(std::to_string(error.status));
  }
  if (error.kind == model_error_class::model_not_found) {
    error.detail.append(" model=").append(model.substr(0, 128));
  }
  append_token(error.detail, "code", words.code);
  append_token(error.detail, "type", words.type);
  append_token(error.detail, "param", words.param);
  return error;
}

void add_headers(model_error& error, const http_response_head& head) {
  constexpr std::size_t header_bytes_max = 128;
  error.retry_after = head.header("retry-after").substr(0, header_bytes_max);
  if (!error.retry_after.empty() && error.kind == model_error_class::rate_limit) {
    error.detail.append(" retry_after_s=").append(error.retry_after);
  }
  const auto id = head.header("x-request-id");
  append_token(error.detail, "request_id", id.empty() ? head.header("request-id") : id);
}

model_error connection_error_of(std::string_view provider, const http_error& error) {
  auto mapped = model_error{};
  mapped.kind = model_error_class::backend_timeout;
  switch (error.kind) {
  case http_error_kind::bad_url:
  case http_error_kind::body_too_large:
    mapped.kind = model_error_class::provider_error;  // would be no better the second time
    break;
  case http_error_kind::protocol:
    mapped.kind = model_error_class::provider_error;
    mapped.reason = "broken_stream";
    break;
  case http_error_kind::reset:
    mapped.reason = error.response_begun ? "broken_stream" : "";
    break;
  default:
    break;
  }
  mapped.detail = "provider=" + std::string{provider} + " " + error.detail;
  mapped.detail.resize(std::min(mapped.detail.size(), detail_bytes_max));
  return mapped;
}

model_error broken_stream(std::string_view provider, std::string_view why) {
  auto error = model_error{};
  error.reason = "broken_stream";
  error.detail = "provider=" + std::string{provider} + " " + std::string{why};
  return error;
}

}  // namespace persona_runtime
