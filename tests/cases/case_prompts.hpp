#pragma once
// What the runtime itself says to a model in a recorded case: texts that take exactly as many
// tokens as the recorded ones did. So contexts can be compared token by token, and are compacted
// after the same step, whatever the wording.

#include "domain/persona/persona.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/text/tokenizer.hpp"
#include "tests/cases/case_text.hpp"

#include <functional>

namespace persona_runtime::test {

struct case_prompts {
  prompt_texts texts;
  label_list labels;       // as the recorded rows name them; the whole floor is ⟦floor⟧
  std::string floor;       // the system message of the first request
  label_list floor_parts;  // what the recorded floor names
};

/// The recorded floor without memories (a run's stand behind its floor, and are compared in the
/// rows) and without the task behind it; empty: it was too long to be recorded.
[[nodiscard]] std::string recorded_floor_in(const boost::json::object& message);

/// A first request: what it is for, and how many tokens the recorded one took.
struct first_request {
  std::string task;
  std::uint64_t tokens = 0;
  std::vector<std::string> own_tools{};  // of the persona's document: they switch on parts
};

/// Prompts with which a first request takes that many tokens; `floor_with` makes the floor.
[[nodiscard]] case_prompts
prompts_for(const std::function<std::string(const prompt_texts&)>& floor_with,
            const first_request& request, const tokenizer& counter);

}  // namespace persona_runtime::test
