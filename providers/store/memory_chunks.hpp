#pragma once
// Memory that is forgotten with the process: the same questions and changes as in the database.

#include "domain/memory/chain_list.hpp"
#include "providers/store/chunk_store.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace persona_runtime {

/// No lock of its own: whoever holds it has one.
class memory_chunks {
public:
  memory_outcome write(const memory_request& request);
  void put_vectors(const std::string& embedder, std::span<const chunk_vector> vectors);
  std::uint64_t queue_all_but(const std::string& embedder);
  memory_purged purge(const memory_purge& what);
  [[nodiscard]] std::vector<memory_outcome> take_changes() { return std::exchange(changes_, {}); }

  [[nodiscard]] std::vector<indexed_chunk> heads(const memory_place& place,
                                                 const std::string& embedder) const;
  [[nodiscard]] std::vector<memory_chunk> chunks(std::span<const std::int64_t> rows) const;
  [[nodiscard]] std::vector<memory_chunk> recent(const memory_place& place,
                                                 std::uint32_t limit) const;
  [[nodiscard]] std::vector<memory_chunk> list(const chunk_filter& filter) const;
  [[nodiscard]] std::vector<memory_chunk> history(const memory_place& place,
                                                  const std::string& logical_id) const;
  [[nodiscard]] std::vector<std::int64_t> search_words(const memory_place& place,
                                                       const word_search& what) const;
  [[nodiscard]] std::vector<memory_audit> audit(const persona_id& persona,
                                                const std::optional<memory_scope>& scope,
                                                const audit_filter& filter, std::uint32_t limit,
                                                std::uint64_t offset) const;
  [[nodiscard]] std::vector<memory_scope> scopes(const persona_id& persona) const;
  [[nodiscard]] std::vector<memory_scope> filled_scopes() const;
  [[nodiscard]] std::vector<waiting_chunk> waiting(std::uint32_t limit) const;

private:
  struct kept_vector {
    std::string embedder;
    embedding vector;
  };

  [[nodiscard]] const chain_list::entry* find(std::int64_t row) const;
  void follow(const memory_place& place, const std::vector<std::int64_t>& heads_before,
              memory_outcome& outcome);
  void forget_rows(const memory_place& place);

  std::map<memory_place, chain_list> places_;
  std::int64_t next_row_ = 1;
  std::map<std::int64_t, kept_vector> vectors_;  // of heads
  std::set<std::int64_t> waiting_;
  std::vector<memory_audit> audits_;
  std::set<memory_scope> scopes_;
  std::vector<memory_outcome> changes_;
};

}  // namespace persona_runtime
