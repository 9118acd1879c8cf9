#pragma once
// How a text falls into the pieces that are encoded one by one. The same borders as cl100k_base's
// regular expression as of tiktoken 0.9 draws them, without a regular expression.

#include <cstddef>
#include <string_view>

namespace persona_runtime {

/// The end of the piece that begins at `begin`, which is below text.size(). Bytes that are not
/// UTF-8 count as characters that are neither letter, number nor space. Linear in the piece.
[[nodiscard]] std::size_t piece_end(std::string_view text, std::size_t begin);

}  // namespace persona_runtime
