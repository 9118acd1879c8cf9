#pragma once
// The tools that every installation has and that need nobody else: no network, no model.

#include "domain/ids.hpp"
#include "providers/tools/tool_body.hpp"
#include "providers/tools/worker_pool.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace persona_runtime {

/// calculator, datetime, file_read, file_write, json_query, regex_match and text_diff, sorted by
/// name. All compute on `pool`; `now` is asked on its threads.
[[nodiscard]] std::vector<std::shared_ptr<tool_body>>
make_builtin_tools(const std::shared_ptr<worker_pool>& pool, std::function<instant()> now);

}  // namespace persona_runtime
