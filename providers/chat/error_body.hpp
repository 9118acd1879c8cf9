#pragma once
#include "providers/chat/provider_errors.hpp"

#include <string_view>

namespace persona_runtime {

/// What the body of an answer that is no 200 says; empty words when it is not JSON. Knows the
/// shapes of all vendors here: {"error": {…}}, {"error": "…"}, {"message": "…"}, {"detail": "…"}.
[[nodiscard]] error_words error_words_of(std::string_view body);

}  // namespace persona_runtime
