// How a conversation's actor carries out its turn: the records, the effects, the live text.

#include "actors/call_sender.hpp"
#include "actors/conversation_actor.hpp"
#include "actors/next_piece.hpp"
#include "domain/memory/episode.hpp"
#include "domain/text/json_text.hpp"
#include "domain/text/utf8.hpp"
#include "messages/house_rules.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace persona_runtime::conversing {
namespace {

void finish(conversation_self self, const turn_ended& e) {
  auto& life = self->state;
  auto turn = std::move(*life.turn);
  life.turn.reset();
  for (auto& promise : turn.cancels)
    promise.deliver(e);
  life.services->forget_live(e.turn);
  if (turn.log && life.services->turn_logs != nullptr)
    life.services->turn_logs->write(*turn.log);
  keep_turn(life.talk, turn.question, turn.answer);
  const auto complete = e.status == message_status::complete;
  go_on(self, e.turn);
  if (complete)
    work_behind(self);
}

struct turn_performer : call_sender<conversation_self> {
  using call_sender::call_sender;
  using call_sender::operator();

  void operator()(const reserve_step& e) const { self_->send(services().conversations, e); }
  void operator()(const turn_ended& e) const { finish(self_, e); }
};

void perform(conversation_self self, const turn_effect& e) {
  std::visit(turn_performer{self}, e);
}

void write_down(live_turn& turn, const std::vector<turn_record>& records, instant at) {
  for (const auto& r : records) {
    turn.pending.add(turn.state.spec->answer, r, at);
    turn.meter.note(r);
  }
}

/// What the last append of a turn brings: transaction 2.
void bring_end(conversation_life& life, live_turn& turn, journal_append& what) {
  const auto now = life.services->now();
  const auto& state = turn.state;
  auto end = end_of(state, now);
  turn.answer.status = end.status;
  turn.answer.content = end.content;
  turn.answer.tier = end.tier;
  turn.answer.question = end.question;
  what.turn->ended = std::move(end);
  if (state.status == message_status::complete && !state.question && !turn.answer.content.empty())
    what.memory.push_back(turn_episode(
      talk_scope(state.spec->persona, state.spec->owner, state.spec->user), state.spec->text,
      turn.answer.content.str(), ulid_of(state.spec->answer.value), now));
  if (auto log = log_of(state, *life.services->rules.tiers, now)) {
    life.fallbacks.note(log->fallback_engaged);
    log->fallback_rate_alert = life.fallbacks.alerting();
    append_turn_log(what.turn->log, *log);
    what.turn->log_index = state.spec->messages_before;
    turn.log = std::move(*log);
  }
}

void append_pending(conversation_self self) {
  auto& life = self->state;
  auto& turn = *life.turn;
  if (turn.pending.records == 0)
    return;
  auto what = turn.pending.take(turn.state.spec->answer, turn.state.life);
  what.turn = turn_rows{};
  what.turn->conversation = life.id;
  what.memory = std::exchange(turn.state.desk.audits, {});
  const auto& spec = *turn.state.spec;
  what.usage = turn.meter.take(spec.owner, spec.persona, life.services->now());
  for (const auto& entry : what.usage) {
    life.spent.cents += entry.cents;
    life.spent.unpriced += entry.unpriced;
  }
  if (turn.state.phase == turn_phase::ended)
    bring_end(life, turn, what);
  self->send(life.services->journal, append_records{std::move(what)});
}

/// What waits for a commit must not start any more once the turn is cancelled.
void perform_early(conversation_self self, std::vector<turn_effect>& effects) {
  for (const auto& e : effects) {
    if (!may_come_early(e))
      continue;
    if (std::holds_alternative<cancel_calls>(e))
      self->state.turn->waiting.clear();
    perform(self, e);
  }
  std::erase_if(effects, [](const turn_effect& e) { return may_come_early(e); });
}

/// Nothing but a reservation follows: whatever comes of it is appended with these records.
bool rides_along(const turn_decision& d) {
  return d.effects.size() == 1 && std::holds_alternative<reserve_step>(d.effects.front());
}

}  // namespace

bool is_about_a_call(const turn_input& in) {
  return std::holds_alternative<model_replied>(in) || std::holds_alternative<model_failed>(in)
         || std::holds_alternative<hedge_wanted>(in);
}

void take(conversation_self self, const turn_input& in) {
  auto& life = self->state;
  auto& turn = *life.turn;
  if (!is_about_a_call(in))
    follow_board(life.services);
  const auto now = life.services->now();
  auto next = decide(turn.state, in, life.services->rules, now);
  if (life.services->routing != nullptr)
    life.services->routing->note(next.records, turn.state);
  write_down(turn, next.records, now);
  const auto waits = rides_along(next);
  perform_early(self, next.effects);
  if (waits)
    return;
  append_pending(self);
  if (!next.effects.empty())
    turn.waiting.push_back({turn.state.pos, std::move(next.effects)});
  perform_durable(self);
}

void perform_durable(conversation_self self) {
  auto& life = self->state;
  while (life.turn && !life.turn->waiting.empty()
         && life.turn->waiting.front().pos <= life.turn->committed) {
    const auto ready = std::move(life.turn->waiting.front());
    life.turn->waiting.erase(life.turn->waiting.begin());
    for (const auto& e : ready.effects)
      perform(self, e);
  }
}

void look_at_text(conversation_self self) {
  auto& turn = *self->state.turn;
  const auto& state = turn.state;
  if (!turn.begun || state.phase != turn_phase::calling)
    return;
  // One piece is on its way at a time, so that pieces grow under load instead of queueing up.
  if (turn.committed < state.pos) {
    turn.text_waits = true;
    return;
  }
  if (auto piece = next_piece(*self->state.services->live, state))
    take(self, *piece);
}

namespace {

message_row row_of(const message_id& id, role from, std::uint64_t position, instant at) {
  auto row = message_row{};
  row.id = id;
  row.from = from;
  row.position = position;
  row.created_at = at;
  return row;
}

std::string images_json(const std::vector<image_block>& images) {
  if (images.empty())
    return {};
  auto out = std::string{};
  append_json_list(out, images, [](std::string& to, const image_block& image) {
    auto o = json_writer{to};
    o.text("workspace_path", image.workspace_path).text("media_type", name_of(image.type)).close();
  });
  return out;
}

turn_spec_ptr spec_of(const conversation_life& life, const begin_turn& msg, instant now) {
  auto spec = turn_spec{};
  spec.conversation = life.id;
  spec.question = msg.question;
  spec.answer = msg.answer;
  spec.owner = msg.persona.owner;
  spec.persona = msg.persona.id;
  spec.user = msg.what.user;
  spec.text = msg.what.text;
  spec.images = msg.what.images;
  spec.messages_before = life.talk.messages;
  spec.began = now;
  spec.limits = msg.what.limits;
  return std::make_shared<const turn_spec>(std::move(spec));
}

void refuse(conversation_self self, const run_id& answer,
            caf::typed_response_promise<turn_begun>& promise, caf::error why) {
  auto& life = self->state;
  auto waiting = std::exchange(life.cancels_of_next, {});
  if (life.turn)
    waiting.insert(waiting.end(), life.turn->cancels.begin(), life.turn->cancels.end());
  for (auto& each : waiting)
    each.deliver(to_caf_error({errc::turn_not_active, "the turn did not begin"}));
  life.turn.reset();
  promise.deliver(std::move(why));
  go_on(self, answer);
}

void on_begun(conversation_self self, const run_id& answer,
              caf::typed_response_promise<turn_begun>& promise) {
  auto& life = self->state;
  if (!life.turn || life.turn->state.spec->answer != answer)
    return;
  auto& turn = *life.turn;
  turn.begun = true;
  if (turn.replaces)
    life.talk = without_last(std::move(life.talk), *turn.replaces);
  turn.committed = turn.state.pos;
  promise.deliver(turn_begun{life.id, turn.question.id, answer});
  take(self, turn_begins{turn.frame});
  const auto deadline = turn.state.spec->limits.deadline;
  if (deadline && *deadline <= life.services->now())
    return take(self, deadline_passed{});
  if (auto early = std::exchange(turn.early_cancel, std::nullopt))
    take(self, *early);
}

std::optional<double> lesser(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

/// What the conversation may still cost; none: as much as it likes.
std::optional<double> left_of_session(const conversation_life& life, const spending_caps& caps) {
  if (!caps.session)
    return std::nullopt;
  return life.spent.unpriced > 0 ? 0.0 : std::max(0.0, *caps.session - life.spent.cents);
}

money_spent spent_before(const conversation_life& life, const turn_spec& spec, instant now) {
  const auto& books = life.services->caps;
  return {life.spent.cents, books ? books->cents_of_day(spec.owner, spec.persona, now) : 0.0};
}

/// Why its persona's caps could not be kept; none: they can.
std::optional<failure> open_account(conversation_life& life, const turn_frame& frame) {
  const auto& books = life.services->caps;
  const auto caps = caps_in(frame.setup->who->routing);
  if (books == nullptr || !caps.any())
    return std::nullopt;
  if (auto why = why_no_cap_holds(*life.services->rules.tiers))
    return why;
  const auto& spec = *frame.spec;
  books->open(spec.answer, spec.owner, spec.persona, lesser(caps.turn, left_of_session(life, caps)),
              caps.day);
  return std::nullopt;
}

/// The last turn gives way to this one, and what is remembered of it goes.
void replace(const conversation_life& life, const turn_spec& spec, std::uint64_t from,
             journal_append& what) {
  what.turn->replaced = from;
  if (auto episodes = shown_episodes(life.talk, from); !episodes.empty())
    what.memory.push_back(forget_episodes(talk_scope(spec.persona, spec.owner, spec.user),
                                          std::move(episodes), spec.began));
}

/// A turn may take the place of the last one only, and not of one that is folded.
std::optional<failure> why_not_replace(const kept_talk& talk, const turn_request& what) {
  constexpr auto pair = 2;
  if (!what.replaces)
    return std::nullopt;
  if (talk.messages != *what.replaces + pair)
    return failure{errc::turn_already_active, "the conversation has gone on meanwhile"};
  if (talk.folded > *what.replaces)
    return failure{errc::validation_error, "the last answer is summarised already: say it again"};
  return std::nullopt;
}

/// Transaction 1: the message pair and the turn's first record.
journal_append first_append(const conversation_life& life, live_turn& turn, const begin_turn& msg) {
  const auto& spec = *turn.state.spec;
  turn.question = row_of(msg.question, role::user, spec.messages_before, spec.began);
  turn.question.content = shared_text{spec.text};
  turn.question.channel = msg.what.channel;
  turn.question.images = images_json(spec.images);
  turn.answer = row_of({spec.answer.value}, role::assistant, spec.messages_before + 1, spec.began);
  turn.answer.status = message_status::running;
  auto what = turn.pending.take(spec.answer, turn.state.life);
  what.turn = turn_rows{};
  what.turn->conversation = life.id;
  what.turn->added = {turn.question, turn.answer};
  if (turn.replaces)
    replace(life, spec, *turn.replaces, what);
  return what;
}

}  // namespace

void begin(conversation_self self, conversation_life::waiting_begin wanted) {
  auto& life = self->state;
  const auto& msg = wanted.what;
  auto promise = wanted.promise;
  follow_board(life.services);
  for (auto& cancel : wanted.cancels)
    life.cancels_of_next.push_back(std::move(cancel));
  const auto now = life.services->now();
  if (const auto why = why_not_replace(life.talk, msg.what))
    return refuse(self, msg.answer, promise, to_caf_error(*why));
  auto setup = life.services->setup_of(msg.persona);
  if (!setup)
    return refuse(self, msg.answer, promise, to_caf_error(setup.error()));
  auto spec = spec_of(life, msg, now);
  auto talk = std::make_shared<const conversation>(
    for_turn(msg.what.replaces ? without_last(life.talk, *msg.what.replaces) : life.talk));
  auto extras =
    turn_extras{shown_episodes(life.talk), msg.nonce, (*setup)->approved_skills, msg.what.wishes};
  extras.spent = spent_before(life, *spec, now);
  auto frame = make_turn_frame(std::move(*setup), spec, std::move(talk), std::move(extras),
                               life.services->rules);
  if (const auto fine = check_turn(*frame, life.services->rules); !fine)
    return refuse(self, msg.answer, promise, to_caf_error(fine.error()));
  if (auto why = open_account(life, *frame))
    return refuse(self, msg.answer, promise, to_caf_error(*why));
  auto& turn = life.turn.emplace();
  turn.frame = std::move(frame);
  turn.early_cancel = wanted.cancelled;
  turn.replaces = msg.what.replaces;
  turn.cancels = std::exchange(life.cancels_of_next, {});
  write_down(turn, open_turn(turn.state, spec), now);
  // The journal always answers; a limit here could only make the answer wrong.
  self->request(life.services->journal, caf::infinite, try_append{first_append(life, turn, msg)})
    .then([self, answer = spec->answer,
           promise](const done&) mutable { on_begun(self, answer, promise); },
          [self, answer = spec->answer, promise](caf::error& why) mutable {
            refuse(self, answer, promise, std::move(why));
          });
}

void go_on(conversation_self self, const run_id& last) {
  auto& life = self->state;
  if (auto early = std::exchange(life.early, std::nullopt))
    return begin(self, std::move(*early));
  self->send(life.services->conversations, turn_over{life.id, last});
  if (auto next = std::exchange(life.next, std::nullopt))
    next->promise.delegate(life.services->conversations, next->wanted);
}

void end_left_turn(conversation_self self, const loaded_conversation& past) {
  auto& life = self->state;
  auto& turn = life.turn.emplace();
  auto last = incarnation{};
  for (const auto& append : past.unfinished) {
    const auto records = decode_turn_body(append.body.view());
    if (!records)
      throw std::runtime_error(records.error().detail);  // conversations counts it as a crash
    for (const auto& r : *records) {
      ::persona_runtime::apply(turn.state, r.body);
      turn.meter.note(r.body);
    }
    last = std::max(last, append.life);
  }
  turn.meter.forget();  // it was counted when it was written
  turn.begun = true;
  turn.answer = past.tail.back();
  if (past.tail.size() > 1)
    turn.question = past.tail[past.tail.size() - 2];
  turn.committed = turn.state.pos;
  turn.pending.pos = turn.state.pos;
  turn.pending.seq = turn.state.seq;
  take(self, turn_left_behind{{last.value + 1}, life.reason});
}

}  // namespace persona_runtime::conversing
