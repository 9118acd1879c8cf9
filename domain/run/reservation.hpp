#pragma once
// What is noted of a grant before the attempt that it is for is sent.

#include "domain/run/decide.hpp"
#include "domain/run/record.hpp"
#include "domain/tier/tier_table.hpp"

namespace persona_runtime {

/// At `model`, with what the prompt alone costs there.
[[nodiscard]] inline fact::reserved reservation_of(const step_granted& grant, attempt_index attempt,
                                                   const model_entry& model) {
  const auto prompt = grant.amount.tokens - grant.reply_tokens_max;
  return {grant.kind,    attempt,
          grant.amount,  grant.reply_tokens_max,
          model.label(), cost_cents(model, prompt, 0)};
}

/// The same of a hedge: the attempt under way stays reserved.
[[nodiscard]] inline fact::reserved
hedge_reservation_of(const step_granted& grant, attempt_index attempt, const model_entry& model) {
  auto made = reservation_of(grant, attempt, model);
  made.beside = true;
  return made;
}

}  // namespace persona_runtime
