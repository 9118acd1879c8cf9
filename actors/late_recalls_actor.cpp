#include "actors/late_recalls_actor.hpp"

#include "messages/house_rules.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using late_recalls_self = late_recalls_actor::stateful_pointer<late_recalls_life>;
using asker_of_memory = interface<takes<recall_is_late>>;

constexpr auto late_tick_period = 100ms;

void tick_soon(late_recalls_self self) {
  auto& life = self->state;
  if (!life.line.empty() && !std::exchange(life.ticking, true))
    self->delayed_send(self, late_tick_period, late_tick{});
}

void on_expect(late_recalls_self self, const expect_recall& msg) {
  auto& life = self->state;
  const auto due = instant{life.now().value + life.patience.count()};
  life.line.push_back(
    {due, caf::actor_cast<caf::weak_actor_ptr>(self->current_sender()), msg.call});
  tick_soon(self);
}

void on_tick(late_recalls_self self) {
  auto& life = self->state;
  life.ticking = false;
  const auto now = life.now();
  for (; !life.line.empty() && life.line.front().due <= now; life.line.pop_front()) {
    const auto& first = life.line.front();
    if (const auto who = caf::actor_cast<caf::strong_actor_ptr>(first.who))
      self->send(caf::actor_cast<asker_of_memory>(who), recall_is_late{first.call});
  }
  tick_soon(self);
}

}  // namespace

late_recalls_actor::behavior_type late_recalls_behavior(late_recalls_self self,
                                                        std::chrono::milliseconds patience,
                                                        std::function<instant()> now) {
  follow_house_rules(self);
  self->state.patience = patience;
  self->state.now = std::move(now);
  return {
    [self](const expect_recall& msg) { on_expect(self, msg); },
    [self](const late_tick&) { on_tick(self); },
  };
}

}  // namespace persona_runtime
