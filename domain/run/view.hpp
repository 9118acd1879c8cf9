#pragma once
// What the world sees of a run: RunStatus (contract §4, spec runtime §14). Built from the same
// records as the state, by whoever shows it; a live run does not carry its steps around.

#include "domain/run/record.hpp"

#include <map>

namespace persona_runtime {

/// One finished step, as it stays.
struct step_view {
  std::string_view type;  // tool_call | ask_user | final | reasoning
  std::vector<tool_call> calls;
  std::vector<tool_result> results;  // in call order
  std::optional<std::string> question;
  std::optional<std::string> user_answer;
  std::optional<std::string> content;
  std::string tier;
  std::uint64_t tokens = 0;
  double latency_ms = 0;
};

struct usage_view {
  std::uint64_t model_calls = 0;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
  std::optional<double> cost_cents{0.0};
  bool estimated = false;
};

struct run_view {
  bool keeps_steps = true;  // false: for the summary that lists show
  run_id run;
  spec_ptr spec;
  run_status status = run_status::running;
  std::vector<step_view> steps;
  std::optional<std::string> output;
  std::string error;
  std::string error_kind;
  usage_view usage;
  std::map<std::string, usage_view> by_model;
  instant started_at;
  std::optional<instant> finished_at;

  /// Moves the view on by one record; `at` is the event's instant.
  void apply(const record& r, instant at);

private:
  friend struct view_applier;
  fact::replied reply_;  // of the step under way
  std::vector<tool_result> results_;
  std::size_t results_done_ = 0;
  fact::result_kept kept_;
  std::string question_;
  std::optional<fact::reserved> open_;    // of an attempt that nobody has settled yet
  std::optional<fact::reserved> beside_;  // and of its hedge
};

/// RunStatus as JSON; without steps it is what lists show.
[[nodiscard]] std::string to_json(const run_view& view, bool with_steps);

}  // namespace persona_runtime
