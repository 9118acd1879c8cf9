#include "api/routes/run_wait.hpp"

#include "api/routes/error_answer.hpp"

#include <utility>

namespace persona_runtime::api {

namespace {

// A quarter of what may be under way: every acknowledgement wakes three threads, and a viewer that
// has no room left is cut off.
constexpr auto acknowledged_at_once = std::size_t{16};

}  // namespace

run_wait::run_wait(std::shared_ptr<exchange> back, caller who, run_id run, backend& engine)
  : back_{std::move(back)}, who_{std::move(who)}, run_{std::move(run)}, engine_{engine} {
}

void run_wait::start(reply_port& port, std::chrono::milliseconds time) {
  port.attach(shared_from_this());
  port.wake_at(std::chrono::steady_clock::now() + time);
  auto done = [self = weak_from_this(), back = back_](result<std::unique_ptr<run_watch>> watch) {
    auto held = std::make_shared<result<std::unique_ptr<run_watch>>>(std::move(watch));
    back->post([self, held](reply_port&) {
      if (const auto wait = self.lock())
        wait->on_watch(std::move(*held));
    });
  };
  engine_.watch_run(who_, {.run = run_, .from = {}, .follow = true, .live_text = false},
                    shared_from_this(), std::move(done));
}

void run_wait::on_events(std::span<const run_event> events) {
  if (events.empty())
    return;
  const auto lock = std::lock_guard{mutex_};
  next_ = event_seq{events.back().seq.value + 1};
  unacknowledged_ += events.size();
  if (unacknowledged_ < acknowledged_at_once || std::exchange(is_woken_, true))
    return;
  back_->post([self = weak_from_this()](reply_port&) {
    if (const auto wait = self.lock())
      wait->acknowledge();
  });
}

void run_wait::on_delta(step_index, const shared_text&) {
}

void run_wait::on_end(end why) {
  const auto status = why == end::finished ? 200U : 202U;
  back_->post([self = weak_from_this(), status](reply_port&) {
    if (const auto wait = self.lock())
      wait->finish(status);
  });
}

void run_wait::on_watch(result<std::unique_ptr<run_watch>> watch) {
  if (is_finished_)
    return;
  if (!watch) {
    finish(202);
    return;
  }
  watch_ = std::move(*watch);
  acknowledge();
}

// Nobody reads these events, so there is always room for more.
void run_wait::acknowledge() {
  auto next = std::optional<event_seq>{};
  {
    const auto lock = std::lock_guard{mutex_};
    is_woken_ = false;
    unacknowledged_ = 0;
    if (watch_)
      next.swap(next_);
  }
  if (next)
    watch_->ack(*next);
}

void run_wait::finish(unsigned status) {
  if (std::exchange(is_finished_, true))
    return;
  watch_.reset();
  engine_.show_run(who_, run_, [back = back_, run = run_, status](result<std::string> shown) {
    back->post([run, status, shown = std::move(shown)](reply_port& port) {
      port.answer(shown ? run_answer_of(status, run, *shown)
                        : error_answer(shown.error(), {{"run_id", run.value}}));
    });
  });
}

void run_wait::on_sent(event_seq) {
}

void run_wait::on_wake(reply_port&, steady_time) {
  finish(202);
}

void run_wait::on_over() {
  is_finished_ = true;
  watch_.reset();
}

http_answer run_answer_of(unsigned status, const run_id& run, std::string status_json) {
  auto answer = http_answer{};
  answer.status = status;
  answer.body = std::move(status_json);
  answer.headers.emplace_back("Location", "/v1/runs/" + run.value);
  return answer;
}

}  // namespace persona_runtime::api
