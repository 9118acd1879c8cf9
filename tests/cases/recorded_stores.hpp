#pragma once
// The recorded stores: a query answers the first seeds in file order, whatever is asked; `recent`
// the newest by creation; what turns leave behind is written "now", after all seeds.

#include "domain/conversation/ambiguity.hpp"
#include "domain/memory/episode.hpp"
#include "domain/memory/recall.hpp"

#include <boost/json.hpp>

#include <vector>

namespace persona_runtime::test {

/// The store_write row of a chunk that was written.
[[nodiscard]] boost::json::object write_row(const persona_id& persona, const memory_chunk& chunk);

class recorded_stores {
public:
  /// Facts and views are the author's; episodes the system's.
  explicit recorded_stores(const boost::json::object& scenario);

  /// What a turn is reminded of by them; `rows` gets the store_query and store_recent rows.
  [[nodiscard]] recalled_memory recall(const recall_request& what, boost::json::array& rows) const;

  /// The store_write row of an episode, whose ULID is shown as "<ulid>" (D-14).
  [[nodiscard]] boost::json::object write(const memory_request& episode);

  /// What the persona has learned of its autonomy: the head of its chain of self facts.
  [[nodiscard]] std::optional<learned_autonomy> learned() const;

private:
  [[nodiscard]] std::vector<memory_chunk> alike(const std::vector<memory_chunk>& seeds,
                                                const recall_request& what, std::uint32_t k) const;
  [[nodiscard]] std::vector<memory_chunk> newest(const recall_request& what, std::uint32_t k) const;

  std::vector<memory_chunk> identity_;
  std::vector<memory_chunk> self_facts_;
  std::vector<memory_chunk> worldview_;
  std::vector<memory_chunk> episodic_;  // seeds
  std::vector<memory_chunk> written_;
};

}  // namespace persona_runtime::test
