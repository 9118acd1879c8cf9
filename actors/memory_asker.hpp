#pragma once
#include "domain/memory/recall.hpp"

#include <functional>
#include <optional>

namespace persona_runtime {

/// Who remembers. Called on the asking actor's thread; `done` is called at most once, on any
/// thread. False: there is nothing to remember; `done` is not called then.
using memory_asker =
  std::function<bool(const recall_request& what,
                     std::function<void(recalled_memory, std::optional<learned_autonomy>)> done)>;

}  // namespace persona_runtime
