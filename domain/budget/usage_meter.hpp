#pragma once
// From the records of a run or a turn to what its model calls took.

#include "domain/budget/usage.hpp"
#include "domain/conversation/turn_record.hpp"
#include "domain/run/record.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

/// Counts as RunStatus does: every attempt that was sent; one that nobody settles counts with its
/// prompt, as an estimate. Give it every record in order, those of earlier incarnations too.
class usage_meter {
public:
  void note(const record& r);
  void note(const turn_record& r);

  /// What was counted since the last time, one entry per model.
  [[nodiscard]] std::vector<usage_entry> take(const owner_id& owner, const persona_id& persona,
                                              instant now);
  /// Drops it: it has been taken by an earlier incarnation.
  void forget() { counted_.clear(); }

private:
  template <class Fact>
  void on(const Fact& fact);
  void count(const std::string& model, const token_usage& usage, std::optional<double> cents);

  std::map<std::string, usage_entry> counted_;
  std::optional<fact::reserved> open_;    // of an attempt that nobody has settled yet
  std::optional<fact::reserved> beside_;  // and of its hedge
};

}  // namespace persona_runtime
