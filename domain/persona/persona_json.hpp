#pragma once

#include "domain/persona/persona.hpp"

#include <string>

namespace persona_runtime {

/// The document as JSON, every field with its value, keys as in the YAML. parse_persona reads it
/// back to an equal persona, since JSON is YAML too.
[[nodiscard]] std::string to_json(const persona& p);

}  // namespace persona_runtime
