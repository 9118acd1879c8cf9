#pragma once
// The totals of usage of a store in memory. Not thread-safe: the store locks.

#include "domain/budget/usage.hpp"

#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace persona_runtime {

class usage_totals {
public:
  void add(std::span<const usage_entry> usage);
  void spend(const conversation_id& id, std::span<const usage_entry> usage);

  [[nodiscard]] std::vector<usage_entry> list(const usage_filter& filter) const;
  [[nodiscard]] spent_cents spent(const conversation_id& id) const;

private:
  /// Day (negative: the latest first), owner, persona, model: the order of lists.
  using usage_key = std::tuple<std::int64_t, std::string, std::string, std::string>;

  std::map<usage_key, usage_entry> all_;
  std::map<std::string, spent_cents> talks_;
};

}  // namespace persona_runtime
