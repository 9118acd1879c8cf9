#pragma once
// What is noted of an attempt at a model: before it is sent, and when it is over.

#include "domain/run/decide.hpp"
#include "domain/run/record.hpp"
#include "domain/tier/tier_table.hpp"

namespace persona_runtime {

/// What was granted, at `model`, with what the prompt alone costs there. Null: a reload has taken
/// the model away since it was asked for.
[[nodiscard]] inline fact::reserved reservation_of(const step_granted& grant, attempt_index attempt,
                                                   const model_entry* model) {
  auto made =
    fact::reserved{grant.kind, attempt, grant.amount, grant.reply_tokens_max, {}, std::nullopt};
  if (model != nullptr) {
    made.model = model->label();
    made.prompt_cents = cost_cents(*model, grant.amount.tokens - grant.reply_tokens_max, 0);
  }
  return made;
}

/// The same of a hedge: the attempt under way stays reserved.
[[nodiscard]] inline fact::reserved
hedge_reservation_of(const step_granted& grant, attempt_index attempt, const model_entry* model) {
  auto made = reservation_of(grant, attempt, model);
  made.beside = true;
  return made;
}

[[nodiscard]] inline fact::settled settled_by(const model_replied& in) {
  return {in.model, in.reply.usage, in.cents};
}
[[nodiscard]] inline fact::settled settled_by(const model_failed& in) {
  return {in.model, in.usage, in.cents, !is_not_sent(in.error)};
}
[[nodiscard]] inline fact::settled settled_by(const lost_call& in) {
  return {in.model, in.usage, in.cents};
}

/// The next attempt stands at `walk`.
[[nodiscard]] inline fact::retried retried_at(const walk_position& walk, const model_failed& in) {
  return {in.model, walk, !is_not_sent(in.error)};
}

}  // namespace persona_runtime
