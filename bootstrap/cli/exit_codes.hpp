#pragma once
// What the commands of `persona` end with; 0 is success.

namespace persona_runtime::cli {

inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;      // the command line cannot be meant
inline constexpr int exit_stopped = 130;  // by Ctrl-C, as shells count signals

}  // namespace persona_runtime::cli
