#pragma once
// Plain counters that actors raise and /metrics reads. Any thread; no order between them.

#include <atomic>
#include <cstdint>

namespace persona_runtime {

struct engine_counters {
  using counter = std::atomic<std::uint64_t>;

  counter runs_started{0};
  counter runs_completed{0};
  counter runs_cancelled{0};
  counter runs_max_steps{0};
  counter runs_budget_exhausted{0};
  counter runs_error{0};
  counter runs_resumed{0};
  counter run_crashes{0};
  counter runs_live{0};    // gauge
  counter runs_queued{0};  // gauge
  counter steps_granted{0};
  counter steps_refused{0};
  counter model_calls{0};
  counter model_failures{0};
  counter model_calls_open{0};  // gauge
  counter hedges_started{0};    // second attempts beside one that had not begun to answer
  counter hedges_won{0};        // and answered first
  counter models_opened{0};     // models that were left alone
  counter models_closed{0};     // and answered again
  counter tool_calls{0};
  counter tool_errors{0};
  counter tool_calls_open{0};  // gauge
  counter journal_appends{0};
  counter journal_commits{0};
  counter journal_bytes{0};
  counter journal_failures{0};
  counter viewers{0};             // gauge
  counter memory_index_bytes{0};  // gauge

  std::atomic<bool> journal_available{true};
  std::atomic<bool> draining{false};
  std::atomic<bool> full{false};
  std::atomic<bool> resuming{false};
};

}  // namespace persona_runtime
