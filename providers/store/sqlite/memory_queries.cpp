#include "providers/store/sqlite/memory_queries.hpp"

#include "domain/memory/chunk_json.hpp"
#include "domain/memory/terms.hpp"
#include "providers/store/sqlite/values.hpp"
#include "providers/store/sqlite/word_rank.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace persona_runtime::sqlite {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors lie in the file as in memory");

constexpr auto heads_sql =
  "select c.row, c.created_at, c.importance, c.text, v.vector from memory_chunk c"
  " left join memory_vector v on v.row = c.row"
  "  and v.embedder = (select id from memory_embedder where name = ?2)"
  " where c.place = ?1 and c.state = 1 and c.row > ?3 order by c.row limit ?4";
constexpr auto head_sql =
  "select c.row, c.created_at, c.importance, c.text, v.vector from memory_chunk c"
  " left join memory_vector v on v.row = c.row"
  "  and v.embedder = (select id from memory_embedder where name = ?2)"
  " where c.row = ?3 and c.place = ?1 and c.state = 1";
// The index gives rows in the order of their numbers, so the newest are not sorted out of all.
constexpr auto words_sql =
  "select rowid from (select rowid, memory_rank(memory_word, ?2) as rank from memory_word"
  " where memory_word match ?1 order by rowid desc limit ?4)"
  " order by rank, rowid desc limit ?3";
constexpr auto waiting_sql =
  "select w.row, c.place, c.text, s.persona, s.owner, s.user from memory_waiting w"
  " join memory_chunk c on c.row = w.row join memory_scope s on s.id = c.place / 4"
  " order by w.row limit ?1";

/// Before statements are prepared that name it.
connection& with_memory_rank(connection& db) {
  add_memory_rank(db);
  return db;
}

std::string select_chunks(const char* rest) {
  return std::string{"select "} + chunk_columns + " from memory_chunk " + rest;
}

indexed_chunk indexed_of(const cursor& row) {
  auto out = indexed_chunk{};
  out.row = row.integer(0);
  out.created_at = {row.integer(1)};
  out.importance = static_cast<float>(row.real(2));
  out.text = row.text(3);
  const auto bytes = row.text(4);
  out.vector.resize(bytes.size() / sizeof(float));
  if (!out.vector.empty())  // memcpy takes no null, not even for no bytes
    std::memcpy(out.vector.data(), bytes.data(), out.vector.size() * sizeof(float));
  return out;
}

std::vector<memory_chunk> all_of(cursor rows) {
  auto out = std::vector<memory_chunk>{};
  while (rows.next())
    out.push_back(chunk_of(rows));
  return out;
}

memory_scope scope_of(const cursor& row, int column) {
  return {{std::string{row.text(column)}},
          {std::string{row.text(column + 1)}},
          std::string{row.text(column + 2)}};
}

}  // namespace

memory_chunk chunk_of(const cursor& row) {
  auto chunk = memory_chunk{};
  chunk.id = row.text(0);
  if (auto logical_id = row.text_or_none(1)) {
    auto from = memory_provenance{};
    from.logical_id = std::move(*logical_id);
    from.version = static_cast<std::uint32_t>(row.integer(2));
    from.superseded_by = row.text_or_none(3);
    from.source = static_cast<memory_source>(row.integer(4));
    from.written_at = {row.integer(5)};
    from.written_by = row.text_or_none(6);
    from.reason = row.text_or_none(7);
    from.from_document = row.integer(8) != 0;
    // Its state says so only until it is followed, and nothing else has no text.
    from.retired = row.text(13).empty();
    chunk.provenance = std::move(from);
  }
  chunk.key = row.text(9);
  chunk.created_at = {row.integer(10)};
  chunk.content_hash = row.text(11);
  auto metadata = metadata_from_json(row.text(12));
  if (!metadata)
    throw sqlite_error{SQLITE_CORRUPT, "the metadata of memory chunk " + chunk.id + " is no JSON"};
  chunk.metadata = std::move(*metadata);
  chunk.text = row.text(13);
  return chunk;
}

std::string bytes_of(const embedding& vector) {
  auto out = std::string(vector.size() * sizeof(float), '\0');
  std::memcpy(out.data(), vector.data(), out.size());
  return out;
}

memory_queries::memory_queries(connection& db)
  : db_{with_memory_rank(db)},
    scope_{db, "select id from memory_scope where persona = ?1 and owner = ?2 and user = ?3"},
    heads_{db, heads_sql}, head_{db, head_sql}, chunk_{db, select_chunks("where row = ?1")},
    recent_{db, select_chunks("where place = ?1 and state = 1 order by created_at desc, row desc"
                              " limit ?2")},
    chain_{db, select_chunks("where place = ?1 and logical_id = ?2 order by version")},
    list_{db, select_chunks("where place = ?1 and (?2 or state = 1)"
                            " order by chain, version, row limit ?3 offset ?4")},
    words_{db, words_sql}, waiting_{db, waiting_sql} {
}

std::optional<std::int64_t> memory_queries::place_number(const memory_place& place) {
  const auto& scope = place.scope;
  auto rows = scope_.query(scope.persona.value, scope.owner.value, scope.user);
  if (!rows.next())
    return std::nullopt;
  return rows.integer(0) * 4 + static_cast<std::int64_t>(place.kind);
}

std::vector<indexed_chunk> memory_queries::read_heads(const memory_place& place,
                                                      const std::string& embedder,
                                                      std::int64_t after, std::uint32_t limit) {
  auto out = std::vector<indexed_chunk>{};
  const auto number = place_number(place);
  if (!number)
    return out;
  auto rows = heads_.query(*number, embedder, after, limit);
  while (rows.next())
    out.push_back(indexed_of(rows));
  return out;
}

std::vector<indexed_chunk> memory_queries::read_heads_of(const memory_place& place,
                                                         const std::string& embedder,
                                                         std::span<const std::int64_t> wanted) {
  auto out = std::vector<indexed_chunk>{};
  const auto number = place_number(place);
  if (!number)
    return out;
  for (const auto row : wanted) {
    if (auto rows = head_.query(*number, embedder, row); rows.next())
      out.push_back(indexed_of(rows));
  }
  std::ranges::sort(out, {}, &indexed_chunk::row);
  return out;
}

std::vector<memory_chunk> memory_queries::read_chunks(std::span<const std::int64_t> wanted) {
  auto out = std::vector<memory_chunk>{};
  for (const auto row : wanted) {
    if (auto rows = chunk_.query(row); rows.next())
      out.push_back(chunk_of(rows));
  }
  return out;
}

std::vector<memory_chunk> memory_queries::recent(const memory_place& place, std::uint32_t limit) {
  const auto number = place_number(place);
  return number && limit > 0 ? all_of(recent_.query(*number, limit)) : std::vector<memory_chunk>{};
}

std::vector<memory_chunk> memory_queries::list_chunks(const chunk_filter& filter) {
  const auto number = place_number(filter.place);
  if (!number)
    return {};
  const auto limit = std::clamp(filter.limit, 1U, 1'000U);
  return all_of(list_.query(*number, filter.with_past ? 1 : 0, limit, filter.offset));
}

std::vector<memory_chunk> memory_queries::history(const memory_place& place,
                                                  const std::string& logical_id) {
  const auto number = place_number(place);
  return number ? all_of(chain_.query(*number, logical_id)) : std::vector<memory_chunk>{};
}

std::vector<std::int64_t> memory_queries::search_words(const memory_place& place,
                                                       const word_search& what) {
  auto out = std::vector<std::int64_t>{};
  const auto number = place_number(place);
  if (!number || what.terms.empty())
    return out;
  const auto query = word_query(*number, what.terms);
  auto rows =
    words_.query(query, pointer_view{&what, word_search_type}, what.limit, scored_rows_max);
  while (rows.next())
    out.push_back(rows.integer(0));
  return out;
}

std::vector<memory_audit> memory_queries::read_audit(const persona_id& persona,
                                                     const std::optional<memory_scope>& scope,
                                                     const audit_filter& filter,
                                                     std::uint32_t limit, std::uint64_t offset) {
  auto asked =
    statement{db_, "select a.event from memory_audit a join memory_scope s on s.id = a.scope"
                   " where s.persona = ?1 and (?2 is null or (s.owner = ?2 and s.user = ?3))"
                   " and (?4 is null or a.at >= ?4) and (?5 is null or a.action = ?5)"
                   " and (?6 is null or a.source = ?6) and (?7 is null or a.store = ?7)"
                   " order by a.row limit ?8 offset ?9"};
  const auto owner = scope ? std::optional<std::string_view>{scope->owner.value} : std::nullopt;
  const auto user = scope ? std::optional<std::string_view>{scope->user} : std::nullopt;
  auto rows =
    asked.query(persona.value, owner, user, nullable(filter.since), nullable(filter.action),
                nullable(filter.source), nullable(filter.store), limit, offset);
  auto out = std::vector<memory_audit>{};
  while (rows.next()) {
    if (auto event = memory_audit_from_json(rows.text(0)))
      out.push_back(std::move(*event));
  }
  return out;
}

std::vector<memory_scope> memory_queries::list_scopes(const persona_id& persona) {
  auto asked = statement{db_, "select persona, owner, user from memory_scope where persona = ?1"
                              " order by persona, owner, user"};
  auto out = std::vector<memory_scope>{};
  auto rows = asked.query(persona.value);
  while (rows.next())
    out.push_back(scope_of(rows, 0));
  return out;
}

std::vector<memory_scope> memory_queries::list_filled_scopes() {
  auto asked = statement{db_, "select persona, owner, user from memory_scope as s where exists"
                              " (select 1 from memory_chunk where state = 1"
                              " and place in (s.id * 4 + 1, s.id * 4 + 2, s.id * 4 + 3))"};
  auto out = std::vector<memory_scope>{};
  auto rows = asked.query();
  while (rows.next())
    out.push_back(scope_of(rows, 0));
  return out;
}

std::vector<waiting_chunk> memory_queries::read_waiting(std::uint32_t limit) {
  auto out = std::vector<waiting_chunk>{};
  auto rows = waiting_.query(limit);
  while (rows.next()) {
    auto one = waiting_chunk{};
    one.row = rows.integer(0);
    one.place = {scope_of(rows, 3), static_cast<memory_store_kind>(rows.integer(1) % 4)};
    one.text = rows.text(2);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace persona_runtime::sqlite
