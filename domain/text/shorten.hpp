#pragma once
// Making texts shorter without breaking a character, and saying what was left out.

#include "domain/text/tokenizer.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace persona_runtime {

/// `text` when it has at most `tokens_max` tokens. Else its beginning and end around a note of how
/// many bytes and tokens were left out; the result never has more than `tokens_max` tokens (just
/// the note, or a part of it, when there is room for nothing else). Counts the text about four
/// times, however long it is.
[[nodiscard]] std::string shorten_middle(std::string_view text, std::size_t tokens_max,
                                         const tokenizer& counter);

/// `text` when it has at most `bytes_max` bytes. Else its beginning and a note of how many bytes
/// were left out, together at most `bytes_max` (without the note where that has no room).
[[nodiscard]] std::string cut(std::string_view text, std::size_t bytes_max);

}  // namespace persona_runtime
