#include "providers/store/append_rule.hpp"

namespace persona_runtime {

append_verdict judge_append(const journal_end* end, const journal_append& append) {
  if (end != nullptr && append.life < end->life)
    return append_verdict::fenced;
  // Only a first append brings the run's row, or the turn's messages; without them it was deleted
  // or never accepted.
  if (end == nullptr && !append.row && !(append.turn && !append.turn->added.empty()))
    return append_verdict::out_of_order;
  const auto expected = end != nullptr ? *end : journal_end{};
  const auto next = append.pos == expected.next_pos && append.seq == expected.next_seq;
  return next && append.records > 0 && append.events <= append.records
           ? append_verdict::committed
           : append_verdict::out_of_order;
}

journal_end end_after(const journal_append& append) {
  return {append.life, append.pos + append.records, {append.seq.value + append.events}};
}

}  // namespace persona_runtime
