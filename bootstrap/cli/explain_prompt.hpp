#pragma once
// `persona explain prompt`: what a model would see.

#include "domain/persona/persona.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/text/tokenizer.hpp"

#include <iosfwd>

namespace persona_runtime::cli {

struct prompt_explainer {
  const tokenizer& counter;
  const prompt_texts& texts;
};

/// For people: the prompt of a first message to the persona, with the tokens of every message.
/// Returns the exit code.
int explain_prompt(const prompt_explainer& with, const persona& p, std::string_view message,
                   std::ostream& out);

/// For programs, as answer_lines: {"persona", "retrieved", "history", "skill_index", "user",
/// "max_tokens"} and optionally "skill_content" and "reply_language", all but the persona may be
/// left out; answered by {"messages", "dropped", "tokens", "total_tokens"}. `dropped` names the
/// sections that the budget left out, and "history[i]" for messages. Texts may be written
/// {prefix, repeat, times, suffix}, at most 16 MiB then.
int explain_prompt_jsonl(const prompt_explainer& with, std::istream& in, std::ostream& out);

}  // namespace persona_runtime::cli
