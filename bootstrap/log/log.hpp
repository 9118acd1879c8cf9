#pragma once
// The log of a process: lines to stderr and perhaps a file, written by a thread of its own.

#include "bootstrap/log/line_text.hpp"
#include "domain/failure.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace persona_runtime {

struct log_options {
  log_level level = log_level::info;
  log_format format = log_format::pretty;
  std::optional<std::string> file;        // gets the same lines; its folder is made
  std::size_t lines_waiting_max = 8'192;  // beyond: the oldest one is dropped
  std::uint32_t repeats_per_second = 10;  // of one kind of line; trace and debug have no limit
};

/// Nothing global: a program may have several, or its own beside it. Whoever writes never waits
/// for the disk or the terminal; when the last owner lets go, what waits is written first. Fails
/// with validation_error when the file cannot be opened. `now` is UTC, called on any thread.
[[nodiscard]] result<log_ptr> open_log(const log_options& options, std::function<instant()> now);

}  // namespace persona_runtime
