#pragma once
// Turn logs as files: one per conversation, one JSON line per turn.

#include "providers/turn_log_writer.hpp"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

namespace persona_runtime {

struct jsonl_options {
  std::filesystem::path directory;  // made when it is missing
  std::uint64_t file_bytes_max = 16u << 20;
  /// Older files of a conversation that are kept beside the current one: NAME.1.jsonl is the
  /// newest of them.
  std::uint32_t older_files_max = 4;
};

/// What a writer has done so far.
struct jsonl_report {
  std::uint64_t written = 0;
  std::uint64_t dropped = 0;
  std::string last_problem;  // what happened, at which file; empty: nothing
};

/// Appends a line with one write, so that lines of several processes never mix. A line that does
/// not fit goes into a fresh file; the full one moves aside. A line that could be written in part
/// only is taken back. Any thread; a write blocks as long as the disk takes, and is not synced:
/// this is telemetry.
class jsonl_turn_log final : public turn_log_writer {
public:
  explicit jsonl_turn_log(jsonl_options options);

  void write(const turn_log& log) override;

  [[nodiscard]] jsonl_report report() const;

private:
  [[nodiscard]] std::string append(const std::string& name, const std::string& line);
  void make_room(const std::string& name, std::uint64_t bytes) const;
  [[nodiscard]] std::filesystem::path file(const std::string& name, std::uint32_t age) const;

  mutable std::mutex mutex_;
  jsonl_options options_;
  jsonl_report report_;
};

/// The name of a conversation's file without its extension: letters, digits, "_" and "-" as they
/// are, all else as %XX, and a hash instead of what makes it longer than 120 characters. Different
/// ids have different names, and none leads out of the directory.
[[nodiscard]] std::string turn_log_name(std::string_view conversation_id);

}  // namespace persona_runtime
