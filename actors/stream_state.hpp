#pragma once
// Who has seen what: cursors of viewers over the committed events of the runs they watch. A viewer
// never slows a run: it follows the ring, pages the journal, or is cut off.

#include "actors/live_text.hpp"
#include "domain/event/run_event.hpp"
#include "domain/failure.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

namespace persona_runtime {

struct stream_limits {
  std::size_t ring_max = 256;       // events kept per watched run
  std::size_t unacked_max = 64;     // events under way to one viewer
  std::size_t viewers_max = 1'000;  // per run
};

/// A viewer's own number at its edge, and the edge.
struct viewer_id {
  std::uint64_t edge = 0;
  std::uint64_t number = 0;
  friend auto operator<=>(const viewer_id&, const viewer_id&) = default;
};

enum class view_end : std::uint8_t { finished, up_to_date, cut_off };

/// What the stream has to do next, in this order.
struct stream_actions {
  struct text {
    viewer_id to;
    step_index step;
    shared_text data;
  };
  struct delivery {
    viewer_id to;
    std::vector<run_event> events;
  };
  struct page {  // wanted from the archive; its answer goes to page_read
    viewer_id reader;
    run_id run;
    event_seq from;
    std::size_t events_max;
  };
  struct ending {
    viewer_id to;
    view_end why;
  };
  std::vector<text> texts_first;  // of the step before the events that follow
  std::vector<delivery> deliveries;
  std::vector<text> texts;
  std::vector<page> pages;
  std::vector<ending> endings;  // forgotten already
};

/// Invariants: S-1 a ring is dense in seq and ends at the last published event. S-2 a viewer gets
/// each seq from its first on exactly once, in order. S-3 next - acked <= unacked_max. S-4 live
/// text of step k is shown only after `thinking` of k and before any later event.
class stream_state {
public:
  /// Gives the newest live text of a run, and arms its growth; null when there is none.
  using live_look = std::function<live_text_ptr(const run_id&)>;

  explicit stream_state(stream_limits limits = {}, live_look live = {})
    : limits_{limits}, live_{std::move(live)} {}

  /// Fails with overloaded when the run has as many viewers as it may.
  [[nodiscard]] result<void> may_watch(const run_id& run) const;
  [[nodiscard]] stream_actions watch(viewer_id id, const run_id& run, event_seq from, bool follow,
                                     bool live_text);
  /// Committed events of one run, in order.
  [[nodiscard]] stream_actions publish(const run_id& run, const shared_text& body, event_seq first);
  [[nodiscard]] bool is_watched(const run_id& run) const { return channels_.contains(run.value); }
  [[nodiscard]] stream_actions ack(viewer_id id, event_seq next);
  [[nodiscard]] stream_actions page_read(viewer_id id, const std::vector<shared_text>& bodies);
  [[nodiscard]] stream_actions text_grew(const run_id& run);
  void leave(viewer_id id);
  void leave_edge(std::uint64_t edge);

  [[nodiscard]] std::size_t viewers() const { return viewers_.size(); }

private:
  struct viewer {
    run_id run;
    event_seq next;   // to be delivered next
    event_seq acked;  // everything before it has left
    bool follow = true;
    bool wants_text = true;
    bool paging = false;
    bool caught_up = false;          // a page came back empty: the ring has all that follows
    bool saw_text = false;           // its first delta is behind it
    std::int64_t step = -1;          // of the last `thinking` that it got, or joined after
    std::int64_t step_at_join = -1;  // whose text there was then
    live_text_ptr shown;             // whose text it is getting
    std::size_t text_at = 0;
    std::size_t reasoning_at = 0;
  };
  struct channel {
    std::deque<run_event> ring;
    std::set<viewer_id> viewers;
    std::int64_t step = -1;  // of the last `thinking` that is known of
  };

  std::size_t room(const viewer& v) const;
  void deliver(viewer_id id, std::vector<run_event> events, stream_actions& out);
  void pump(viewer_id id, stream_actions& out);
  void end(viewer_id id, view_end why, stream_actions& out);
  void settle_step(viewer& v);
  void catch_up_text(viewer_id id, stream_actions& out);
  void show_text(viewer_id id, const live_text_ptr& now, std::vector<stream_actions::text>& out);
  void show_part(viewer_id id, viewer& v, const growing_text& from, std::size_t& at,
                 std::string_view name, std::vector<stream_actions::text>& out);

  stream_limits limits_;
  live_look live_;
  std::map<viewer_id, viewer> viewers_;
  std::unordered_map<std::string, channel> channels_;  // of watched runs only
};

}  // namespace persona_runtime
