#pragma once

#include <optional>
#include <string_view>

namespace persona_runtime {

/// The English name of the language that a tag such as "nb", "de-CH" or " FRA " asks replies to
/// be in. None for English and for what is not known: then nothing is ordered.
[[nodiscard]] std::optional<std::string_view> ordered_language(std::string_view tag);

}  // namespace persona_runtime
