#pragma once
// The one rule of the journal that every store shares: which append comes next.

#include "providers/store/journal_store.hpp"

namespace persona_runtime {

/// Where a run's journal stands. Invariant: life, pos and seq only ever rise.
struct journal_end {
  incarnation life;            // newest that has written
  std::uint64_t next_pos = 0;  // what the next append's pos must be
  event_seq next_seq;          // what the next append's seq must be
};

/// Whether `append` may follow `end`; `end` is null for a run that the store does not know. Says
/// committed, fenced or out_of_order; whether the idempotency key is free is the store's to see.
/// A wrong `seq` and an append without records are out_of_order too: either would leave a gap or
/// a repeat in what viewers are shown.
[[nodiscard]] append_verdict judge_append(const journal_end* end, const journal_append& append);

/// Where the journal stands after `append`.
[[nodiscard]] journal_end end_after(const journal_append& append);

}  // namespace persona_runtime
