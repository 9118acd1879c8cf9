#include "providers/store/sqlite/word_rank.hpp"

#include "domain/memory/terms.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>

namespace persona_runtime::sqlite {
namespace {

constexpr auto phrases_max = query_terms_max;

/// How often each word of the query stands in the row. @return SQLite's code
int count_hits(const Fts5ExtensionApi* fts, Fts5Context* row,
               std::array<double, phrases_max>& hits) {
  auto count = 0;
  auto code = fts->xInstCount(row, &count);
  for (auto i = 0; i < count && code == SQLITE_OK; ++i) {
    auto phrase = 0;
    auto column = 0;
    auto offset = 0;
    code = fts->xInst(row, i, &phrase, &column, &offset);
    if (static_cast<std::size_t>(phrase) < hits.size())
      hits[static_cast<std::size_t>(phrase)] += 1;
  }
  return code;
}

void memory_rank(const Fts5ExtensionApi* fts, Fts5Context* row, sqlite3_context* out, int given,
                 sqlite3_value** arguments) {
  const auto* what =
    given != 1
      ? nullptr
      : static_cast<const word_search*>(sqlite3_value_pointer(arguments[0], word_search_type));
  if (what == nullptr) {
    sqlite3_result_error(out, "memory_rank takes a word search", -1);
    return;
  }
  auto hits = std::array<double, phrases_max>{};
  if (const auto code = count_hits(fts, row, hits); code != SQLITE_OK) {
    sqlite3_result_error_code(out, code);
    return;
  }
  const auto length = what->length_of(fts->xRowid(row));
  auto score = 0.0;
  for (auto i = std::size_t{0}; i < std::min(hits.size(), what->terms.size()); ++i)
    score += term_score(what->terms[i].weight, hits[i], length, what->average_length);
  sqlite3_result_double(out, -score);
}

fts5_api* api_of(connection& db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* asked = nullptr;
  auto code = sqlite3_prepare_v2(db.raw(), "select fts5(?1)", -1, &asked, nullptr);
  if (code != SQLITE_OK)
    db.fail(code);
  sqlite3_bind_pointer(asked, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
  code = sqlite3_step(asked);
  sqlite3_finalize(asked);
  if (api == nullptr)
    throw sqlite_error{SQLITE_ERROR, "this SQLite was built without FTS5"};
  return api;
}

void append_word(std::string& out, std::int64_t place, std::string_view term) {
  out += std::to_string(place);
  out += 'z';
  out += term;
}

}  // namespace

void add_memory_rank(connection& db) {
  auto* api = api_of(db);
  const auto code = api->xCreateFunction(api, "memory_rank", nullptr, memory_rank, nullptr);
  if (code != SQLITE_OK)
    db.fail(code);
}

std::string words_of(std::int64_t place, std::string_view text) {
  auto out = std::string{};
  for (const auto& term : memory_terms(text)) {
    append_word(out, place, term);
    out += ' ';
  }
  return out;
}

std::string word_query(std::int64_t place, std::span<const weighted_term> terms) {
  auto out = std::string{};
  for (const auto& term : terms.first(std::min(terms.size(), phrases_max))) {
    out += out.empty() ? "\"" : " OR \"";
    append_word(out, place, term.term);
    out += '"';
  }
  return out;
}

}  // namespace persona_runtime::sqlite
