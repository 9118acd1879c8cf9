#pragma once
// BM25 with weights of the caller's: SQLite's own counts the chunks of everybody, whose number has
// nothing to do with how rare a word is among those that are searched.

#include "providers/store/sqlite/connection.hpp"

#include <span>
#include <string>

namespace persona_runtime::sqlite {

/// Makes `memory_rank(memory_word, WEIGHTS, AVERAGE_LENGTH)` known to the connection: the negative
/// score of a row, so that the best comes first. WEIGHTS is a blob of doubles, one per word of the
/// query, in its order. Throws sqlite_error.
void add_memory_rank(connection& db);

/// What the words of a chunk are kept as, and a query for any of `terms`.
[[nodiscard]] std::string words_of(std::int64_t place, std::string_view text);
[[nodiscard]] std::string word_query(std::int64_t place, std::span<const std::string_view> terms);

}  // namespace persona_runtime::sqlite
