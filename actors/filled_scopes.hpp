#pragma once
#include "domain/memory/outcome.hpp"
#include "domain/memory/recall.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

namespace persona_runtime {

/// Whether there may be something to recall, so that memory need not be asked by talks that it has
/// nothing for. May err on the side of asking, never on the other: a scope that got something
/// counts as filled for as long as the process lives, and so does every other that shares its bit
/// (one in ten where 100,000 scopes are filled). 128 KiB, whatever is added. Thread-safe; who has
/// been told of a write finds it here.
class filled_scopes {
public:
  void add(const memory_scope& scope);
  /// What a change has put anywhere but into an identity.
  void add(std::span<const memory_outcome> changes);
  /// Nobody knows: every scope is.
  void add_all();

  /// Whether a recall would find anything. How much of an identity there is does not tell.
  [[nodiscard]] bool may_answer(const recall_request& what) const;

private:
  static constexpr auto bits = std::size_t{1} << 20U;
  using word = std::atomic<std::uint64_t>;

  [[nodiscard]] bool may_hold(const memory_scope& scope) const;

  std::array<word, bits / 64> filled_{};
};

using filled_scopes_ptr = std::shared_ptr<filled_scopes>;

}  // namespace persona_runtime
