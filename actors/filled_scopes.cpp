#include "actors/filled_scopes.hpp"

#include <functional>

namespace persona_runtime {
namespace {

std::size_t mixed(std::size_t seed, const std::string& text) {
  // Fibonacci hashing's constant spreads what earlier parts gave.
  return (seed ^ std::hash<std::string>{}(text)) * 0x9E3779B97F4A7C15ULL;
}

std::size_t hash_of(const memory_scope& scope) {
  const auto all = mixed(mixed(mixed(1, scope.persona.value), scope.owner.value), scope.user);
  return all >> 32U;
}

}  // namespace

void filled_scopes::add(const memory_scope& scope) {
  const auto bit = hash_of(scope) % bits;
  filled_.at(bit / 64).fetch_or(std::uint64_t{1} << bit % 64, std::memory_order_relaxed);
}

void filled_scopes::add(std::span<const memory_outcome> changes) {
  for (const auto& change : changes) {
    if (!change.added.empty() && change.place.kind != memory_store_kind::identity)
      add(change.place.scope);
  }
}

void filled_scopes::add_all() {
  for (auto& each : filled_)
    each.store(~std::uint64_t{0}, std::memory_order_relaxed);
}

bool filled_scopes::may_answer(const recall_request& what) const {
  return what.with_identity || may_hold(what.scope) || may_hold(shared_scope(what.scope.persona));
}

bool filled_scopes::may_hold(const memory_scope& scope) const {
  const auto bit = hash_of(scope) % bits;
  return (filled_.at(bit / 64).load(std::memory_order_relaxed) >> bit % 64 & 1U) != 0;
}

}  // namespace persona_runtime
