// A second model beside the one that does not begin to answer: reserved like any attempt, under the
// step's identity, and settled in the append that settles the attempt that counts.

#include "domain/run/attempt_facts.hpp"
#include "domain/run/draft.hpp"

namespace persona_runtime::deciding {
namespace {

const model_entry* second_model(const draft& d) {
  const auto* tier = d.rules.tiers->resolve(tier_of(d.now, call_kind::step));
  return tier == nullptr ? nullptr : tier->find(d.now.hedging->model);
}

/// No more than the attempt under way was granted: the two answer the same.
std::uint32_t reply_cap(const draft& d, const model_entry& model) {
  return std::min(d.now.reply_tokens_max, model.reply_tokens_max);
}

bool fits(const draft& d, const model_entry& model) {
  return !model.context_window
         || rendered_size(d.now) <= context_budget(model, d.now.setup->schema_tokens);
}

}  // namespace

void on_hedge_wanted(draft& d, const hedge_wanted& in) {
  if (d.now.calling != call_kind::step || (d.now.hedging && d.now.hedging->call == in.call))
    return;
  d.now.hedging = {in.call, in.model};
  const auto* model = second_model(d);
  if (model == nullptr || !fits(d, *model))
    return;
  const auto request = budget_request{call_kind::step, worst_case(d, call_kind::step, *model),
                                      reply_cap(d, *model), model->price};
  d.then(reserve_step{in.call, request, d.now.spent, d.now.reserved});
}

void begin_hedge(draft& d, const step_granted& grant) {
  if (!d.now.hedging || d.now.hedging->call != grant.call)
    return;
  const auto* model = second_model(d);
  if (model == nullptr || grant.reply_tokens_max < reply_cap(d, *model))
    return;
  d.note(hedge_reservation_of(grant, d.now.attempt, model));
  d.then(
    start_hedge{grant.call, std::string{tier_of(d.now, call_kind::step)}, grant.reply_tokens_max});
}

void settle_lost(draft& d, const std::optional<lost_call>& lost) {
  if (lost)
    d.note(settled_by(*lost));
}

}  // namespace persona_runtime::deciding
