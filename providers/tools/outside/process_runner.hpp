#pragma once
// Runs programs and leaves nothing of them behind. Knows nothing of tools or JSON.

#include "domain/failure.hpp"
#include "providers/pending_call.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

struct process_spec {
  std::vector<std::string> argv;           // the program first; no shell
  std::vector<std::string> environment{};  // "NAME=value"; nothing is inherited
  std::string directory{};                 // where it starts; empty: where this process is
  std::string input{};                     // its whole standard input
  std::chrono::milliseconds timeout{60'000};
  /// How long killing it may take: 10 s are given to trees that are stuck in the kernel. A guard
  /// that takes longer has been stopped by somebody, and is killed together with the program.
  std::chrono::milliseconds kill_patience{12'000};
  std::size_t output_kept_max = 256u << 10;  // bytes from the beginning; the rest is counted
  std::size_t output_max = 8u << 20;         // beyond: it is ended, too_much_output
  std::size_t errors_kept_max = 4u << 10;    // bytes from the end
};

enum class process_ending : std::uint8_t {
  exited,           // value: the exit code
  signalled,        // value: the signal
  not_started,      // detail: why
  refused,          // detail: names the bound that was reached
  timed_out,        // and everything of it was killed
  too_much_output,  // likewise
  lost,             // somebody else killed its guard; its state is unknown
};

struct process_outcome {
  process_ending how = process_ending::lost;
  int value = 0;
  std::string detail{};
  std::string output{};          // the first bytes of standard output, as written
  std::size_t output_bytes = 0;  // how many there were
  std::string errors{};          // the last bytes of standard error
};

struct process_limits {
  std::size_t processes_max = 64;     // at once; further ones are refused, not queued
  std::size_t descriptors_max = 500;  // of this process, for pipes to others
};

/// Starts and watches processes on a thread of its own. Thread-safe.
///
/// When a process ends, is cancelled, passes its time limit or writes too much, and also when this
/// process is killed, everything that it has started is killed with it, in whatever session or
/// process group it is. What cannot be killed: processes of another user (set-uid programs).
class process_runner {
public:
  using on_done = std::function<void(process_outcome)>;

  explicit process_runner(process_limits limits = {});
  /// Kills what is left and waits for it, normally a few milliseconds, 15 s at most.
  ~process_runner();
  process_runner(const process_runner&) = delete;
  process_runner& operator=(const process_runner&) = delete;

  /// Returns at once. `done` comes once, on the runner's thread (`refused`: from within start),
  /// when everything that the process had started is gone; never after cancel() has taken effect.
  /// The handle may outlive the runner and does not cancel when destroyed.
  [[nodiscard]] std::unique_ptr<pending_call> start(process_spec spec, on_done done);

  /// Processes whose trees are not yet known to be gone, cancelled ones included.
  [[nodiscard]] std::size_t running() const;

private:
  struct core;
  std::unique_ptr<core> core_;
};

}  // namespace persona_runtime
