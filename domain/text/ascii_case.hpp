#pragma once
// Letters of ASCII in one case, for names that protocols and settings compare without it. Other
// characters stay as they are; append_folded() is for people's words.

#include <string>
#include <string_view>

namespace persona_runtime {

/// Whether both are the same but for the case of letters.
[[nodiscard]] bool ascii_equal(std::string_view a, std::string_view b);

[[nodiscard]] std::string ascii_lower(std::string_view text);
[[nodiscard]] std::string ascii_upper(std::string_view text);

}  // namespace persona_runtime
