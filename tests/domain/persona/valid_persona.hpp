#pragma once

#include "domain/persona/parse_persona.hpp"
#include "tests/support/catch.hpp"

namespace persona_runtime::testing {

/// The persona of a document that must have no fault.
inline persona_ptr valid_persona(std::string_view text) {
  auto out = parse_persona(text);
  if (!out)
    FAIL(describe(out.error().problems.front(), text));
  return out->value;
}

}  // namespace persona_runtime::testing
