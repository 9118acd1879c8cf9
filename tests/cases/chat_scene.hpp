#pragma once
// From a chat scenario to what its turns have in common: persona, tools, skills, tiers, texts.

#include "domain/conversation/history.hpp"
#include "tests/cases/case_text.hpp"
#include "tests/support/turn_driver.hpp"

#include <boost/json.hpp>

namespace persona_runtime::test {

/// One of our texts and what the recorded rows show in its place.
struct stand_in {
  std::string shown;  // "⟦FOOTER⟧", or a short text as it stands in the rows
  std::string ours;
  std::int64_t more_tokens = 0;  // that the recorded text took
};

struct chat_scene {
  turn_options options;  // but for what is a turn's own
  history_rules history;
  std::vector<stand_in> texts;
  label_list labels;  // of `texts`
};

/// Texts take as many tokens as the recorded ones where budgets depend on it.
[[nodiscard]] chat_scene scene_of(const boost::json::object& scenario);

}  // namespace persona_runtime::test
