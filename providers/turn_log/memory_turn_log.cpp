#include "providers/turn_log/memory_turn_log.hpp"

namespace persona_runtime {

void memory_turn_log::write(const turn_log& log) {
  const auto lock = std::lock_guard{mutex_};
  logs_.push_back(log);
  if (logs_.size() > kept_max_) {
    logs_.pop_front();
    ++forgotten_;
  }
}

std::vector<turn_log> memory_turn_log::logs() const {
  const auto lock = std::lock_guard{mutex_};
  return {logs_.begin(), logs_.end()};
}

std::size_t memory_turn_log::forgotten() const {
  const auto lock = std::lock_guard{mutex_};
  return forgotten_;
}

}  // namespace persona_runtime
