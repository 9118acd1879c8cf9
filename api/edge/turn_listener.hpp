#pragma once
// A turn of a conversation as the client of a completion sees it.

#include "api/completion_backend.hpp"

#include <mutex>

namespace persona_runtime {

/// Tells `listener` what a turn's viewer is told. Any thread, one call at a time.
class turn_listener final : public run_viewer {
public:
  explicit turn_listener(std::shared_ptr<completion_listener> listener)
    : listener_{std::move(listener)} {}

  /// The turn did not begin, or cannot be watched.
  void refuse(const failure& why) { listener_->on_refused(why); }
  /// Once the turn is watched; what has been shown by then is acknowledged.
  void hold(std::unique_ptr<run_watch> watch);
  /// Nobody listens any more. The turn goes on.
  void release();

  void on_events(std::span<const run_event> events) override;
  void on_delta(step_index, const shared_text&) override {}  // turns have none
  void on_end(end why) override;

private:
  void take(const run_event& event);

  const std::shared_ptr<completion_listener> listener_;
  completion_end what_;
  std::string visible_;
  std::size_t round_begin_ = 0;  // of the round under way, in `visible_`
  std::mutex mutex_;             // guards the rest
  std::unique_ptr<run_watch> watch_;
  bool is_released_ = false;
  std::optional<event_seq> seen_;  // the next one to come
};

}  // namespace persona_runtime
