#pragma once
// The system message that every call of a run begins with.

#include "domain/persona/persona.hpp"
#include "domain/prompt/prompt_texts.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// Who the persona is, the language to reply in, what it must not do, its first three self facts,
/// its first three claims with their epistemic tags, how its tools are meant, a footer; then how a
/// run is carried out (spec runtime §5.2 but for what is retrieved, §16.3). Parts stand apart by
/// one blank line; a part with nothing to show is left out. The task is not in it (D-6).
/// `reply_language` empty: the persona's own.
[[nodiscard]] std::string floor_of(const persona& p, const prompt_texts& texts,
                                   std::string_view reply_language = {});

}  // namespace persona_runtime
