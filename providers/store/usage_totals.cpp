#include "providers/store/usage_totals.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

bool is_wanted(const usage_entry& entry, const usage_filter& filter) {
  return (!filter.owner || entry.owner == *filter.owner)
         && (!filter.persona || entry.persona == *filter.persona)
         && (!filter.from || entry.day >= *filter.from) && (!filter.to || entry.day <= *filter.to);
}

}  // namespace

void usage_totals::add(std::span<const usage_entry> usage) {
  for (const auto& more : usage) {
    auto& entry = all_[{-more.day.value, more.owner.value, more.persona.value, more.model}];
    entry.owner = more.owner;
    entry.persona = more.persona;
    entry.day = more.day;
    entry.model = more.model;
    persona_runtime::add(entry, more);
  }
}

void usage_totals::spend(const conversation_id& id, std::span<const usage_entry> usage) {
  for (const auto& more : usage) {
    auto& spent = talks_[id.value];
    spent.cents += more.cents;
    spent.unpriced += more.unpriced;
  }
}

std::vector<usage_entry> usage_totals::list(const usage_filter& filter) const {
  auto sums = std::map<usage_key, usage_entry>{};
  for (const auto& [key, entry] : all_) {
    if (!is_wanted(entry, filter))
      continue;
    auto whose = usage_entry{
      filter.by_owner ? entry.owner : owner_id{}, filter.by_persona ? entry.persona : persona_id{},
      filter.by_day ? entry.day : usage_day{}, filter.by_model ? entry.model : std::string{}};
    auto place = usage_key{-whose.day.value, whose.owner.value, whose.persona.value, whose.model};
    persona_runtime::add(sums.try_emplace(std::move(place), std::move(whose)).first->second, entry);
  }
  auto found = std::vector<usage_entry>{};
  const auto limit = std::clamp(filter.limit, 1U, 1'000U);
  auto skipped = std::uint64_t{0};
  for (auto& [key, entry] : sums) {
    if (skipped++ < filter.offset)
      continue;
    if (found.size() == limit)
      break;
    found.push_back(std::move(entry));
  }
  return found;
}

spent_cents usage_totals::spent(const conversation_id& id) const {
  const auto i = talks_.find(id.value);
  return i == talks_.end() ? spent_cents{} : i->second;
}

}  // namespace persona_runtime
