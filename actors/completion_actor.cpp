#include "actors/completion_actor.hpp"

#include "actors/call_sender.hpp"
#include "actors/next_piece.hpp"
#include "actors/step_grants.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

using completion_self = completion_actor::stateful_pointer<completion_life>;

constexpr auto counted_at_once = std::size_t{64} << 10;  // bytes: a few milliseconds

void finish(completion_self self, completion_end end) {
  auto& life = self->state;
  auto over = completion_over{life.job->id, {}, {}};
  if (!end.calls.empty()) {
    over.first_call = end.calls.front().call_id;
    over.server_rounds = life.turn.desk.server_rounds;
  }
  self->send(life.keeper, std::move(over));  // first: its client may ask again as soon as it knows
  life.job->listener->on_end(std::move(end));
  self->quit();
}

void fail(completion_self self, const failure& why) {
  auto end = completion_end{};
  end.error_kind = std::string{token_of(why.code)};
  end.error = why.detail;
  finish(self, std::move(end));
}

void finish_turn(completion_self self) {
  auto& life = self->state;
  const auto& turn = life.turn;
  auto end = completion_end{};
  end.status = turn.status;
  end.calls = turn.desk.client_calls;
  end.text = end.calls.empty() ? kept_text(turn) : std::string{round_text(turn)};
  end.finish = end.calls.empty() ? turn.desk.finish : finish_reason::tool_calls;
  end.usage = turn.desk.tally.total().tokens;
  end.error_kind = life.error_kind;
  end.error = life.error;
  finish(self, std::move(end));
}

struct completion_performer : call_sender<completion_self> {
  using call_sender::call_sender;
  using call_sender::operator();

  void operator()(const reserve_step& e) const {
    auto& budget = self_->state.budget;
    send_answer(self_, self_, e, grant_or_refuse(budget, services().caps, e, services().now()));
  }
  void operator()(const turn_ended&) const { finish_turn(self_); }
};

void show(completion_life& life, const turn_record& r) {
  if (const auto* piece = std::get_if<turn_fact::chunk>(&r))
    return life.job->listener->on_text(piece->text);
  if (const auto* failed = std::get_if<turn_fact::failed>(&r)) {
    life.error_kind = failed->kind;
    life.error = failed->message;
  }
}

/// Nothing of a completion is kept but what it cost.
void tell_usage(completion_life& life) {
  const auto& job = *life.job;
  auto usage = life.meter.take(job.who.owner, life.persona->id, life.services->now());
  life.services->usage->add(std::move(usage), job.id);
}

void take(completion_self self, const turn_input& in) {
  auto& life = self->state;
  if (!conversing::is_about_a_call(in))
    follow_board(life.services);
  const auto next = decide(life.turn, in, life.services->rules, life.services->now());
  if (auto audits = std::exchange(life.turn.desk.audits, {}); !audits.empty())
    caf::anon_send(life.services->journal, change_memory{std::move(audits)});
  if (life.services->routing != nullptr)
    life.services->routing->note(next.records, life.turn);
  for (const auto& r : next.records) {
    show(life, r);
    life.meter.note(r);
  }
  tell_usage(life);
  for (const auto& e : next.effects)
    std::visit(completion_performer{self}, e);
}

turn_spec_ptr spec_of(const completion_job& job, instant now) {
  auto spec = turn_spec{};
  spec.answer = job.id;
  spec.owner = job.who.owner;
  spec.persona = job.what.persona;
  spec.user = job.what.user;
  spec.text = last_user_text(job.what);
  spec.images = last_user_images(job.what);
  spec.began = now;
  spec.limits = job.limits;
  return std::make_shared<const turn_spec>(std::move(spec));
}

void begin_turn_of(completion_self self) {
  auto& life = self->state;
  follow_board(life.services);
  const auto& job = *life.job;
  const auto setup = life.services->setup_of(*life.persona);
  if (!setup)
    return fail(self, setup.error());
  auto spec = spec_of(job, life.services->now());
  auto frame = make_completion_frame(**setup, spec, job.what, std::move(life.counted), job.nonce,
                                     life.services->rules);
  if (!frame)
    return fail(self, frame.error());
  if (const auto fine = check_turn(**frame, life.services->rules); !fine)
    return fail(self, fine.error());
  auto caps = caps_in((*setup)->who->routing);
  caps.session.reset();  // a completion is no conversation's
  if (life.services->caps && caps.any()) {
    if (const auto why = why_no_cap_holds(*life.services->rules.tiers))
      return fail(self, *why);
    life.services->caps->open(job.id, job.who.owner, life.persona->id, caps.turn, caps.day);
  }
  life.budget.open(job.id, job.limits);
  static_cast<void>(open_turn(life.turn, std::move(spec)));
  take(self, turn_begins{std::move(*frame)});
}

void count_more(completion_self self) {
  auto& life = self->state;
  if (count_some(life.counted, life.job->what, life.services->rules, counted_at_once))
    self->send(self, count_on{});
  else
    begin_turn_of(self);
}

void look_at_text(completion_self self) {
  const auto& turn = self->state.turn;
  if (turn.phase != turn_phase::calling)
    return;
  if (auto piece = next_piece(*self->state.services->live, turn))
    take(self, *piece);
}

/// Ends it wherever it stands; before its turn has begun there is nothing to give up.
void end_early(completion_self self, const turn_input& why) {
  if (self->state.turn.spec != nullptr)
    return take(self, why);
  auto end = completion_end{};
  end.status = message_status::cancelled;
  finish(self, std::move(end));
}

template <class Input>
auto takes_part(completion_self self) {
  return [self](const Input& msg) { take(self, msg); };
}

}  // namespace

completion_actor::behavior_type completion_behavior(completion_self self,
                                                    conversation_services_ptr services,
                                                    completions_actor keeper,
                                                    completion_job_ptr job, persona_row_ptr persona,
                                                    message_list messages) {
  follow_house_rules(self);
  auto& life = self->state;
  life.services = std::move(services);
  life.keeper = std::move(keeper);
  life.job = std::move(job);
  life.persona = std::move(persona);
  life.counted.messages = std::move(messages);
  self->send(self, count_on{});
  return {
    [self](const count_on&) { count_more(self); },
    takes_part<step_granted>(self),
    takes_part<step_refused>(self),
    takes_part<model_replied>(self),
    takes_part<model_failed>(self),
    takes_part<hedge_wanted>(self),
    takes_part<tool_replied>(self),
    takes_part<memory_recalled>(self),
    [self](const recall_is_late& msg) { take(self, nothing_recalled(msg)); },
    [self](const answer_grew&) { look_at_text(self); },
    [self](const cancel& msg) { end_early(self, msg); },
    [self](const deadline_passed& msg) { end_early(self, msg); },
  };
}

}  // namespace persona_runtime
