#pragma once
#include "providers/chat/chat_provider.hpp"

#include <cstddef>

namespace persona_runtime {

/// Bytes that a request's JSON takes, or a little more: bodies are the largest texts that calls
/// hold, and growing one step by step would copy it and leave up to half of it unused.
[[nodiscard]] std::size_t expected_bytes(const chat_request& request);

}  // namespace persona_runtime
