#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Appends the bytes in the standard alphabet of RFC 4648, with padding.
void append_base64(std::string& out, std::string_view bytes);

/// The bytes of a padded text in the standard alphabet, without line breaks or stray bits. None:
/// it is no such text.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace persona_runtime
