#pragma once
// What the stand-in says. Always says what it is.

#include "providers/chat/rehearsal/progress.hpp"

#include <string>

namespace persona_runtime::rehearsal {

/// Before the first tool calls: who speaks, and the plan.
[[nodiscard]] std::string opening(const plan& p);

/// The answer, without marker: results, what failed, what was not understood.
[[nodiscard]] std::string closing(const plan& p, const progress& at);

/// A few sentences on a conversation that is too long to keep. `context` as the summary call
/// renders it.
[[nodiscard]] std::string summary_of(std::string_view context);

}  // namespace persona_runtime::rehearsal
