#pragma once
// Asks whoever sits at the terminal about skills that nobody vouches for.

#include "bootstrap/cli/line_source.hpp"
#include "bootstrap/cli/run_server.hpp"

#include <iosfwd>
#include <string>

namespace persona_runtime::cli {

/// Asks about every skill of the persona that needs a consent and has no answer yet, and sends the
/// answers to the server. Only a whole "y" or "yes" is a consent; the end of `lines` answers
/// nothing. What goes wrong is said on the server's `err`, and the talk goes on without the skill.
void ask_about_skills(run_server& server, const std::string& persona, line_source& lines,
                      std::ostream& out);

}  // namespace persona_runtime::cli
