#pragma once
#include "providers/tools/memory_keeper.hpp"
#include "providers/tools/tool_body.hpp"

#include <functional>
#include <string>
#include <vector>

namespace persona_runtime {

struct memory_tool_parts {
  std::shared_ptr<memory_keeper> memory;
  std::function<instant()> now;
  std::function<std::string()> new_ulid;
};

/// remember and forget (domain/tool/told_fact.hpp). They expect arguments that were checked. What a
/// cancelled call had begun to write stays written.
[[nodiscard]] std::vector<std::shared_ptr<tool_body>> make_memory_tools(memory_tool_parts parts);

}  // namespace persona_runtime
