#include "domain/run/record.hpp"

#include <array>
#include <type_traits>

namespace persona_runtime {
namespace {

constexpr auto private_count = std::size_t{15};  // the private record_kinds stand first in `record`
constexpr auto record_kinds = std::array<std::string_view, std::variant_size_v<record>>{
  "accepted",     "reserved",       "settled",
  "retried",      "replied",        "tool_started",
  "result_kept",  "skill_asked",    "reminded",
  "answered",     "folded",         "fold_failed",
  "shortened",    "winding_up",     "concluded",
  "started",      "resumed",        "memory_recall",
  "thinking",     "tool_calling",   "activity_start",
  "activity_end", "tool_result",    "memory_changed",
  "asking_user",  "user_responded", "question_suppressed",
  "reasoning",    "compacted",      "fell_over",
  "budget",       "completed",      "cancelled",
  "max_steps",    "error",          "finished"};

static_assert(std::is_same_v<std::variant_alternative_t<private_count, record>, fact::started>);

template <std::size_t N, class Enum>
std::string_view pick(const std::array<std::string_view, N>& names, Enum e) {
  return names.at(static_cast<std::size_t>(e));
}

}  // namespace

std::string_view name_of(call_kind k) {
  return pick(
    std::array<std::string_view, 4>{"step", "compaction", "partial_result", "tool_summary"}, k);
}
std::string_view name_of(resume_reason r) {
  return pick(std::array<std::string_view, 3>{"restart", "crash", "handover"}, r);
}
std::string_view name_of(suppress_reason r) {
  return pick(std::array<std::string_view, 2>{"cap", "repeated"}, r);
}
std::string_view name_of(budget_kind b) {
  return pick(std::array<std::string_view, 3>{"tokens", "cost_cents", "deadline"}, b);
}

bool is_public(const record& r) {
  return r.index() >= private_count;
}

std::string_view kind_of(const record& r) {
  return record_kinds.at(r.index());
}

}  // namespace persona_runtime
