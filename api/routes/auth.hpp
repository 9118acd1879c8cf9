#pragma once
// Who asks, and whether a web page elsewhere may be behind it.

#include "api/api_settings.hpp"
#include "api/backend.hpp"
#include "api/http/http_answer.hpp"
#include "api/http/http_request.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace persona_runtime::api {

/// Knows the keys. Immutable; any thread.
class authenticator {
public:
  /// Fails with validation_error when a hash is not 64 hex digits.
  [[nodiscard]] static result<authenticator> of(const std::vector<api_key>& keys);

  [[nodiscard]] bool has_keys() const { return !keys_.empty(); }

  /// The caller behind an Authorization header ("Bearer KEY"). Without keys everybody is the
  /// admin "local-owner". None: no key, or none of ours. The time does not depend on which key
  /// it is.
  [[nodiscard]] std::optional<caller>
  caller_of(const std::optional<std::string>& authorization) const;

private:
  struct known_key {
    std::array<unsigned char, 32> hash;
    caller who;
  };
  std::vector<known_key> keys_;
};

/// 401 with its challenge.
[[nodiscard]] http_answer unauthenticated_answer();

/// Without keys only the browser's own rules stand between a web page elsewhere and this server:
/// the Host must be a loopback name or address (a page may point its own name at 127.0.0.1), a
/// body must be application/json and a foreign Origin is refused (a page may post forms). The
/// refusal, or none.
[[nodiscard]] std::optional<http_answer>
refuse_foreign_page(const http_request& request, bool needs_json,
                    const std::vector<std::string>& origins);

/// "localhost", "127.0.0.1:8080", "[::1]:80", …
[[nodiscard]] bool is_loopback_host(std::string_view host);

/// "application/json", also with parameters.
[[nodiscard]] bool is_json_type(std::string_view content_type);

}  // namespace persona_runtime::api
