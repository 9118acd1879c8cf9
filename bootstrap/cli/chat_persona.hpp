#pragma once

#include "bootstrap/cli/run_server.hpp"
#include "domain/persona/persona.hpp"

#include <optional>
#include <string>

namespace persona_runtime::cli {

/// The id of the server's persona that says what this document says: the newest one that does, or
/// a new one. So talking to the same file twice is talking to the same persona, and nothing that
/// somebody else edits is ever overwritten. None: `code` is the exit code, and the error is told.
[[nodiscard]] std::optional<std::string> persona_at(run_server& server, const std::string& yaml,
                                                    const persona_ptr& value, int& code);

}  // namespace persona_runtime::cli
