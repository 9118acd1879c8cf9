#pragma once
// What the runtime says in chats. The wording is data (config/prompts/chat.yaml).

#include "domain/yaml/problem.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// A placeholder stands in braces.
struct turn_texts {
  std::string assume;              // {missing}: answer on an assumption, and say which
  std::string rounds_used_up;      // no more tools in this turn
  std::string use_the_tools;       // {tools}: after an answer that claimed not to have them
  std::string continue_answer;     // behind the beginning of an answer that was cut off
  std::string outcome_unknown;     // {tool}: it had begun when the turn was ended
  std::string not_carried_out;     // {tool}: it had not, or may be repeated
  std::string too_many_calls;      // {max}
  std::string history_lead_in;     // in front of the summary, in the same message
  std::string fold_instruction;    // system message of a summary call
  std::string refold_instruction;  // likewise, for a summary that has grown too long
  std::string title_instruction;   // likewise, for a conversation without a title
  friend bool operator==(const turn_texts&, const turn_texts&) = default;
};

/// Reads the texts from YAML, as strictly as parse_prompt_texts.
[[nodiscard]] boost::system::result<turn_texts, std::vector<problem>>
parse_turn_texts(std::string_view yaml);

}  // namespace persona_runtime
