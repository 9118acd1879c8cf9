#pragma once
// Spending caps of personas (turn, session, day), and what has been spent against them.

#include "domain/budget/ledger.hpp"
#include "domain/budget/usage.hpp"
#include "domain/persona/persona.hpp"
#include "domain/tier/tier_table.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace persona_runtime {

/// US cents; none: no cap. 0: nothing that costs something may be called.
struct spending_caps {
  std::optional<double> turn{};     // one turn of a conversation, one completion
  std::optional<double> session{};  // one conversation, one run
  std::optional<double> day{};      // one owner's persona on one UTC day
  [[nodiscard]] bool any() const { return turn || session || day; }
  friend bool operator==(const spending_caps&, const spending_caps&) = default;
};

/// What the document of a persona says.
[[nodiscard]] spending_caps caps_in(const persona_routing& routing);

/// Why nothing that is capped may be called with these tiers; none: every model has a price.
[[nodiscard]] std::optional<failure> why_no_cap_holds(const tier_table& tiers);

/// The books of what runs and turns spend. A call is reserved with its worst case before it is made
/// and counts with what it took once that is committed, so that calls side by side cannot pass a
/// cap together. Thread-safe: runs, turns and completions of one persona share it.
class spending {
public:
  /// `so_far`: today's usage by owner and persona, from the store.
  explicit spending(std::span<const usage_entry> so_far = {});
  spending(const spending&) = delete;
  spending& operator=(const spending&) = delete;

  /// What the document of a persona says now.
  void set_caps(const persona_id& persona, const spending_caps& caps);
  [[nodiscard]] spending_caps caps_of(const persona_id& persona) const;

  /// Begins an account; an older one of the same id is replaced. `own_max`: cents that this run or
  /// turn may take in all.
  void open(const run_id& run, const owner_id& owner, const persona_id& persona,
            std::optional<double> own_max, std::optional<double> day_max);
  void close(const run_id& run);

  /// Cents that the persona has cost its owner on the UTC day of `now`, where prices are known.
  [[nodiscard]] double cents_of_day(const owner_id& owner, const persona_id& persona,
                                    instant now) const;

  /// What was committed, by that run or turn; empty: by none.
  void note(std::span<const usage_entry> usage, const run_id& by);

  /// Asks `ledger` with the cents that are left under the caps (none: there are no caps), and keeps
  /// what it grants aside until the next time. Refusals name the cap that was in the way.
  using ask_ledger = std::function<budget_answer(std::optional<double> cents_left)>;
  [[nodiscard]] budget_answer reserve(const run_id& run, const budget_amount& spent, instant now,
                                      const ask_ledger& ledger);

private:
  struct account {
    std::optional<double> own_max;
    std::optional<double> day_max;
    std::optional<double> noted;  // of what it spent, in the books; none: before its first call
    double reported = 0;          // what it said it has spent
    double reserved = 0;
    [[nodiscard]] double pending() const;
  };
  using whose = std::pair<std::string, std::string>;  // owner, persona
  struct book {
    usage_day day;
    double cents = 0;
    std::uint64_t unpriced = 0;
    std::map<std::string, account> accounts;  // of what is under way
  };
  struct room {
    double left = 0;
    double cap = 0;
  };
  void add(const usage_entry& entry);
  [[nodiscard]] std::optional<room> room_of(const book& at, const account& own,
                                            const budget_amount& spent, usage_day today) const;

  mutable std::mutex mutex_;
  std::map<std::string, spending_caps> caps_;  // by persona; only those that have any
  std::map<whose, book> books_;                // bounded by the personas used since the start
  std::map<std::string, whose> by_run_;
};

using spending_ptr = std::shared_ptr<spending>;

}  // namespace persona_runtime
