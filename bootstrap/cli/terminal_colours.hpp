#pragma once
// Parameters of the terminal's "select graphic rendition" (ECMA-48, SGR).

#include <string_view>

namespace persona_runtime::cli::sgr {

inline constexpr std::string_view bold = "1";
inline constexpr std::string_view dim = "2";
inline constexpr std::string_view red = "31";
inline constexpr std::string_view green = "32";
inline constexpr std::string_view yellow = "33";
inline constexpr std::string_view cyan = "36";

}  // namespace persona_runtime::cli::sgr
