#pragma once
// What a run's system message says of what was recalled, beside what its persona's document says
// there anyway.

#include "domain/memory/recall.hpp"
#include "domain/prompt/prompt_texts.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Why a store's count in a memory_recall event is not all there is: "unavailable", "words_only",
/// or empty.
[[nodiscard]] std::string why_degraded(const recalled_memory& memory, memory_store_kind store);

/// Sections of what `floor` does not say yet, each chunk cut at 4,000 bytes; what its author did
/// not write stands in an envelope. Empty: nothing is left. `nonce` is asked only for an envelope.
[[nodiscard]] std::string reminder_text(const recalled_memory& memory, std::string_view floor,
                                        const floor_texts& texts,
                                        const std::function<std::string()>& nonce);

}  // namespace persona_runtime
