#pragma once
// BM25 with weights of the caller's: SQLite's own counts the chunks of everybody, whose number has
// nothing to do with how rare a word is among those that are searched.

#include "providers/store/chunk_store.hpp"
#include "providers/store/sqlite/connection.hpp"

#include <span>
#include <string>

namespace persona_runtime::sqlite {

inline constexpr auto word_search_type = "word_search";

/// Makes `memory_rank(memory_word, SEARCH)` known to the connection: the negative score of a row,
/// so that the best comes first. SEARCH is a pointer to the word_search whose terms the query has.
/// Throws sqlite_error.
void add_memory_rank(connection& db);

/// What the words of a chunk are kept as, and a query for any of the first six of `terms`.
[[nodiscard]] std::string words_of(std::int64_t place, std::string_view text);
[[nodiscard]] std::string word_query(std::int64_t place, std::span<const weighted_term> terms);

}  // namespace persona_runtime::sqlite
