#pragma once
// One more tool for a persona that is stored.

#include "domain/persona/persona.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// What to write into the document `text` of `p`, so that it may use `tool`: `text` itself when it
/// may already, else `text` with the tool in front of its list, in the author's layout. Where that
/// does not work out (an alias stands for the list), the document is written anew as JSON and
/// comments are lost. `tool` has 1 to 128 characters and none that need an escape.
[[nodiscard]] std::string with_tool(std::string_view text, const persona& p, std::string_view tool);

}  // namespace persona_runtime
