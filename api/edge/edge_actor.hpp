#pragma once
// Where what is no actor (HTTP sessions, embedding programs) meets the actors.

#include "api/backend.hpp"
#include "messages/archive_messages.hpp"
#include "messages/conversation_messages.hpp"
#include "messages/stream_messages.hpp"

#include <caf/stateful_actor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>

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
  journal_actor journal;
  archive_actor archive;
  std::vector<stream_actor> streams;  // by shard_of_run
  std::function<std::size_t(const run_id&)> shard_of;
};

/// A question to another actor: open until it is answered or given up, whichever comes first.
class open_question {
public:
  open_question(std::uint64_t due_tick, std::function<void(const failure&)> give_up)
    : due_tick_{due_tick}, give_up_{std::move(give_up)} {}

  [[nodiscard]] std::uint64_t due_tick() const { return due_tick_; }
  [[nodiscard]] bool is_open() const { return give_up_ != nullptr; }
  /// Closes it. False: somebody was faster.
  bool answer() { return std::exchange(give_up_, nullptr) != nullptr; }
  void fail(const failure& why) {
    if (const auto give_up = std::exchange(give_up_, nullptr))
      give_up(why);
  }

private:
  std::uint64_t due_tick_;
  std::function<void(const failure&)> give_up_;
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
  std::deque<std::shared_ptr<open_question>> questions;  // first those that are due first
  std::uint64_t ticks = 0;
  bool ticking = false;
};

/// Adds a question, which `give_up` hears of when nobody has answered it within `patience`. One
/// tick serves all of them: a time limit of CAF's own would wake its clock's thread for each.
[[nodiscard]] std::shared_ptr<open_question>
note_question(edge_life& edge, std::chrono::milliseconds patience,
              std::function<void(const failure&)> give_up);

/// Asks the other actors on behalf of HTTP sessions and brings their answers back.
///
/// Spawned by: bootstrap, one per I/O thread.
/// Thread:     CAF pool; never blocks. Sessions' callbacks only post to their own threads.
/// Sends:      whatever edge_backend asks for; ack_events and leave_run for its viewers.
/// Dies:       on an exit message; viewers are told shut_down.
edge_actor::behavior_type edge_behavior(edge_actor::stateful_pointer<edge_life> self,
                                        edge_peers peers);

}  // namespace persona_runtime
