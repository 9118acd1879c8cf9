#pragma once
// The bytes of a request before its body.

#include "domain/failure.hpp"
#include "providers/http/http_client.hpp"
#include "providers/http/url.hpp"

namespace persona_runtime {

/// Request line and headers, ready to send. Adds Host, Content-Length, Accept-Encoding and, when
/// the caller gave none, User-Agent and Accept. Failure: validation_error for a method or header
/// that would break the message (CR, LF, NUL, not a token) or that is not the caller's to set.
[[nodiscard]] result<std::string> request_head(const http_request& request, const http_url& url);

}  // namespace persona_runtime
