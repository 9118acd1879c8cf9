#pragma once
// What viewers see of one tool call: exactly one start and one end, with the same id (spec runtime
// §8). Of arguments and results only short and redacted summaries.

#include "domain/run/message.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace persona_runtime {

class json_writer;

struct activity_start {
  std::string activity_id;  // 32 hexadecimal digits
  std::string kind;         // see activity_kind
  std::string name;         // of the tool; may be unknown
  std::string label;        // for people
  std::map<std::string, std::string> args_summary{};
  friend bool operator==(const activity_start&, const activity_start&) = default;
};

/// "ok", "error", "denied" and "awaiting_approval".
enum class activity_status : std::uint8_t { ok, error, denied, awaiting_approval };
[[nodiscard]] std::string_view name_of(activity_status s);

struct activity_end {
  std::string activity_id;
  activity_status status = activity_status::ok;
  double duration_ms = 0;
  bool is_error = false;
  std::string result_summary{};  // at most 120 characters and "…"; empty: left out
  friend bool operator==(const activity_end&, const activity_end&) = default;
};

/// `id` is fresh: 128 random bits as hexadecimal digits.
[[nodiscard]] activity_start start_of(const tool_call& call, std::string id);

/// The end of a call that was answered.
[[nodiscard]] activity_end end_of(std::string id, const tool_result& result, double duration_ms);

/// The end of a call that came to nothing: `type` names the failure ("ToolNotAllowedError").
/// `status` is not ok.
[[nodiscard]] activity_end failed_end_of(std::string id, activity_status status,
                                         std::string_view type, std::string_view message,
                                         double duration_ms);

/// The fields of their data in events.
void write_fields(json_writer& o, const activity_start& a);
void write_fields(json_writer& o, const activity_end& a);
/// Their data in events, without line feeds.
void append_activity(std::string& out, const activity_start& a);
void append_activity(std::string& out, const activity_end& a);

}  // namespace persona_runtime
