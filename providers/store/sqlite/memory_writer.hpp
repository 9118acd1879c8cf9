#pragma once
// Writing memory inside transactions of the store: what domain/memory decides, row by row.

#include "providers/store/chunk_store.hpp"
#include "providers/store/sqlite/connection.hpp"
#include "providers/store/sqlite/memory_queries.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime::sqlite {

/// Throws sqlite_error; then the owner rolls back and calls forget().
class memory_writer {
public:
  /// Both must outlive this.
  memory_writer(connection& db, memory_queries& queries);

  /// One request inside the transaction under way.
  memory_outcome write(const memory_request& request);
  void put_vectors(const std::string& embedder, std::span<const chunk_vector> vectors);
  std::uint64_t queue_all_but(const std::string& embedder);
  /// Takes rows out of the tables; their words stay in the word index until merge_words() says
  /// that it is done.
  memory_purged purge(const memory_purge& what);
  /// A part of the work of writing the word index anew, inside a transaction; true: all done.
  bool merge_words();

  /// After the commit and after a rollback.
  void publish();
  void forget() { pending_.clear(); }
  [[nodiscard]] std::vector<memory_outcome> take_changes();

private:
  class chains;
  [[nodiscard]] std::int64_t scope_number(const memory_scope& scope);
  void carry_out(const memory_rows& rows, std::int64_t place, memory_outcome& outcome);
  void remove(std::int64_t place, const std::string& id, memory_outcome& outcome);
  void link(std::int64_t place, const memory_link& link, memory_outcome& outcome);
  void add(std::int64_t place, const memory_chunk& chunk, memory_outcome& outcome);
  void find_words_no_more(std::int64_t row);
  void note(const memory_audit& event);
  [[nodiscard]] std::int64_t embedder_number(const std::string& name);
  std::uint64_t purge_scope(std::int64_t scope);

  connection& db_;
  memory_queries& queries_;
  std::vector<memory_outcome> pending_;  // of the transaction under way
  std::vector<memory_outcome> changes_;  // committed, not yet asked for

  statement insert_scope_;
  statement find_chunk_;
  statement find_chain_;
  statement insert_chunk_;
  statement insert_words_;
  statement insert_waiting_;
  statement link_chunk_;
  statement delete_chunk_;
  statement delete_words_;
  statement delete_vector_;
  statement delete_waiting_;
  statement insert_audit_;
  statement insert_vector_;
  statement newest_chunk_;
  statement insert_embedder_;
  statement find_embedder_;
};

}  // namespace persona_runtime::sqlite
