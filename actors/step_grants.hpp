#pragma once
// How those who keep a ledger answer `reserve_step`.

#include "actors/spending.hpp"
#include "messages/run_messages.hpp"

namespace persona_runtime {

/// The ledger's word, under the caps of the persona's books (null: nobody has any).
template <class Ledger>
[[nodiscard]] budget_answer grant_or_refuse(Ledger& ledger, const spending_ptr& caps,
                                            const reserve_step& what, instant now) {
  const auto spent = committed_before(what);
  const auto ask = [&](std::optional<double> cents_left) {
    return ledger.reserve(what.call.run, spent, what.request, cents_left,
                          what.beside ? what.beside->tokens : 0);
  };
  return caps ? caps->reserve(what.call.run, spent, now, ask) : ask(std::nullopt);
}

/// Tells it to whoever takes the step. True: it was granted.
template <class Self, class Asker>
bool send_answer(Self self, const Asker& to, const reserve_step& what,
                 const budget_answer& answer) {
  if (const auto* grant = std::get_if<budget_grant>(&answer)) {
    self->send(to,
               step_granted{what.call, what.request.kind, grant->amount, grant->reply_tokens_max});
    return true;
  }
  self->send(to, step_refused{what.call, std::get<budget_refusal>(answer)});
  return false;
}

}  // namespace persona_runtime
