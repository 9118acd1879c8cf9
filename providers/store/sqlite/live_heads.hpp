#pragma once
// Where the journals of live runs end: known to the writer before the database says so.

#include "providers/store/append_rule.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace persona_runtime::sqlite {

/// The end of one run's chain.
struct chain {
  std::int64_t accepted = 0;  // acceptance number: the run's name in the tables
  std::int64_t head = 0;      // row of its newest append; 0: none
  std::int64_t unsaved_since =
    0;                        // first row that the run's own row does not know; 0: it knows all
  std::uint32_t unsaved = 0;  // how many such rows
  bool terminal = false;
  journal_end end;
};

/// Chains of runs without a terminal status, as committed. The writer changes them after each
/// commit; readers look one up at a time. The lock is held for one look-up or one batch's changes.
class live_heads {
public:
  using map = std::unordered_map<std::string, chain>;  // by run id

  /// For readers, any thread.
  [[nodiscard]] std::optional<std::int64_t> head_of(const run_id& run) const {
    const auto guard = std::lock_guard{lock_};
    const auto i = chains_.find(run.value);
    return i == chains_.end() ? std::nullopt : std::optional{i->second.head};
  }

  /// For the writer's thread, which is the only one that changes anything: no lock needed.
  [[nodiscard]] const chain* find(const std::string& run) const {
    const auto i = chains_.find(run);
    return i == chains_.end() ? nullptr : &i->second;
  }
  [[nodiscard]] const map& all() const { return chains_; }

  /// Takes over what a commit changed; runs that have ended are forgotten.
  void publish(const map& changed) {
    const auto guard = std::lock_guard{lock_};
    for (const auto& [run, now] : changed) {
      if (now.terminal) {
        chains_.erase(run);
      } else {
        chains_.insert_or_assign(run, now);
      }
    }
  }

private:
  mutable std::mutex lock_;
  map chains_;
};

}  // namespace persona_runtime::sqlite
