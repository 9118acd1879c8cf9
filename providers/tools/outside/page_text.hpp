#pragma once
// From a page's bytes to text.

#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

/// A Content-Type header taken apart, in lower case.
struct content_type {
  std::string type;     // "text/html"; empty when there was none
  std::string charset;  // "utf-8"; empty when not named
};

[[nodiscard]] content_type parse_content_type(std::string_view header);

enum class page_form : std::uint8_t { html, text, other };

/// By the type; without one by the first bytes (a NUL byte: other).
[[nodiscard]] page_form form_of(const content_type& type, std::string_view body);

/// Well-formed UTF-8. Latin-1 and its relative windows-1252, when the header or, in HTML, a meta
/// element near the beginning names them, are converted; everything else is read as UTF-8 and
/// repaired. A byte order mark is dropped and outranks every name.
[[nodiscard]] std::string decode_page(std::string_view body, const content_type& type,
                                      page_form form);

}  // namespace persona_runtime
