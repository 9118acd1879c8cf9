#pragma once

#include "providers/turn_log_writer.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

namespace persona_runtime {

/// Keeps turn logs in order, the newest `kept_max` of them. Any thread.
class memory_turn_log final : public turn_log_writer {
public:
  explicit memory_turn_log(std::size_t kept_max = 10'000) : kept_max_{kept_max} {}

  void write(const turn_log& log) override;

  /// Oldest first.
  [[nodiscard]] std::vector<turn_log> logs() const;
  /// How many were given up to make room.
  [[nodiscard]] std::size_t forgotten() const;

private:
  mutable std::mutex mutex_;
  std::size_t kept_max_;
  std::size_t forgotten_ = 0;
  std::deque<turn_log> logs_;
};

}  // namespace persona_runtime
