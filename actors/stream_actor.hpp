#pragma once
#include "actors/engine_counters.hpp"
#include "actors/stream_state.hpp"
#include "messages/archive_messages.hpp"
#include "messages/stream_messages.hpp"

#include <caf/stateful_actor.hpp>

namespace persona_runtime {

struct stream_deps {
  journal_actor journal;
  archive_actor archive;
  stream_limits limits;
  std::shared_ptr<live_registry> live;
  std::shared_ptr<engine_counters> counters;
};

struct stream_life : stays_here {
  static inline const char* name = "stream";
  stream_deps deps;
  stream_state rules;
  std::map<std::uint64_t, edge_viewer> edges;
};

/// Which of `shards` stream actors a run belongs to.
[[nodiscard]] std::size_t shard_of_run(const run_id& run, std::size_t shards);

/// Hands committed events and live text to those who watch, from any cursor.
///
/// Spawned by: bootstrap, a few per node, by run id.
/// Thread:     CAF pool; never blocks.
/// Sends:      viewer_events, viewer_text and viewer_ended to edges, read_events to the archive.
/// Dies:       on an exit message; viewers watch again with their cursor.
stream_actor::behavior_type stream_behavior(stream_actor::stateful_pointer<stream_life> self,
                                            stream_deps deps);

}  // namespace persona_runtime
