#pragma once
// How large the recorded texts are that rows only name.

#include <cstddef>
#include <string>

namespace persona_runtime::test {

/// Tokens of the text behind ⟦label⟧. Throws when it is not listed.
[[nodiscard]] std::size_t recorded_tokens(const std::string& label);

}  // namespace persona_runtime::test
