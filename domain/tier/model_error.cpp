#include "domain/tier/model_error.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace persona_runtime {

std::string_view class_name(model_error_class c) {
  static constexpr auto names = std::array<std::string_view, 8>{
    "",
    "BackendTimeoutError",
    "RateLimitError",
    "AuthenticationError",
    "ModelNotFoundError",
    "ProviderCredentialMissingError",
    "BackendVisionNotSupportedError",
    "ProviderError",
  };
  return names.at(static_cast<std::size_t>(c));
}

std::string_view event_kind(const model_error& e) {
  switch (e.kind) {
  case model_error_class::rate_limit:
    return "rate_limited";
  case model_error_class::authentication:
  case model_error_class::credential_missing:
    return "provider_auth_failed";
  case model_error_class::model_not_found:
    return "model_not_found";
  case model_error_class::vision_not_supported:
    return "vision_not_supported";
  case model_error_class::provider_error:
    return e.reason == "context_length_exceeded" ? "context_overflow" : "provider_error";
  case model_error_class::backend_timeout:
    break;
  }
  return "provider_unavailable";
}

std::string event_text(const model_error& e, std::string_view model) {
  auto text = std::string{class_name(e.kind)}.append(" of ").append(model);
  if (e.status != 0)
    text += " (status " + std::to_string(e.status) + ")";
  return e.detail.empty() ? text : text + ": " + e.detail;
}

model_error not_sent(model_error_class kind, std::string detail) {
  auto error = model_error{};
  error.kind = kind;
  error.reason = "not_sent";
  error.detail = std::move(detail);
  return error;
}

bool is_not_sent(const model_error& e) {
  return e.reason == "not_sent";
}

void throw_exception_from_error(const model_error& e, const boost::source_location&) {
  throw std::logic_error("unchecked model error: " + e.detail);
}

}  // namespace persona_runtime
