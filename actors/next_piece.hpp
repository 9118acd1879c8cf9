#pragma once
#include "actors/live_text.hpp"
#include "domain/conversation/turn_decide.hpp"

#include <optional>

namespace persona_runtime {

/// What the live text of the call under way has beyond what the turn has shown, in whole
/// characters; none: nothing, or it is another call's. Its next growth is told.
[[nodiscard]] std::optional<text_arrived> next_piece(live_registry& live, const turn_state& turn);

}  // namespace persona_runtime
