#pragma once
// The embedder that needs no model: words and pieces of words, hashed. It knows spelling, not
// meaning: it finds other forms of a word and misspelt ones, never a synonym.

#include "providers/embed/embedder.hpp"

#include <memory>
#include <string_view>

namespace persona_runtime {

inline constexpr auto hashed_dimension = std::size_t{256};

/// Deterministic on every machine: every word, its beginning, its pieces of 3 to 5 characters
/// and every pair of neighbouring words add or subtract a weight at a place that their hash names.
/// A text is read up to 8 KiB. About 10 µs for a sentence.
[[nodiscard]] embedding hashed_vector(std::string_view text);

/// "hashed-1/256"
[[nodiscard]] std::shared_ptr<embedder> make_hashed_embedder();

}  // namespace persona_runtime
