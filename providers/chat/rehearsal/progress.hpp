#pragma once
// How far a plan has come, from the tool results that are there, and what comes next.

#include "domain/run/message.hpp"
#include "providers/chat/rehearsal/plan.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace persona_runtime::rehearsal {

struct tool_outcome {
  std::string content;
  bool is_error = false;
};

/// By call_id, as next_calls() made them.
using tool_outcomes = std::map<std::string, tool_outcome, std::less<>>;

struct goal_state {
  enum class kind { pending, done, failed };
  kind state = kind::pending;
  std::string line;   // for the answer and for files: "17 % of 2,480 = 421.6"
  std::string value;  // what other goals take over: "421.6", a file's content
};

struct progress {
  std::vector<goal_state> goals;  // as in the plan
  std::vector<tool_call> calls;   // what to call now; empty: all is done or failed
};

/// Pure: the same plan, tools and outcomes give the same calls. `offered`: names of tools.
[[nodiscard]] progress next_calls(const plan& p, const std::set<std::string, std::less<>>& offered,
                                  const tool_outcomes& outcomes);

}  // namespace persona_runtime::rehearsal
