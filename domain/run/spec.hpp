#pragma once
// All that a run needs to know, fixed at acceptance: editing a file never changes a run.

#include "domain/run/message.hpp"
#include "domain/skill/skill.hpp"
#include "domain/skill/skill_texts.hpp"
#include "domain/tool/definition.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

struct run_limits {
  std::uint32_t max_steps = 20;               // 0: no step, one partial-result summary
  std::optional<std::uint64_t> max_tokens{};  // whole run, prompts and replies
  std::optional<double> max_cost_cents{};     // likewise
  std::optional<double> deadline_s{};         // as asked for; `deadline` is what counts
  std::optional<instant> deadline{};          // absolute
  friend bool operator==(const run_limits&, const run_limits&) = default;
};

/// What belongs to one run alone.
struct run_spec {
  owner_id owner;
  persona_id persona;
  std::string task;        // UTF-8, 1..65'536 bytes
  message_size task_size;  // of {user, task}
  run_limits limits;
  bool ask_user = true;  // false: nobody answers
  bool force_frontier = false;
  std::string metadata;    // text of a JSON object, or empty
  std::string setup_hash;  // SHA-256 of the setup's text
  friend bool operator==(const run_spec&, const run_spec&) = default;
};

using spec_ptr = std::shared_ptr<const run_spec>;

/// The texts that a run puts into its own context. Our wording: config/prompts/.
struct run_texts {
  std::string no_answer;
  std::string reasoning_nudge;
  std::string strong_nudge;         // after three reasoning steps in a row (D-18)
  std::string invented_tool_nudge;  // spec runtime §16.6
  std::string step_summary_instruction;
  std::string step_summary_lead_in;  // stands before the summary, in the same message
  std::string partial_result_instruction;
  std::string truncated_call;                 // "{tool}" is replaced by the tool's name
  std::string unavailable_tool;               // "{tool}", "{available}"
  std::string unregistered_tool;              // "{tool}"
  std::string outcome_unknown;                // "{tool}"
  std::string too_many_calls;                 // "{max}"
  std::string generic_question;               // D-5
  std::vector<std::string> question_options;  // exactly three labels
  friend bool operator==(const run_texts&, const run_texts&) = default;
};

/// What runs of the same persona, tools and texts share; stored once, by hash. The messages in it
/// are shared by the contexts of all these runs.
struct run_setup {
  message_ptr floor;                   // the system message
  std::vector<tool_definition> tools;  // offered: registered and allowed, sorted by name
  std::vector<std::string> allowed;    // the allow list as the persona has it, sorted
  bool allows_all = false;             // ["*"]: every name counts as allowed
  std::uint64_t schema_tokens = 0;     // of the offered tools
  std::uint32_t questions_max = 5;     // 5 cautious, 3 balanced, 1 decisive
  run_texts texts;
  skill_list skills;                         // what use_skill can make active
  std::vector<std::string> skills_approved;  // of those that nobody vouches for
  skill_texts about_skills;
  message_ptr no_answer;  // user messages of the texts of these names
  message_ptr reasoning_nudge;
  message_ptr strong_nudge;
  message_ptr invented_tool_nudge;

  [[nodiscard]] const tool_definition* find_tool(std::string_view name) const;
  [[nodiscard]] bool is_allowed(std::string_view name) const;
};

using setup_ptr = std::shared_ptr<const run_setup>;

}  // namespace persona_runtime
