#pragma once
// What is remembered of a talk or a task when it is over (persona-tools §7).

#include "domain/memory/write.hpp"

#include <string>
#include <vector>

namespace persona_runtime {

/// One finished chat turn: "USER: …", line feed, "ASSISTANT: …", importance 0.5, written by the
/// system as `runtime.loop`. Long texts are cut, each side keeping its beginning, so that the chunk
/// stays within 16 KiB. `ulid` names the chunk.
[[nodiscard]] memory_request turn_episode(const memory_scope& talk, const std::string& user_text,
                                          const std::string& answer, const std::string& ulid,
                                          instant now);

/// Takes out what is remembered of turns: `ids` are those of their episodes.
[[nodiscard]] memory_request forget_episodes(const memory_scope& talk, std::vector<std::string> ids,
                                             instant now);

/// What is remembered of a finished run.
struct run_outcome {
  std::string run_id;
  std::string task;
  std::string output;
  std::vector<std::string> tools_used{};  // in any order, repeats too
  std::uint32_t steps = 0;
  std::string status;
};

/// One finished run: "TASK: …", blank line, "OUTCOME: …"; metadata source `agentic_run`, run_id,
/// task, tools_used (sorted, joined by commas), steps, status; written by `agentic.run`.
[[nodiscard]] memory_request run_episode(const memory_scope& talk, const run_outcome& outcome,
                                         const std::string& ulid, instant now);

}  // namespace persona_runtime
