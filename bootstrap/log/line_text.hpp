#pragma once
// How one line of the log looks: for people, or for programs that collect logs.

#include "domain/ids.hpp"
#include "domain/log_sink.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace persona_runtime {

enum class log_format : std::uint8_t { pretty, json };

/// "trace", "debug", …, "off"
[[nodiscard]] std::string_view name_of(log_level level);

/// The level of that name; `info` when there is none, which the settings table rules out.
[[nodiscard]] log_level log_level_of(std::string_view name);

struct log_line {
  instant at;
  log_level level = log_level::info;
  std::string_view component;
  std::string_view what;
  std::uint64_t left_out = 0;  // lines like this one before it that were not written
};

/// One line without its line feed. Values are cut at 512 bytes; control characters in them cannot
/// break the line.
///
/// pretty: 2026-11-21T14:48:02.123000Z info     runs: run ended run_id=run_… status=completed
/// json:   {"time":"…","level":"info","component":"runs","message":"run ended","run_id":"run_…"}
[[nodiscard]] std::string line_text(log_format format, const log_line& line,
                                    std::initializer_list<log_field> fields);

}  // namespace persona_runtime
