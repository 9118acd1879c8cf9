#pragma once
// Programs under measurement: starting them, ending them, and what /proc says of them.

#include "tests/bench/sockets.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace persona_runtime::bench {

struct process_reading {
  double processor_s = 0;    // user and system, of all threads
  double anonymous_kib = 0;  // RssAnon
  double resident_kib = 0;   // VmRSS
  std::size_t threads = 0;
};

/// Zeros when there is no such process.
process_reading read_process(pid_t pid);
/// Open descriptors; takes milliseconds when there are many.
std::size_t descriptors_of(pid_t pid);
/// Processor time of the calling thread, in seconds.
double own_processor_s();

struct launch {
  std::vector<std::string> command;
  std::vector<std::string> variables;  // NAME=value, beside what is inherited
  std::string log;                     // file that gets stderr
};

/// A child that prints `listening on http://…:PORT`. PERSONA_* variables are not inherited.
class served_program {
public:
  explicit served_program(const launch& what);
  ~served_program();
  served_program(const served_program&) = delete;
  served_program& operator=(const served_program&) = delete;

  /// Waits for that line. Null when the program ends or says nothing within `wait_max`.
  std::optional<std::uint16_t> port(std::chrono::seconds wait_max);
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// It has not ended by itself.
  [[nodiscard]] bool is_alive() const;
  [[nodiscard]] process_reading now() const { return read_process(pid_); }
  /// SIGTERM, and SIGKILL when it is still there after `wait_max`. True when it left with 0.
  bool end(std::chrono::seconds wait_max);

private:
  pid_t pid_ = -1;
  owned_fd out_;
};

}  // namespace persona_runtime::bench
