#include "actors/conversation_actor.hpp"

#include "actors/call_sender.hpp"
#include "messages/house_rules.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

using conversing::conversation_self;

bool is_of_turn(conversation_self self, const run_id& run) {
  const auto& turn = self->state.turn;
  return turn && turn->state.spec != nullptr && turn->state.spec->answer == run;
}

template <class Input>
auto takes_input(conversation_self self) {
  return [self](const Input& msg) {
    if (self->state.turn)
      conversing::take(self, msg);
  };
}

void on_loaded(conversation_self self, const loaded_conversation& past) {
  auto& life = self->state;
  life.loaded = true;
  life.talk = talk_from(past.row, past.tail, past.questions);
  life.spent = past.spent;
  if (!past.unfinished.empty())
    conversing::end_left_turn(self, past);
  else
    conversing::go_on(self, {});
}

void on_not_loaded(conversation_self self, const caf::error& why) {
  auto& life = self->state;
  auto last = run_id{};
  if (auto early = std::exchange(life.early, std::nullopt)) {
    last = early->what.answer;
    early->promise.deliver(why);
    for (auto& promise : early->cancels)
      promise.deliver(why);
  }
  self->send(life.services->conversations, turn_over{life.id, last});
  self->quit(caf::exit_reason::user_shutdown);
}

caf::result<turn_begun> on_begin(conversation_self self, const begin_turn& msg) {
  auto& life = self->state;
  const auto ending_old_one = life.turn && life.turn->frame == nullptr;
  if (life.early || (life.turn && !ending_old_one))
    return to_caf_error({errc::turn_already_active, "a turn is under way in this conversation"});
  auto promise = self->make_response_promise<turn_begun>();
  auto wanted = conversation_life::waiting_begin{msg, promise};
  if (life.loaded && !life.turn)
    conversing::begin(self, std::move(wanted));
  else
    life.early = std::move(wanted);
  return promise;
}

caf::result<turn_begun> on_begin_next(conversation_self self, const begin_next& msg) {
  auto& life = self->state;
  const auto is_over = life.loaded && !life.turn && !life.early;
  const auto is_ending = life.turn && life.turn->state.phase == turn_phase::ended && !life.early;
  if (is_over)
    return self->delegate(life.services->conversations, msg.wanted);
  if (!is_ending || life.next)
    return to_caf_error({errc::turn_already_active, "a turn is under way in this conversation"});
  life.next =
    conversation_life::waiting_next{msg.wanted, self->make_response_promise<turn_begun>()};
  return life.next->promise;
}

caf::result<turn_ended> on_cancel(conversation_self self, const cancel_turn& msg) {
  auto& turn = self->state.turn;
  if (auto& early = self->state.early) {
    early->cancelled = cancel{msg.reason};
    early->cancels.push_back(self->make_response_promise<turn_ended>());
    return early->cancels.back();
  }
  if (!turn)
    return to_caf_error({errc::turn_not_active, "no turn is under way in this conversation"});
  turn->cancels.push_back(self->make_response_promise<turn_ended>());
  auto promise = turn->cancels.back();
  if (turn->begun)
    conversing::take(self, cancel{msg.reason});
  else
    turn->early_cancel = cancel{msg.reason};
  return promise;
}

/// Answers everybody who waits: a promise that dies with its actor would tell nobody.
void on_exit(conversation_self self, const caf::exit_msg& msg) {
  auto& life = self->state;
  if (life.early) {
    life.early->promise.deliver(msg.reason);
    for (auto& promise : life.early->cancels)
      promise.deliver(msg.reason);
  }
  if (life.next)
    life.next->promise.deliver(msg.reason);
  if (life.turn) {
    for (auto& promise : life.turn->cancels)
      promise.deliver(msg.reason);
  }
  life.early.reset();
  life.next.reset();
  life.turn.reset();
  self->quit(msg.reason);
}

void load(conversation_self self) {
  self->request(self->state.services->archive, request_timeout, load_conversation{self->state.id})
    .then([self](const loaded_conversation& past) { on_loaded(self, past); },
          [self](const caf::error& why) { on_not_loaded(self, why); });
}

/// What the crashed actor sent to the journal last must be seen.
void load_behind_appends(conversation_self self) {
  self->request(self->state.services->journal, request_timeout, settle_appends{})
    .then([self](const done&) { load(self); },
          [self](const caf::error& why) { on_not_loaded(self, why); });
}

void on_leave(conversation_self self) {
  auto& life = self->state;
  const auto tier = life.services->tiers.find("small");
  if (life.behind && tier != life.services->tiers.end())
    send_urgent(self, tier->second, cancel_calls{life.behind->call.run, {}});
  self->quit();
}

}  // namespace

conversation_actor::behavior_type conversation_behavior(conversation_self self,
                                                        conversation_services_ptr services,
                                                        conversation_id id, resume_reason reason) {
  follow_house_rules(self);
  auto& life = self->state;
  life.services = std::move(services);
  life.id = std::move(id);
  life.reason = reason;
  self->set_exit_handler([self](caf::exit_msg& msg) { on_exit(self, msg); });
  if (reason == resume_reason::crash)
    load_behind_appends(self);
  else
    load(self);
  return {
    [self](const begin_turn& msg) { return on_begin(self, msg); },
    [self](const begin_next& msg) { return on_begin_next(self, msg); },
    [self](const cancel_turn& msg) { return on_cancel(self, msg); },
    takes_input<step_granted>(self),
    takes_input<step_refused>(self),
    [self](const model_replied& msg) {
      if (is_of_turn(self, msg.call.run))
        conversing::take(self, msg);
      else
        conversing::on_behind_reply(self, msg);
    },
    [self](const model_failed& msg) {
      if (is_of_turn(self, msg.call.run))
        conversing::take(self, msg);
      else
        conversing::on_behind_failure(self, msg);
    },
    takes_input<hedge_wanted>(self),
    takes_input<tool_replied>(self),
    takes_input<memory_recalled>(self),
    [self](const recall_is_late& msg) {
      if (is_of_turn(self, msg.call.run))
        conversing::take(self, nothing_recalled(msg));
    },
    [self](const answer_grew& msg) {
      if (is_of_turn(self, msg.turn))
        conversing::look_at_text(self);
    },
    [self](const records_committed& msg) {
      if (!is_of_turn(self, msg.run))
        return;
      self->state.turn->committed = std::max(self->state.turn->committed, msg.head);
      conversing::perform_durable(self);
      if (self->state.turn && std::exchange(self->state.turn->text_waits, false))
        conversing::look_at_text(self);
    },
    [self](const append_refused& msg) {
      if (is_of_turn(self, msg.run))
        on_exit(self, caf::exit_msg{self->address(), caf::exit_reason::user_shutdown});
    },
    [self](const deadline_passed& msg) {
      if (self->state.turn && self->state.turn->begun)
        conversing::take(self, msg);
    },
    [self](const leave_conversation&) { on_leave(self); },
  };
}

}  // namespace persona_runtime
