#pragma once
// Puts the argument check before any tool and the result bounds behind it.

#include "providers/tools/tool_body.hpp"
#include "providers/tools/worker_pool.hpp"

namespace persona_runtime {

/// `inner`, which then only ever sees arguments that fit its definition's `parameters` (mended,
/// defaults filled in), and whose results are brought within `domain/tool/result_bounds.hpp`.
///
/// The check runs on `pool`, because a reply may hold megabytes of arguments. A call whose
/// arguments do not fit, or that finds the pool's queue full, ends as an error result and `inner`
/// never hears of it. cancel() reaches `inner` if it was started, keeps it from starting if not,
/// and no answer that comes later is passed on.
[[nodiscard]] std::shared_ptr<tool_body> checked_tool(std::shared_ptr<tool_body> inner,
                                                      std::shared_ptr<worker_pool> pool);

}  // namespace persona_runtime
