#pragma once
// What the runtime and the guard of a command tool (guard/tool_guard.cpp) have agreed on.

#include <cstdint>

namespace persona_runtime {

/// Open descriptors of a guard when it starts, besides the tool's own 0, 1 and 2.
inline constexpr int guard_lifeline_fd = 3;  // read end; readable or closed: end everything
inline constexpr int guard_status_fd = 4;    // write end; guard_records
inline constexpr int guard_image_fd = 5;     // the guard's own program

enum class guard_event : std::int32_t {
  chdir_failed = 1,  // value: errno. Nothing was started.
  fork_failed,       // value: errno. Nothing was started.
  exec_failed,       // value: errno. Further records follow, about the failed child.
  exited,            // value: exit code of the tool
  signalled,         // value: the signal that ended it
  survivors,         // some processes could not be killed (in the kernel, or another user's)
};

/// One fact, written whole. The end of the stream is the end of the guard.
struct guard_record {
  guard_event event;
  std::int32_t value;
};

}  // namespace persona_runtime
