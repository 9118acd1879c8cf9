#include "actors/spending.hpp"

#include <algorithm>

namespace persona_runtime {

spending_caps caps_in(const persona_routing& routing) {
  return {routing.cents_per_turn_max, routing.cents_per_session_max, routing.cents_per_day_max};
}

std::optional<failure> why_no_cap_holds(const tier_table& tiers) {
  for (const auto& tier : tiers.tiers) {
    for (const auto& model : tier.members) {
      if (!model.price)
        return failure{errc::validation_error, "the persona has a spending cap, and the price of "
                                                 + model.label()
                                                 + " is not known, so its cost cannot be bounded"};
    }
  }
  return std::nullopt;
}

double spending::account::pending() const {
  return reserved + std::max(0.0, reported - noted.value_or(reported));
}

spending::spending(std::span<const usage_entry> so_far) {
  for (const auto& entry : so_far)
    add(entry);
}

void spending::set_caps(const persona_id& persona, const spending_caps& caps) {
  const auto lock = std::lock_guard{mutex_};
  if (caps.any())
    caps_[persona.value] = caps;
  else
    caps_.erase(persona.value);
}

spending_caps spending::caps_of(const persona_id& persona) const {
  const auto lock = std::lock_guard{mutex_};
  const auto i = caps_.find(persona.value);
  return i == caps_.end() ? spending_caps{} : i->second;
}

void spending::open(const run_id& run, const owner_id& owner, const persona_id& persona,
                    std::optional<double> own_max, std::optional<double> day_max) {
  const auto lock = std::lock_guard{mutex_};
  const auto key = whose{owner.value, persona.value};
  by_run_.insert_or_assign(run.value, key);
  auto fresh = account{};
  fresh.own_max = own_max;
  fresh.day_max = day_max;
  books_[key].accounts.insert_or_assign(run.value, fresh);
}

void spending::close(const run_id& run) {
  const auto lock = std::lock_guard{mutex_};
  const auto i = by_run_.find(run.value);
  if (i == by_run_.end())
    return;
  books_.at(i->second).accounts.erase(run.value);
  by_run_.erase(i);
}

double spending::cents_of_day(const owner_id& owner, const persona_id& persona, instant now) const {
  const auto lock = std::lock_guard{mutex_};
  const auto i = books_.find({owner.value, persona.value});
  return i != books_.end() && i->second.day == day_of(now) ? i->second.cents : 0.0;
}

void spending::add(const usage_entry& entry) {
  auto& at = books_[{entry.owner.value, entry.persona.value}];
  if (entry.day < at.day)
    return;
  if (entry.day > at.day) {
    at.day = entry.day;
    at.cents = 0;
    at.unpriced = 0;
  }
  at.cents += entry.cents;
  at.unpriced += entry.unpriced;
}

void spending::note(std::span<const usage_entry> usage, const run_id& by) {
  const auto lock = std::lock_guard{mutex_};
  for (const auto& entry : usage) {
    add(entry);
    auto& accounts = books_.at({entry.owner.value, entry.persona.value}).accounts;
    if (const auto own = accounts.find(by.value); own != accounts.end() && own->second.noted)
      *own->second.noted += entry.cents;
  }
}

std::optional<spending::room> spending::room_of(const book& at, const account& own,
                                                const budget_amount& spent, usage_day today) const {
  auto found = std::optional<room>{};
  if (own.own_max)
    found = room{*own.own_max - spent.cents.value_or(*own.own_max), *own.own_max};
  if (!own.day_max)
    return found;
  auto used = at.day == today ? at.cents : 0.0;
  for (const auto& [run, each] : at.accounts)
    used += &each == &own ? each.pending() - each.reserved : each.pending();
  const auto is_known = at.day != today || at.unpriced == 0;
  const auto of_day = room{is_known ? *own.day_max - used : 0.0, *own.day_max};
  return found && found->left <= of_day.left ? found : of_day;
}

budget_answer spending::reserve(const run_id& run, const budget_amount& spent, instant now,
                                const ask_ledger& ledger) {
  const auto lock = std::lock_guard{mutex_};
  const auto i = by_run_.find(run.value);
  if (i == by_run_.end())
    return ledger(std::nullopt);
  auto& at = books_.at(i->second);
  auto& own = at.accounts.at(run.value);
  own.reported = spent.cents.value_or(own.reported);
  if (!own.noted)
    own.noted = own.reported;  // what an earlier process spent is in the books already
  const auto found = room_of(at, own, spent, day_of(now));
  auto answer = ledger(found ? std::optional{std::max(0.0, found->left)} : std::nullopt);
  if (const auto* grant = std::get_if<budget_grant>(&answer)) {
    own.reserved = grant->amount.cents.value_or(0);
    return answer;
  }
  own.reserved = 0;
  auto& refusal = std::get<budget_refusal>(answer);
  const auto of_run = spent.cents.value_or(0) + (found ? found->left : 0);
  if (found && refusal.kind == budget_kind::cost_cents && refusal.limit >= of_run - 1e-9) {
    refusal.limit = found->cap;
    refusal.used = std::max(0.0, found->cap - found->left);
  }
  return answer;
}

}  // namespace persona_runtime
