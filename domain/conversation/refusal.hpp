#pragma once
// Whether an answer claims that it cannot do what an offered tool can (spec runtime §13.5).

#include "domain/text/pattern.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

struct refusal_pattern {
  std::string tool;
  pattern text;
};

using refusal_table = std::vector<refusal_pattern>;

/// The available tools that the text refuses, in the order of `available`, each once.
[[nodiscard]] std::vector<std::string> refused_tools(std::string_view text,
                                                     const std::vector<std::string>& available,
                                                     const refusal_table& table);

}  // namespace persona_runtime
