#pragma once
// Chains of versions: whether one is whole.

#include "domain/memory/write.hpp"

#include <span>

namespace persona_runtime {

/// None: every version has provenance, one logical id, versions 1..n in order without gaps, each
/// linked to the next, the last linked to none. An empty chain is whole. The refusal names the
/// fault.
[[nodiscard]] std::optional<memory_refusal> check_memory_chain(std::span<const memory_chunk> chain);

}  // namespace persona_runtime
