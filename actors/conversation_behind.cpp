// What goes on behind the turns of a conversation: its history is folded, a title is made. Nobody
// waits for it, and a failure changes nothing: it is tried again after the next turn.

#include "actors/conversation_actor.hpp"
#include "domain/text/utf8.hpp"
#include "messages/house_rules.hpp"

#include <utility>

namespace persona_runtime::conversing {
namespace {

constexpr auto title_characters_max = std::size_t{120};
constexpr auto summary_reply_tokens = std::uint32_t{1'024};

const std::string& instruction_for(const turn_texts& texts, behind_work::kind what) {
  switch (what) {
  case behind_work::kind::fold:
    return texts.fold_instruction;
  case behind_work::kind::refold:
    return texts.refold_instruction;
  case behind_work::kind::title:
    break;
  }
  return texts.title_instruction;
}

message_ptr uncounted(role from, const std::string& text) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{text};
  return std::make_shared<const message>(std::move(m));
}

void give_up(conversation_life& life) {
  life.behind.reset();
}

void ask(conversation_self self, std::chrono::milliseconds delay = {}) {
  auto& life = self->state;
  auto& work = *life.behind;
  if (!life.turn)
    follow_board(life.services);
  const auto& rules = life.services->rules;
  const auto* tier = rules.tiers->resolve("small");
  if (tier != nullptr)
    stand_at(work.walk, first_up(*tier, {}, work.walk.member, rules.is_up));
  auto what = model_call{};
  what.kind = call_kind::compaction;
  what.tier = "small";
  what.owner = life.talk.owner;
  what.walk = work.walk;
  what.delay = delay;
  what.context = {uncounted(role::system, instruction_for(*rules.texts, work.what)),
                  uncounted(role::user, work.text)};
  what.reply_tokens_max = summary_reply_tokens;
  const auto i = life.services->tiers.find(tier == nullptr ? std::string{} : tier->name);
  if (i == life.services->tiers.end())
    return give_up(life);
  send_urgent(self, i->second,
              call_model{work.call, std::make_shared<const model_call>(std::move(what))});
}

void start(conversation_self self, behind_work::kind what, message_range range, std::string text) {
  auto& life = self->state;
  const auto call = identity{{life.id.value}, {}, {life.behind_count++}, {}};
  life.behind = behind_work{what, call, range, std::move(text), {}};
  ask(self);
}

std::string first_exchange(const kept_talk& talk) {
  auto text = std::string{};
  for (const auto& kept : talk.tail)
    text.append(name_of(kept.what.from)).append(": ").append(text_of(kept.what)).append("\n");
  return text.substr(0, border_at_or_before(text, 4'000));
}

std::string title_from(std::string_view reply) {
  auto title = stripped(reply);
  title = title.substr(0, title.find('\n'));
  while (title.size() > 1 && title.front() == '"' && title.back() == '"')
    title = title.substr(1, title.size() - 2);
  auto at = std::size_t{0};
  for (auto count = std::size_t{0}; at < title.size() && count < title_characters_max; ++count)
    at += decode_at(title, at).bytes;
  return std::string{stripped(title.substr(0, at))};
}

void keep_title(conversation_self self, std::string title) {
  auto& life = self->state;
  if (title.empty())
    return give_up(life);
  self->request(life.services->journal, request_timeout, alter_conversation{life.id, title, 0, {}})
    .then(
      [self, title](const done&) {
        self->state.talk.title = title;
        give_up(self->state);
      },
      [self](const caf::error&) { give_up(self->state); });
}

void keep_fold(conversation_self self, std::string summary) {
  auto& life = self->state;
  const auto range = life.behind->range;
  // A fold that does not become durable is made again after the next turn.
  self
    ->request(life.services->journal, request_timeout,
              alter_conversation{life.id, {}, folded_after(life.talk, range), summary})
    .then(
      [self, range, summary](const done&) {
        fold(self->state.talk, range, summary);
        give_up(self->state);
      },
      [self](const caf::error&) { give_up(self->state); });
}

void on_summary(conversation_self self, std::string_view reply) {
  auto& life = self->state;
  auto& work = *life.behind;
  const auto refolded = work.what == behind_work::kind::refold;
  auto summary = refolded ? std::string{stripped(reply)} : joined_summary(life.talk.summary, reply);
  const auto too_long = life.services->rules.count(summary) > summary_tokens_max;
  if (refolded || !too_long)
    return keep_fold(self, std::move(summary));
  start(self, behind_work::kind::refold, work.range, std::move(summary));
}

bool is_current(conversation_self self, const identity& call) {
  return self->state.behind && self->state.behind->call == call;
}

}  // namespace

void work_behind(conversation_self self) {
  auto& life = self->state;
  if (life.behind)
    return;
  if (const auto due = due_fold(life.talk, life.services->history))
    return start(self, behind_work::kind::fold, due->range, due->text);
  if (life.talk.title.empty() && life.talk.messages == 2 && !life.talk.tail.empty())
    start(self, behind_work::kind::title, {}, first_exchange(life.talk));
}

namespace {

/// Of no turn, but of the persona's owner all the same.
void tell_usage(conversation_life& life, const std::string& model, const token_usage& usage,
                std::optional<double> cents) {
  auto meter = usage_meter{};
  meter.note(record{fact::settled{model, usage, cents}});
  const auto& talk = life.talk;
  life.services->usage->add(meter.take(talk.owner, talk.persona, life.services->now()), {});
}

}  // namespace

void on_behind_reply(conversation_self self, const model_replied& msg) {
  if (!is_current(self, msg.call))
    return;
  tell_usage(self->state, msg.model, msg.reply.usage, msg.cents);
  if (self->state.behind->what == behind_work::kind::title)
    keep_title(self, title_from(msg.reply.text));
  else
    on_summary(self, msg.reply.text);
}

void on_behind_failure(conversation_self self, const model_failed& msg) {
  auto& life = self->state;
  if (!is_current(self, msg.call))
    return;
  tell_usage(life, msg.model, msg.usage, msg.cents);
  if (!msg.next)
    return give_up(life);
  life.behind->walk = msg.next->walk;
  ++life.behind->call.attempt.value;
  ask(self, msg.next->delay);
}

}  // namespace persona_runtime::conversing
