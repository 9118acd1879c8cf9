#pragma once
// Starts one guarded process. Safe in a process with many threads and much memory: nothing is
// copied and nothing of ours runs between vfork and exec.

#include "domain/failure.hpp"
#include "providers/tools/outside/unique_fd.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace persona_runtime {

/// Our ends of a guarded process. All close-on-exec; the guard ends everything as soon as
/// `lifeline` is closed.
struct spawned_process {
  pid_t guard = -1;  // a child of ours, to be waited for once `status` is at its end
  unique_fd input;
  unique_fd output;
  unique_fd errors;
  unique_fd lifeline;
  unique_fd status;  // guard_records
};

/// How many descriptors of ours one guarded process holds, and how many more while it starts.
inline constexpr std::size_t descriptors_per_process = 5;

/// Blocks for about a millisecond. `image` is open_guard_image()'s. `directory` may be empty: stay
/// where this process is. `argv` has at least the program, which is looked up in the PATH of
/// `environment` ("NAME=value" each); no shell. Failure: internal_error (no descriptors, no
/// memory); what fails later, such as a program that does not exist, comes through `status`.
[[nodiscard]] result<spawned_process> spawn_guarded(int image, const std::string& directory,
                                                    const std::vector<std::string>& argv,
                                                    const std::vector<std::string>& environment);

}  // namespace persona_runtime
