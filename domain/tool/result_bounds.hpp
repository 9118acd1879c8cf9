#pragma once
// The bounds that every tool result is brought within before anybody else sees it.

#include "domain/run/message.hpp"

#include <cstddef>
#include <string_view>

namespace persona_runtime {

constexpr std::size_t tool_result_bytes_max = 256 * 1024;
constexpr std::size_t tool_data_bytes_max = 256 * 1024;
constexpr std::size_t tool_metadata_count_max = 64;
constexpr std::size_t tool_artifacts_max = 256;

/// `result` within these bounds and as well-formed UTF-8. Content that is too long is cut, note
/// included, to the bound, and `truncated` is set. Data that is too long is no JSON any more when
/// cut, so it is left out and a `data_left_out` entry in the metadata says so.
[[nodiscard]] tool_result bounded(tool_result result);

/// An error result with this text.
[[nodiscard]] tool_result error_result(std::string text);

}  // namespace persona_runtime
