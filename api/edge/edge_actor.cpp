#include "api/edge/edge_actor.hpp"

#include "messages/house_rules.hpp"

#include <caf/all.hpp>

namespace persona_runtime {
namespace {

using edge_self = edge_actor::stateful_pointer<edge_life>;

run_viewer::end from_wire(viewer_end why, bool ended_run) {
  switch (why) {
  case viewer_end::finished:
    return run_viewer::end::finished;
  case viewer_end::up_to_date:
    return ended_run ? run_viewer::end::finished : run_viewer::end::up_to_date;
  case viewer_end::cut_off:
    return run_viewer::end::cut_off;
  case viewer_end::unavailable:
    break;
  }
  return run_viewer::end::unavailable;
}

void end_viewer(edge_life& life, std::uint64_t number, viewer_end why) {
  if (auto found = life.viewers.extract(number); !found.empty())
    found.mapped().viewer->on_end(from_wire(why, found.mapped().ended_run));
}

constexpr auto tick_period = 100ms;

void tick_soon(edge_life& edge);

void on_tick(edge_life& edge) {
  edge.ticking = false;
  ++edge.ticks;
  auto& questions = edge.questions;
  while (!questions.empty()
         && (!questions.front()->is_open() || questions.front()->due_tick() <= edge.ticks)) {
    const auto due = std::move(questions.front());
    questions.pop_front();
    due->fail(to_failure(caf::make_error(caf::sec::request_timeout)));
  }
  tick_soon(edge);
}

void tick_soon(edge_life& edge) {
  if (!edge.questions.empty() && !std::exchange(edge.ticking, true))
    edge.self->delayed_send(edge.self, tick_period, edge_task{on_tick});
}

}  // namespace

std::shared_ptr<open_question> note_question(edge_life& edge, std::chrono::milliseconds patience,
                                             std::function<void(const failure&)> give_up) {
  while (!edge.questions.empty() && !edge.questions.front()->is_open())
    edge.questions.pop_front();
  // The tick under way may be nearly over.
  const auto due = edge.ticks + static_cast<std::uint64_t>(patience / tick_period) + 1;
  edge.questions.push_back(std::make_shared<open_question>(due, std::move(give_up)));
  tick_soon(edge);
  return edge.questions.back();
}

edge_actor::behavior_type edge_behavior(edge_self self, edge_peers peers) {
  follow_house_rules(self);
  self->state.self = self;
  self->state.peers = std::move(peers);
  self->set_exit_handler([self](caf::exit_msg& msg) {
    for (auto& [number, watching] : self->state.viewers)
      watching.viewer->on_end(run_viewer::end::shut_down);
    self->state.viewers.clear();
    self->quit(msg.reason);
  });
  return {
    [self](const edge_task& msg) { msg.run(self->state); },
    [self](const viewer_events& msg) {
      if (const auto i = self->state.viewers.find(msg.viewer); i != self->state.viewers.end())
        i->second.viewer->on_events(msg.events);
    },
    [self](const viewer_text& msg) {
      if (const auto i = self->state.viewers.find(msg.viewer); i != self->state.viewers.end())
        i->second.viewer->on_delta(msg.step, msg.data);
    },
    [self](const viewer_ended& msg) { end_viewer(self->state, msg.viewer, msg.why); },
  };
}

}  // namespace persona_runtime
