#pragma once

#include "domain/text/tokenizer.hpp"
#include "domain/tool/definition.hpp"

#include <cstdint>
#include <vector>

namespace persona_runtime {

/// What offering these tools takes in a request, about as vendors write them.
[[nodiscard]] std::uint64_t schema_tokens(const tokenizer& counter,
                                          const std::vector<tool_definition>& tools);

}  // namespace persona_runtime
