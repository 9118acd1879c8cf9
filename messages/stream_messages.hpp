#pragma once
// How committed events and live text reach those who watch a run.

#include "domain/event/run_event.hpp"
#include "messages/journal_messages.hpp"

namespace persona_runtime {

/// Asks for the events of `run` with seq >= `from`, then for what follows.
///
/// From:    an edge; `viewer` is its own number for whoever watches, unique per edge.
/// To:      the stream actor of that run.
/// Answer:  done; then, to the sender, viewer_events, viewer_text …, and viewer_ended as the last.
/// Failure: overloaded: the run has as many viewers as it may; nothing else follows.
struct watch_run {
  std::uint64_t viewer = 0;
  run_id run;
  event_seq from;
  bool follow = true;
  bool live_text = true;
};
/// Tells that everything before `next` has left for the client. Without it at most
/// stream_limits.unacked_max events are sent.
struct ack_events {
  std::uint64_t viewer = 0;
  event_seq next;
};
/// Ends the watching. From: the edge. Nothing is answered.
struct leave_run {
  std::uint64_t viewer = 0;
};

/// To an edge: the next events of a viewer, without gap or repeat.
struct viewer_events {
  std::uint64_t viewer = 0;
  std::vector<run_event> events;
};
/// To an edge: live text, as the data of one delta event.
struct viewer_text {
  std::uint64_t viewer = 0;
  step_index step;
  shared_text data;
};
enum class viewer_end : std::uint8_t { finished, up_to_date, cut_off, unavailable };
struct viewer_ended {
  std::uint64_t viewer = 0;
  viewer_end why = viewer_end::finished;
};

/// Live text of `run` has grown. From: whoever receives it, once until the stream has looked.
struct text_grew {
  run_id run;
};

/// The run has ended: its live text is over. From: the run, after its last commit.
struct run_over {
  run_id run;
};

using edge_viewer = interface<takes<viewer_events>, takes<viewer_text>, takes<viewer_ended>>;
using stream_actor = interface<takes<publish_events>, answers<done, watch_run>, takes<ack_events>,
                               takes<leave_run>, takes<text_grew>, takes<run_over>>;

}  // namespace persona_runtime
