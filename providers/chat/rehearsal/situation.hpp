#pragma once
// What a context says: the task, what the user answered, what the tools gave.

#include "domain/run/message.hpp"
#include "providers/chat/rehearsal/progress.hpp"

#include <string>
#include <vector>

namespace persona_runtime::rehearsal {

struct situation {
  bool in_run = false;  // the framing of a run asks for markers; a chat does without
  std::string task;
  std::vector<std::string> answers;  // to our questions, oldest first
  tool_outcomes outcomes;            // of this task only
};

/// Reads a context. In a run the first user message is the task, in a chat the last one, or an
/// earlier one that this one answers a question about.
[[nodiscard]] situation read_situation(const message_list& context);

}  // namespace persona_runtime::rehearsal
