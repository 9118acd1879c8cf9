#pragma once
// Who may write what (persona-tools §4.2).

#include "domain/memory/write.hpp"

namespace persona_runtime {

enum class memory_rule : std::uint8_t { reject, force_only, accept };

[[nodiscard]] memory_rule memory_rule_for(memory_store_kind kind, memory_source source);

/// Whether versions are kept: everywhere but in identity.
[[nodiscard]] bool is_versioned(memory_store_kind kind);

/// None: allowed. `written` is the metadata of every chunk that would be written: of the persona's
/// own writes `confidence` must be at least 0.8 (self_facts), `epistemic` not blank (worldview).
[[nodiscard]] std::optional<memory_refusal>
judge_memory_write(memory_store_kind kind, const memory_author& author,
                   const std::vector<const memory_metadata*>& written);

}  // namespace persona_runtime
