#pragma once
// The one reading of URLs, so that a guard and the client never disagree about the host.

#include "domain/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

struct http_url {
  bool tls = false;
  std::string host;         // lower case; a name or a numeric address without brackets
  std::uint16_t port = 80;  // never 0
  std::string target;       // path and query, begins with '/'; the fragment is dropped
  std::string authority;    // what the Host header says: the port only if it is not the default
};

/// `text` is absolute, http or https, at most 8 KiB, without user information, and its host is
/// not percent-encoded. Failure: validation_error whose detail never repeats path or query.
[[nodiscard]] result<http_url> parse_http_url(std::string_view text);

}  // namespace persona_runtime
