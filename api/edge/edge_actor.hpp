#pragma once
// Where what is no actor (HTTP sessions, embedding programs) meets the actors.

#include "api/backend.hpp"
#include "messages/archive_messages.hpp"
#include "messages/completion_messages.hpp"
#include "messages/conversation_messages.hpp"
#include "messages/stream_messages.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <map>
#include <memory>

namespace persona_runtime {

struct edge_life;

/// Something to be done on the edge's thread. Local: it never leaves the process.
struct edge_task {
  std::function<void(edge_life&)> run;
};

}  // namespace persona_runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(persona_runtime::edge_task)

namespace persona_runtime {

using edge_actor =
  interface<takes<edge_task>, takes<viewer_events>, takes<viewer_text>, takes<viewer_ended>>;

/// The actors that an edge talks to.
struct edge_peers {
  supervisor_actor supervisor;
  conversations_actor conversations;
  completions_actor completions;
  journal_actor journal;
  archive_actor archive;
  std::vector<stream_actor> streams;  // by shard_of_run
  std::function<std::size_t(const run_id&)> shard_of;
};

struct edge_life : stays_here {
  struct watching {
    std::shared_ptr<run_viewer> viewer;
    stream_actor stream;
    bool ended_run = false;  // up to date means finished
  };
  static inline const char* name = "edge";
  edge_actor::pointer self = nullptr;
  edge_peers peers;
  std::map<std::uint64_t, watching> viewers;
  std::uint64_t next_viewer = 1;
};

/// Asks the other actors on behalf of HTTP sessions and brings their answers back.
///
/// Spawned by: bootstrap, one per I/O thread.
/// Thread:     CAF pool; never blocks. Sessions' callbacks only post to their own threads.
/// Sends:      whatever edge_backend asks for; ack_events and leave_run for its viewers.
/// Dies:       on an exit message; viewers are told shut_down.
edge_actor::behavior_type edge_behavior(edge_actor::stateful_pointer<edge_life> self,
                                        edge_peers peers);

}  // namespace persona_runtime
