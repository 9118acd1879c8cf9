#pragma once
// URLs as people, models and pages write them.

#include "domain/failure.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// Without blanks around it and without fragment; bytes that a URL may not hold (blanks, UTF-8,
/// quotes, brackets behind the host) are percent-encoded. Checks nothing.
[[nodiscard]] std::string tidy_url(std::string_view text);

/// `reference`, as in a Location header or a link, seen from the absolute URL `base`
/// (RFC 3986 §5.2). Failure: validation_error, without the URL's text.
[[nodiscard]] result<std::string> resolve_url(std::string_view base, std::string_view reference);

}  // namespace persona_runtime
