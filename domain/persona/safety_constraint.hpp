#pragma once
// What every persona that is created over HTTP promises: not to invent.

#include "domain/persona/persona.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// The sentence, fixed for good: stored documents hold it.
inline constexpr std::string_view safety_constraint =
  "Never make up facts, figures or sources; when you do not know something, say so.";

/// The same object when the constraint stands anywhere in its list, else a copy with the
/// constraint in front.
[[nodiscard]] persona_ptr with_safety_constraint(const persona_ptr& p);

/// The document of `with_safety_constraint(p)`, where `text` is the document of `p`. Byte for
/// byte `text` when nothing was missing. Else the constraint is inserted in the author's layout
/// and all else stays; where that does not work out (an alias stands for the list), the document
/// is written anew as JSON and comments are lost (`rewritten`).
struct constrained_text {
  std::string text;
  bool rewritten = false;
};
[[nodiscard]] constrained_text with_safety_constraint(std::string_view text, const persona_ptr& p);

}  // namespace persona_runtime
