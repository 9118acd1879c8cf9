#pragma once
// All that a turn needs to know before it begins.

#include "domain/conversation/history.hpp"
#include "domain/conversation/message_tables.hpp"
#include "domain/conversation/turn_texts.hpp"
#include "domain/event/conversation_rows.hpp"
#include "domain/memory/recall.hpp"
#include "domain/prompt/build_prompt.hpp"
#include "domain/run/reply_wishes.hpp"
#include "domain/run/spec.hpp"
#include "domain/skill/skill.hpp"
#include "domain/tier/routing/select_model.hpp"
#include "domain/tool/toolbox.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace persona_runtime {

/// What the turns of one version of a persona share. Immutable.
struct turn_setup {
  persona_ptr who;
  frame_ptr frame;  // of its prompts
  toolbox tools;    // offered and allowed
  std::uint64_t schema_tokens = 0;
  std::set<std::string> keywords{};  // words that make a message one about the persona
  prompt_section skill_index{};
  skill_list skills{};
  std::set<std::string> approved_skills{};  // content hashes of those that need consent
  /// What completions of the persona work with (completion_setup); null: not made yet.
  std::shared_ptr<const turn_setup> for_completions{};
};

using turn_setup_ptr = std::shared_ptr<const turn_setup>;

/// What belongs to one turn alone; what of it matters after a crash is journalled.
struct turn_spec {
  conversation_id conversation;
  message_id question;  // the user's message
  run_id answer;        // the assistant's message: the turn's id for calls, journal and viewers
  owner_id owner;
  persona_id persona;
  std::string user;                   // whose talks these are; empty: the owner's own
  std::string text;                   // of the user's message; UTF-8
  std::vector<image_block> images{};  // beside it
  std::uint64_t messages_before = 0;
  instant began;
  run_limits limits{};
  friend bool operator==(const turn_spec&, const turn_spec&) = default;
};

using turn_spec_ptr = std::shared_ptr<const turn_spec>;

/// What a live turn works with. Not journalled: a turn never goes on after a restart.
struct turn_frame {
  turn_setup_ptr setup;
  turn_spec_ptr spec;
  /// The messages that are not folded; for ambiguity also the questions among those that are.
  std::shared_ptr<const conversation> talk;
  prompt_item summary{};                      // of what is folded; null message: nothing is
  std::vector<prompt_item> history{};         // what the prompt holds verbatim, oldest first
  prompt_item user{};                         // the message that is answered
  std::vector<std::string> shown_episodes{};  // ids of episodes that the history holds anyway
  std::string nonce;                          // of this turn's envelopes: 32 random hex digits
  std::set<std::string> approved_skills{};    // content hashes of skills that need consent
  wishes_ptr wishes{};                        // of whoever asks; null: none
  money_spent spent{};                        // before this turn
  // Of completions alone (completion_frame.hpp):
  prompt_section client_instructions{};
  message_list follow{};  // what stands behind the user's message already
  std::uint64_t follow_tokens = 0;
  std::set<std::string> client_tools{};  // whose calls end the turn
  bool keeps_nothing = false;            // nothing is asked back, no task is looked for
};

using turn_frame_ptr = std::shared_ptr<const turn_frame>;

/// Messages of the conversation that count as history: a message whose answer stayed empty does
/// not, so that who repeats a first message that came to nothing is answered as a first one.
[[nodiscard]] std::uint64_t history_before(const turn_frame& frame);

}  // namespace persona_runtime
