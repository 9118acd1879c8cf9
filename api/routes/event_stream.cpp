#include "api/routes/event_stream.hpp"

#include "api/routes/error_answer.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime::api {
namespace {

using namespace std::chrono_literals;

// How long the head waits for a first sign when the cursor may be at the end. It only matters to
// a client that joins a silent run with a cursor.
constexpr auto head_wait = 300ms;

failure failure_of(run_viewer::end why) {
  if (why == run_viewer::end::shut_down) {
    return {errc::overloaded, "the server is shutting down", 5s};
  }
  return {errc::journal_unavailable, "the run's events cannot be read at the moment", 5s};
}

}  // namespace

event_stream::event_stream(std::shared_ptr<exchange> back, watch_request request,
                           stream_format format, event_stream_settings settings,
                           edge_metrics& metrics)
  : back_{std::move(back)}, request_{std::move(request)}, format_{format}, settings_{settings},
    metrics_{metrics} {
}

event_stream::~event_stream() = default;

void event_stream::start(reply_port& port, const caller& who, backend& engine) {
  start(port,
        [&](std::shared_ptr<run_viewer> viewer, backend::on_done<std::unique_ptr<run_watch>> done) {
          engine.watch_run(who, request_, std::move(viewer), std::move(done));
        });
}

void event_stream::start(reply_port& port, const beginning& begin) {
  port.attach(shared_from_this());
  auto done = [self = weak_from_this(), back = back_](result<std::unique_ptr<run_watch>> watch) {
    auto held = std::make_shared<result<std::unique_ptr<run_watch>>>(std::move(watch));
    back->post([self, held](reply_port& on) {
      if (const auto stream = self.lock())
        stream->on_watch(on, std::move(*held));
    });
  };
  begin(shared_from_this(), std::move(done));
}

void event_stream::on_events(std::span<const run_event> events) {
  const auto lock = std::lock_guard{mutex_};
  if (ended_ || is_over_full_ || events.empty())
    return;
  for (const auto& event : events) {
    if (format_ != stream_format::chat)
      inbox_.push_back(out_item::of(event));
    else if (event.type() != "finished")  // it only says that nothing follows
      inbox_.push_back(out_item::payload_of(event));
  }
  wake_connection();
}

void event_stream::on_delta(step_index step, const shared_text& data_json) {
  const auto lock = std::lock_guard{mutex_};
  if (ended_ || is_over_full_)
    return;
  inbox_live_bytes_ += data_json.size();
  is_over_full_ =
    inbox_live_bytes_ > data_json.size() && inbox_live_bytes_ > settings_.live_bytes_max;
  if (!is_over_full_)
    inbox_.push_back(out_item::delta(step, data_json));
  wake_connection();
}

void event_stream::on_end(end why) {
  const auto lock = std::lock_guard{mutex_};
  if (ended_)
    return;
  ended_ = why;
  wake_connection();
}

// Called with the mutex held. One post carries everything that arrives until it runs.
void event_stream::wake_connection() {
  if (is_woken_)
    return;
  is_woken_ = true;
  back_->post([self = weak_from_this()](reply_port& port) {
    if (const auto stream = self.lock())
      stream->drain(port);
  });
}

void event_stream::on_watch(reply_port& port, result<std::unique_ptr<run_watch>> watch) {
  if (is_over_)
    return;
  if (!watch) {
    if (has_head_) {
      port.abort();
    } else {
      port.answer(error_answer(watch.error(), {{"run_id", request_.run.value}}));
    }
    return;
  }
  watch_ = std::move(*watch);
  if (unacked_) {
    watch_->ack(*unacked_);
    unacked_.reset();
  }
  if (has_head_)
    return;
  // From the beginning there is always `started`, so this cannot become a 204.
  if (request_.from.value == 0) {
    send_head(port);
    port.flush();
  } else {
    port.wake_at(std::chrono::steady_clock::now() + head_wait);
  }
}

void event_stream::drain(reply_port& port) {
  auto items = std::vector<out_item>{};
  auto live_bytes = std::size_t{0};
  auto ended = std::optional<end>{};
  auto is_over_full = false;
  {
    const auto lock = std::lock_guard{mutex_};
    is_woken_ = false;
    items.swap(inbox_);
    live_bytes = std::exchange(inbox_live_bytes_, 0);
    ended = ended_;
    is_over_full = is_over_full_;
  }
  if (is_over_)
    return;
  const auto unsent = port.unsent_live_bytes();
  if (is_over_full
      || (unsent > 0 && live_bytes > 0 && unsent + live_bytes > settings_.live_bytes_max)) {
    cut(port);
    return;
  }
  send_items(port, std::move(items));
  if (ended && !is_over_)
    finish(port, *ended);
}

void event_stream::send_items(reply_port& port, std::vector<out_item> items) {
  if (items.empty())
    return;
  send_head(port);
  for (auto& item : items)
    port.push(std::move(item));
  port.flush();
}

void event_stream::send_head(reply_port& port) {
  if (has_head_)
    return;
  has_head_ = true;
  metrics_.viewers_open.fetch_add(1, std::memory_order_relaxed);
  auto head = http_answer{};
  head.content_type =
    format_ == stream_format::ndjson ? "application/x-ndjson" : "text/event-stream";
  head.headers.emplace_back("Cache-Control", "no-store");
  head.headers.emplace_back("X-Accel-Buffering", "no");
  port.begin_stream(head, format_, request_.run.value);
  port.wake_at(std::chrono::steady_clock::now() + settings_.heartbeat);
}

void event_stream::finish(reply_port& port, end why) {
  const auto is_complete = why == end::finished || why == end::up_to_date;
  if (why == end::cut_off) {
    cut(port);
  } else if (!has_head_ && why == end::finished) {
    port.answer({.status = 204});
  } else if (!has_head_ && !is_complete) {
    port.answer(error_answer(failure_of(why), {{"run_id", request_.run.value}}));
  } else {
    send_head(port);
    // Without `event: end` a client knows that there is more to come and joins again.
    if (is_complete)
      port.push(out_item::mark(out_item::kind::end));
    port.end_stream();
  }
}

void event_stream::cut(reply_port& port) {
  metrics_.viewers_cut.fetch_add(1, std::memory_order_relaxed);
  port.abort();
}

void event_stream::on_sent(event_seq last) {
  const auto next = event_seq{last.value + 1};
  if (watch_) {
    watch_->ack(next);
  } else {
    unacked_ = next;
  }
}

void event_stream::on_wake(reply_port& port, steady_time now) {
  if (!has_head_) {
    send_head(port);
    port.flush();
    return;
  }
  auto silent_since = port.last_progress();
  if (now - silent_since >= settings_.heartbeat) {
    // What waits unsent is no silence of ours: the slow-reader time takes care of it.
    if (port.is_all_sent()) {
      port.push(out_item::mark(out_item::kind::heartbeat));
      port.flush();
    }
    silent_since = now;
  }
  port.wake_at(silent_since + settings_.heartbeat);
}

void event_stream::on_over() {
  if (std::exchange(is_over_, true))
    return;
  if (has_head_)
    metrics_.viewers_open.fetch_sub(1, std::memory_order_relaxed);
  watch_.reset();
  const auto lock = std::lock_guard{mutex_};
  ended_ = end::finished;  // late calls add nothing
  inbox_.clear();
}

}  // namespace persona_runtime::api
