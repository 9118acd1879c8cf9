#pragma once
// One store of one scope, held in memory: what the store for tests keeps, and what the rules are
// tried on.

#include "domain/memory/write.hpp"

#include <map>
#include <string>
#include <vector>

namespace persona_runtime {

/// Chunks in the order in which they were written. One thread.
class chain_list final : public memory_chains {
public:
  [[nodiscard]] std::vector<memory_chunk> chain(const std::string& logical_id) const override;
  [[nodiscard]] bool has_chunk(const std::string& id) const override;
  [[nodiscard]] std::vector<memory_chunk> newest() const override;
  [[nodiscard]] std::vector<memory_chunk> documented() const override;
  [[nodiscard]] std::vector<std::string> ids() const override;

  /// Carries out what decide_memory decided upon this. Gives each added chunk the next number,
  /// from `row` on, which it moves on.
  void apply(const memory_rows& rows, std::int64_t& row);

  struct entry {
    std::int64_t row = 0;  // rising, never given twice
    memory_chunk chunk;
  };
  [[nodiscard]] const std::map<std::int64_t, entry>& entries() const { return entries_; }

private:
  template <class Wanted>
  [[nodiscard]] std::vector<memory_chunk> last_of_chains(const Wanted& wanted) const;

  std::map<std::int64_t, entry> entries_;  // by row
  std::map<std::string, std::int64_t> by_id_;
  std::map<std::string, std::vector<std::int64_t>> by_chain_;
};

}  // namespace persona_runtime
