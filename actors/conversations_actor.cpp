#include "actors/conversations_actor.hpp"

#include "actors/call_sender.hpp"
#include "actors/step_grants.hpp"
#include "messages/house_rules.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using conversations_self = conversations_actor::stateful_pointer<conversations_life>;

constexpr auto seat_sweep_period = 100ms;
constexpr auto old_turns_page = std::uint32_t{100};

conversation_seat* find_conversation_seat(conversations_self self, const std::string& id) {
  const auto i = self->state.seats.find(id);
  return i == self->state.seats.end() ? nullptr : &i->second;
}

void touch(conversations_self self, const std::string& id, conversation_seat& seat) {
  auto& life = self->state;
  life.idle.erase({seat.used_at, id});
  seat.used_at = life.deps.now();
  if (!seat.busy)
    life.idle.emplace(seat.used_at, id);
}

/// The turn's account and deadline go; what waits for the drain is answered with the last one.
void close_turn(conversations_self self, conversation_seat& seat) {
  auto& life = self->state;
  if (seat.turn.value.empty())
    return;
  life.budgets.close(seat.turn);
  if (life.services->caps)
    life.services->caps->close(seat.turn);
  life.by_turn.erase(seat.turn.value);
  if (seat.deadline)
    life.deadlines.erase({*seat.deadline, seat.turn.value});
  seat.deadline.reset();
  seat.turn = {};
  --life.turns;
  if (life.turns == 0) {
    for (auto& promise : std::exchange(life.drained, {}))
      promise.deliver(done{});
  }
}

void forget_seat(conversations_self self, const std::string& id) {
  auto& life = self->state;
  auto* seat = find_conversation_seat(self, id);
  if (seat == nullptr)
    return;
  close_turn(self, *seat);
  life.idle.erase({seat->used_at, id});
  life.by_actor.erase(seat->actor.id());
  life.seats.erase(id);
}

void send_away(conversations_self self, const std::string& id) {
  self->send(find_conversation_seat(self, id)->actor, leave_conversation{});
  forget_seat(self, id);
}

/// Room for one more, if need be at the cost of the one that was not used for longest.
bool make_room(conversations_self self) {
  auto& life = self->state;
  if (life.seats.size() < life.deps.limits.open_max)
    return true;
  if (life.idle.empty())
    return false;
  send_away(self, std::string{life.idle.begin()->second});
  return true;
}

conversation_seat& open_seat(conversations_self self, const std::string& id, resume_reason reason) {
  auto& life = self->state;
  auto& seat = life.seats[id];
  seat = {};
  seat.used_at = life.deps.now();
  seat.actor = life.deps.spawn
                 ? life.deps.spawn(life.services, {id}, reason)
                 : self->spawn(conversation_behavior, life.services, conversation_id{id}, reason);
  life.by_actor.emplace(seat.actor.id(), id);
  self->monitor(seat.actor);
  return seat;
}

std::optional<failure> why_not(conversations_self self, const begin_turn& msg) {
  auto& life = self->state;
  follow_board(life.services);
  if (life.services->rules.tiers->tiers.empty())
    return failure{errc::model_unavailable, "no model is configured", 30s};
  if (life.draining)
    return failure{errc::overloaded, "the server is stopping", 5s};
  if (!life.journal_available)
    return failure{errc::journal_unavailable, "the journal cannot be written", 1s};
  if (life.turns >= life.deps.limits.turns_max)
    return failure{errc::overloaded, "too many turns are under way", 1s};
  const auto crashes = life.crashes.find(msg.what.conversation.value);
  if (crashes != life.crashes.end() && crashes->second.size() >= life.deps.limits.crashes_max)
    return failure{errc::internal_error, "the conversation cannot be used at the moment"};
  return std::nullopt;
}

caf::result<turn_begun> on_begin(conversations_self self, const begin_turn& msg) {
  auto& life = self->state;
  const auto& id = msg.what.conversation.value;
  auto* seat = find_conversation_seat(self, id);
  if (seat != nullptr && !seat->turn.value.empty())
    return self->delegate(seat->actor, begin_next{msg});
  if (auto why = why_not(self, msg))
    return to_caf_error(*why);
  if (seat == nullptr) {
    if (!make_room(self))
      return to_caf_error({errc::overloaded, "too many conversations are open", 1s});
    seat = &open_seat(self, id, resume_reason::restart);
  }
  seat->busy = true;
  touch(self, id, *seat);
  seat->turn = msg.answer;
  seat->deadline = msg.what.limits.deadline;
  if (seat->deadline)
    life.deadlines.emplace(*seat->deadline, msg.answer.value);
  life.by_turn.emplace(msg.answer.value, id);
  life.budgets.open(msg.answer, msg.what.limits);
  ++life.turns;
  return self->delegate(seat->actor, msg);
}

caf::result<turn_ended> on_cancel(conversations_self self, const cancel_turn& msg) {
  auto* seat = find_conversation_seat(self, msg.conversation.value);
  if (seat == nullptr || seat->turn.value.empty())
    return to_caf_error({errc::turn_not_active, "no turn is under way in this conversation"});
  return self->delegate<caf::message_priority::high>(seat->actor, msg);
}

void erase(conversations_self self, const conversation_id& id,
           caf::typed_response_promise<done> promise) {
  if (find_conversation_seat(self, id.value) != nullptr)
    send_away(self, id.value);
  self->request(self->state.deps.journal, request_timeout, erase_conversation{id})
    .then([promise](const done&) mutable { promise.deliver(done{}); },
          [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
}

caf::result<done> on_remove(conversations_self self, const remove_conversation& msg) {
  auto promise = self->make_response_promise<done>();
  const auto id = msg.conversation;
  const auto* seat = find_conversation_seat(self, id.value);
  if (seat == nullptr || seat->turn.value.empty()) {
    erase(self, id, promise);
    return promise;
  }
  request_urgent(self, seat->actor, request_timeout,
                 cancel_turn{id, "the conversation was deleted"})
    .then([self, id, promise](const turn_ended&) { erase(self, id, promise); },
          [self, id, promise](const caf::error&) { erase(self, id, promise); });
  return promise;
}

void on_reserve(conversations_self self, const reserve_step& msg) {
  auto& life = self->state;
  const auto to = caf::actor_cast<conversation_actor>(self->current_sender());
  if (!life.by_turn.contains(msg.call.run.value))
    return;
  send_answer(self, to, msg,
              grant_or_refuse(life.budgets, life.services->caps, msg, life.deps.now()));
}

void on_over(conversations_self self, const turn_over& msg) {
  const auto& id = msg.conversation.value;
  auto* seat = find_conversation_seat(self, id);
  if (seat == nullptr || seat->actor.id() != self->current_sender()->id())
    return;
  if (!seat->turn.value.empty() && seat->turn != msg.last)
    return;  // it did not know yet of the turn that has been handed to it
  close_turn(self, *seat);
  seat->busy = false;
  touch(self, id, *seat);
}

/// Its calls are cancelled; its next incarnation ends the turn that it left.
void on_down(conversations_self self, const caf::down_msg& down) {
  auto& life = self->state;
  const auto gone = life.by_actor.find(down.source.id());
  if (gone == life.by_actor.end())
    return;  // it was sent away
  const auto id = gone->second;
  const auto turn = find_conversation_seat(self, id)->turn;
  const auto crashed = down.reason && down.reason != caf::exit_reason::user_shutdown;
  forget_seat(self, id);
  if (!crashed)
    return;
  for (const auto& run : {turn, run_id{id}})
    cancel_everywhere(self, *life.services, {run, {UINT32_MAX}});
  auto& crashes = life.crashes[id];
  crashes.push_back(life.deps.now());
  if (crashes.size() < life.deps.limits.crashes_max)
    open_seat(self, id, resume_reason::crash);
}

void end_old_turns_from(conversations_self self, std::uint64_t after) {
  self
    ->request(self->state.deps.archive, request_timeout,
              list_unfinished_turns{after, old_turns_page})
    .then(
      [self](const unfinished_turn_list& page) {
        for (const auto& id : page.conversations) {
          if (find_conversation_seat(self, id.value) == nullptr)
            open_seat(self, id.value, resume_reason::restart);
        }
        if (page.numbers.size() == old_turns_page)
          end_old_turns_from(self, page.numbers.back());
      },
      [self, after](const caf::error&) { self->state.old_turns_after = after; });
}

void forget_old_crashes(conversations_life& life, instant now) {
  std::erase_if(life.crashes, [&](const auto& entry) {
    return now.value - entry.second.back().value >= life.deps.limits.crash_window.count();
  });
}

void on_sweep(conversations_self self) {
  auto& life = self->state;
  const auto now = life.deps.now();
  while (!life.deadlines.empty() && life.deadlines.begin()->first <= now) {
    const auto turn = life.deadlines.begin()->second;
    life.deadlines.erase(life.deadlines.begin());
    auto* seat = find_conversation_seat(self, life.by_turn.at(turn));
    seat->deadline.reset();
    send_urgent(self, seat->actor, deadline_passed{});
  }
  while (!life.idle.empty()
         && now.value - life.idle.begin()->first.value >= life.deps.limits.idle.count())
    send_away(self, std::string{life.idle.begin()->second});
  forget_old_crashes(life, now);
  if (const auto after = std::exchange(life.old_turns_after, std::nullopt))
    end_old_turns_from(self, *after);
  self->delayed_send(self, seat_sweep_period, sweep{});
}

/// No new turns; those under way may end, since nobody could go on with them later.
caf::result<done> on_drain(conversations_self self) {
  auto& life = self->state;
  life.draining = true;
  if (life.turns == 0)
    return done{};
  life.drained.push_back(self->make_response_promise<done>());
  return life.drained.back();
}

/// Answers everybody who waits: a promise that dies with its actor would tell nobody.
void on_exit(conversations_self self, const caf::exit_msg& msg) {
  auto& life = self->state;
  for (auto& promise : std::exchange(life.drained, {}))
    promise.deliver(done{});
  for (auto& [id, seat] : life.seats)
    self->send_exit(seat.actor, msg.reason);
  life.by_actor.clear();
  life.seats.clear();
  life.services.reset();
  self->quit(msg.reason);
}

}  // namespace

conversations_actor::behavior_type conversations_behavior(conversations_self self,
                                                          conversations_deps deps) {
  follow_house_rules(self);
  auto& life = self->state;
  life.deps = std::move(deps);
  life.services = life.deps.make_services(conversations_actor{self});
  self->set_down_handler([self](caf::down_msg& msg) { on_down(self, msg); });
  self->set_exit_handler([self](caf::exit_msg& msg) { on_exit(self, msg); });
  self->send(life.deps.journal, watch_journal{});
  self->delayed_send(self, seat_sweep_period, sweep{});
  return {
    [self](const begin_turn& msg) { return on_begin(self, msg); },
    [self](const cancel_turn& msg) { return on_cancel(self, msg); },
    [self](const remove_conversation& msg) { return on_remove(self, msg); },
    [self](const drain&) { return on_drain(self); },
    [self](const reserve_step& msg) { on_reserve(self, msg); },
    [self](const turn_over& msg) { on_over(self, msg); },
    [self](const end_old_turns&) { end_old_turns_from(self, 0); },
    [self](const journal_changed& msg) { self->state.journal_available = msg.available; },
    [self](const sweep&) { on_sweep(self); },
  };
}

}  // namespace persona_runtime
