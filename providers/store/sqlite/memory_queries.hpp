#pragma once
// Reading memory: the same for the writer's connection and for readers of their own.

#include "providers/store/chunk_store.hpp"
#include "providers/store/sqlite/connection.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime::sqlite {

enum class chunk_state : std::uint8_t { past = 0, head = 1, retired = 2 };

/// Every question of chunk_reader over one connection. Throws sqlite_error. Thread: that of the
/// connection.
class memory_queries {
public:
  /// `db` must outlive this.
  explicit memory_queries(connection& db);

  /// A place's number; none when its scope was never written.
  [[nodiscard]] std::optional<std::int64_t> place_number(const memory_place& place);
  [[nodiscard]] std::vector<indexed_chunk> read_heads(const memory_place& place,
                                                      const std::string& embedder,
                                                      std::int64_t after, std::uint32_t limit);
  [[nodiscard]] std::vector<indexed_chunk> read_heads_of(const memory_place& place,
                                                         const std::string& embedder,
                                                         std::span<const std::int64_t> rows);
  [[nodiscard]] std::vector<memory_chunk> read_chunks(std::span<const std::int64_t> rows);
  [[nodiscard]] std::vector<memory_chunk> recent(const memory_place& place, std::uint32_t limit);
  [[nodiscard]] std::vector<memory_chunk> list_chunks(const chunk_filter& filter);
  [[nodiscard]] std::vector<memory_chunk> history(const memory_place& place,
                                                  const std::string& logical_id);
  [[nodiscard]] std::vector<std::int64_t> search_words(const memory_place& place,
                                                       const word_search& what);
  [[nodiscard]] std::vector<memory_audit> read_audit(const persona_id& persona,
                                                     const std::optional<memory_scope>& scope,
                                                     const audit_filter& filter,
                                                     std::uint32_t limit, std::uint64_t offset);
  [[nodiscard]] std::vector<memory_scope> list_scopes(const persona_id& persona);
  [[nodiscard]] std::vector<memory_scope> list_filled_scopes();
  [[nodiscard]] std::vector<waiting_chunk> read_waiting(std::uint32_t limit);

private:
  connection& db_;
  statement scope_;
  statement heads_;
  statement head_;
  statement chunk_;
  statement recent_;
  statement chain_;
  statement list_;
  statement words_;
  statement waiting_;
};

/// What a select of `chunk_columns` gave.
[[nodiscard]] memory_chunk chunk_of(const cursor& row);
inline constexpr auto chunk_columns =
  "id, logical_id, version, superseded_by, source, written_at, written_by, reason,"
  " from_document, key, created_at, hash, metadata, text";

[[nodiscard]] std::string bytes_of(const embedding& vector);

}  // namespace persona_runtime::sqlite
