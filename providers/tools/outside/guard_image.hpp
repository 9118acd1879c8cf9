#pragma once
#include "domain/failure.hpp"
#include "providers/tools/outside/unique_fd.hpp"

namespace persona_runtime {

/// The guard's program as a sealed memory file, close-on-exec. Failure: internal_error that says
/// what the kernel refused.
[[nodiscard]] result<unique_fd> open_guard_image();

}  // namespace persona_runtime
