#include "actors/stream_actor.hpp"

#include "messages/house_rules.hpp"

namespace persona_runtime {
namespace {

using stream_self = stream_actor::stateful_pointer<stream_life>;

void perform(stream_self self, stream_actions actions);

template <class Message>
void tell(stream_self self, std::uint64_t edge, Message msg) {
  if (const auto i = self->state.edges.find(edge); i != self->state.edges.end())
    self->send(i->second, std::move(msg));
}

viewer_end to_wire(view_end why) {
  switch (why) {
  case view_end::finished:
    return viewer_end::finished;
  case view_end::up_to_date:
    return viewer_end::up_to_date;
  case view_end::cut_off:
    break;
  }
  return viewer_end::cut_off;
}

void read_page(stream_self self, const stream_actions::page& wanted) {
  const auto count = static_cast<std::uint32_t>(wanted.events_max);
  const auto id = wanted.reader;
  self
    ->request(self->state.deps.archive, request_timeout,
              read_events{wanted.run, wanted.from, count})
    .then(
      [self, id](const events_read& page) {
        perform(self, self->state.rules.page_read(id, page.bodies));
      },
      [self, id](const caf::error&) {
        self->state.rules.leave(id);
        tell(self, id.edge, viewer_ended{id.number, viewer_end::unavailable});
      });
}

void perform(stream_self self, stream_actions actions) {
  for (auto& t : actions.texts_first)
    tell(self, t.to.edge, viewer_text{t.to.number, t.step, std::move(t.data)});
  for (auto& d : actions.deliveries)
    tell(self, d.to.edge, viewer_events{d.to.number, std::move(d.events)});
  for (auto& t : actions.texts)
    tell(self, t.to.edge, viewer_text{t.to.number, t.step, std::move(t.data)});
  for (const auto& p : actions.pages)
    read_page(self, p);
  for (const auto& e : actions.endings)
    tell(self, e.to.edge, viewer_ended{e.to.number, to_wire(e.why)});
}

viewer_id sender_of(stream_self self, std::uint64_t number) {
  return {self->current_sender()->id(), number};
}

caf::result<done> on_watch(stream_self self, const watch_run& msg) {
  if (const auto room = self->state.rules.may_watch(msg.run); !room)
    return to_caf_error(room.error());
  const auto edge = caf::actor_cast<edge_viewer>(self->current_sender());
  auto answer = self->make_response_promise<done>();  // takes the sender with it
  answer.deliver(done{});  // before the first events: the viewer knows by then that it is one
  if (self->state.edges.emplace(edge.id(), edge).second)
    self->monitor(edge);
  const auto id = viewer_id{edge.id(), msg.viewer};
  perform(self, self->state.rules.watch(id, msg.run, msg.from, msg.follow, msg.live_text));
  return answer;
}

void on_publish(stream_self self, const publish_events& msg) {
  auto& life = self->state;
  for (const auto& b : msg.bodies) {
    if (life.rules.is_watched(b.run))
      perform(self, life.rules.publish(b.run, b.body, b.seq));
  }
}

}  // namespace

std::size_t shard_of_run(const run_id& run, std::size_t shards) {
  return std::hash<std::string>{}(run.value) % shards;
}

stream_actor::behavior_type stream_behavior(stream_self self, stream_deps deps) {
  follow_house_rules(self);
  auto& life = self->state;
  life.deps = std::move(deps);
  const auto live = life.deps.live;
  life.rules = stream_state{life.deps.limits, [live](const run_id& run) {
                              return live ? live->look_and_arm(run) : nullptr;
                            }};
  self->set_down_handler([self](const caf::down_msg& msg) {
    self->state.rules.leave_edge(msg.source.id());
    self->state.edges.erase(msg.source.id());
  });
  self->send(life.deps.journal, follow_commits{});
  return {
    [self](const publish_events& msg) { on_publish(self, msg); },
    [self](const watch_run& msg) { return on_watch(self, msg); },
    [self](const ack_events& msg) {
      perform(self, self->state.rules.ack(sender_of(self, msg.viewer), msg.next));
    },
    [self](const leave_run& msg) { self->state.rules.leave(sender_of(self, msg.viewer)); },
    [self](const text_grew& msg) { perform(self, self->state.rules.text_grew(msg.run)); },
    [self](const run_over& msg) {
      perform(self, self->state.rules.text_grew(msg.run));
      if (self->state.deps.live)
        self->state.deps.live->erase(msg.run);
    },
  };
}

}  // namespace persona_runtime
