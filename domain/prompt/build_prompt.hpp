#pragma once
// From its parts to what a model is sent (spec runtime §5): order, budget, and what was left out.
// Everything in it is shared, not copied, but for the system message's text.

#include "domain/prompt/memory_sections.hpp"
#include "domain/prompt/persona_frame.hpp"
#include "domain/run/message.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace persona_runtime {

/// A message and the tokens of its content. Images, calls and roles count nothing.
struct prompt_item {
  message_ptr message;
  std::uint32_t tokens = 0;
};

/// Counts the content.
[[nodiscard]] prompt_item make_item(message_ptr m, const text_counter& count);

struct prompt_parts {
  frame_ptr frame;  // not null
  memory_sections memory;
  prompt_section skill_index;          // section 6
  prompt_section skills;               // section 7: preamble and envelopes; empty: none is active
  prompt_section client_instructions;  // an OpenAI client's own, in an envelope
  prompt_item summary;                 // of earlier messages, role system; null message: none
  std::vector<prompt_item> history;    // oldest first, without the summary and the user's message
  prompt_item user;                    // placed as it is; null message: none
  std::uint64_t tokens_max = 4'096;    // for all of the above; what is put behind it is not in it
};

/// What the budget left out. A section counts as dropped only when it had something to show.
struct prompt_report {
  std::uint64_t tokens = 0;  // of all contents
  bool episodic_dropped = false;
  bool worldview_dropped = false;
  bool self_facts_dropped = false;
  std::size_t history_dropped = 0;  // messages, from the front
  bool over_budget = false;         // what must stay is larger than the budget
  friend bool operator==(const prompt_report&, const prompt_report&) = default;
};

struct built_prompt {
  message_list messages;  // system, summary, history, user
  prompt_report report;
};

/// Leaves out, until it fits: episodic memory, then the world view too, then self facts too, then
/// the oldest group of the history after the other. A group begins with a user's message, so a
/// question goes with its answer and a call with its result (D-24). All else stays, also when it
/// does not fit. Pure; any thread.
[[nodiscard]] built_prompt build_prompt(const prompt_parts& parts);

/// Which memory sections a stage of the reduction leaves out.
struct reduction_stage {
  bool episodic = false;
  bool worldview = false;
  bool self_facts = false;
};

inline constexpr std::array<reduction_stage, 3> reduction_stages{
  {{true, false, false}, {true, true, false}, {true, true, true}}};

/// The system message of a run: the same sections but no active skills, and `framing` behind the
/// footer. Nothing is left out.
[[nodiscard]] message_ptr build_floor(const persona_frame& frame, const memory_sections& memory,
                                      const prompt_section& skill_index,
                                      const prompt_ending& framing);

}  // namespace persona_runtime
