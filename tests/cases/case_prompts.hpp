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
  label_list labels;  // as the recorded rows name them
};

/// Prompts with which a first request for `task` takes `tokens`; `floor_with` makes the floor.
[[nodiscard]] case_prompts
prompts_for(const std::function<std::string(const prompt_texts&)>& floor_with,
            const std::string& task, std::uint64_t tokens, const tokenizer& counter);

}  // namespace persona_runtime::test
