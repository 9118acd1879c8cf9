#pragma once
#include "actors/call_table.hpp"
#include "actors/engine_counters.hpp"
#include "messages/call_messages.hpp"
#include "providers/tools/tool_body.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <set>

namespace persona_runtime {

struct tool_deps {
  std::shared_ptr<tool_body> body;
  std::size_t running_max = 10'000;
  std::function<instant()> now;
  std::function<std::string(const owner_id&, const persona_id&)> workspace_of;
  /// Counts a result as a tool message and shortens it to that many tokens for the context, if it
  /// is longer. Called on the body's thread.
  std::function<void(tool_replied&, std::uint64_t tokens_max)> measure;
  std::shared_ptr<engine_counters> counters;
};

struct tool_life : stays_here {
  static inline const char* name = "tool_executor";
  tool_deps deps;
  struct call {
    tool_caller asker;
    instant deadline;
  };
  call_table<call> calls;
  std::set<std::pair<instant, call_key>> deadlines;  // of the running calls
  bool ticking = false;
};

/// Admits, starts, times out and cancels the calls of one tool; the body runs elsewhere.
///
/// Spawned by: bootstrap, one per tool.
/// Thread:     CAF pool; never blocks. The body's callbacks send messages here.
/// Sends:      tool_replied to whoever asked; a call that it does not admit, or that takes too
///             long, is a tool error, which the model sees, never an error of the run.
/// Dies:       on an exit message; calls under way are cancelled.
tool_executor_actor::behavior_type
tool_executor_behavior(tool_executor_actor::stateful_pointer<tool_life> self, tool_deps deps);

}  // namespace persona_runtime
