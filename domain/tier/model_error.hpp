#pragma once
// How a model call fails, in the classes that decide what happens next (spec routing §4).

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

enum class model_error_class : std::uint8_t {
  backend_timeout = 1,   // connect, first token, between tokens, or the connection was lost
  rate_limit,            // 429, or 402 with reason insufficient_quota
  authentication,        // 401, 403
  model_not_found,       // 404
  credential_missing,    // no key where one is needed; nothing was sent
  vision_not_supported,  // an image for a model that cannot see
  provider_error,        // everything else; `status` decides
};

/// "BackendTimeoutError", "RateLimitError", … as the reference and `fell_over` events call them.
[[nodiscard]] std::string_view class_name(model_error_class c);

struct model_error {
  model_error_class kind = model_error_class::provider_error;
  int status = 0;             // HTTP status, 0 when there was none
  std::string reason;         // insufficient_quota | credits_expired | content_policy_violation |
                              // broken_stream | context_length_exceeded | empty |
                              // not_sent (the provider has not heard of the call)
  std::string retry_after;    // as the provider sent it: seconds, fraction or HTTP date; or empty
  std::string detail;         // for logs and `error` events; at most 512 bytes, no key, no prompt
  bool output_begun = false;  // something had arrived before it failed
  friend bool operator==(const model_error&, const model_error&) = default;
};

/// What `error` events call it: "rate_limited", "provider_auth_failed", …
[[nodiscard]] std::string_view event_kind(const model_error& e);

/// What they say of it: class, model ("provider/model"), status where there was one, and detail.
[[nodiscard]] std::string event_text(const model_error& e, std::string_view model);

/// A call that was never sent, and why.
[[nodiscard]] model_error not_sent(model_error_class kind, std::string detail);
[[nodiscard]] bool is_not_sent(const model_error& e);

/// Like failure's: lets value() throw; production code tests first.
[[noreturn]] void throw_exception_from_error(const model_error& e, const boost::source_location&);

template <class T>
using model_result = boost::system::result<T, model_error>;

}  // namespace persona_runtime
