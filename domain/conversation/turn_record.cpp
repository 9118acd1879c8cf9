#include "domain/conversation/turn_record.hpp"

#include <array>

namespace persona_runtime {
namespace {

struct kind_row {
  std::string_view name;
  bool shown;
};

// In the order of the variant.
constexpr auto turn_kinds = std::array<kind_row, std::variant_size_v<turn_record>>{{
  {"opened", false},         {"taken_up", false},     {"tier", false},
  {"thinking", false},       {"replied", false},      {"noted", false},
  {"rounds_used_up", false}, {"refused", false},      {"reserved", false},
  {"settled", false},        {"retried", false},      {"tool_started", false},
  {"result_kept", false},    {"memory_recall", true}, {"task_detected", true},
  {"chunk", true},           {"tool_calling", true},  {"activity_start", true},
  {"activity_end", true},    {"tool_result", true},   {"memory_changed", true},
  {"asking_user", true},     {"fell_over", true},     {"cancelled", true},
  {"error", true},           {"done", true},          {"finished", true},
  {"shown_only", true},
}};

}  // namespace

bool is_public(const turn_record& r) {
  return turn_kinds.at(r.index()).shown;
}

std::string_view kind_of(const turn_record& r) {
  if (const auto* passed = std::get_if<turn_fact::shown_only>(&r))
    return passed->type;
  return turn_kinds.at(r.index()).name;
}

}  // namespace persona_runtime
