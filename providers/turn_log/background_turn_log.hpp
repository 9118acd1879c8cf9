#pragma once
// A turn log that never holds its caller up.

#include "domain/log_sink.hpp"
#include "providers/turn_log_writer.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace persona_runtime {

/// Hands what it is given to another writer, on a thread of its own. When that one falls behind by
/// more than `waiting_max`, the newest are dropped and the operator is told, once until there is
/// room again. Any thread may write; a write takes microseconds. Destroying it writes what waits.
class background_turn_log final : public turn_log_writer {
public:
  explicit background_turn_log(std::unique_ptr<turn_log_writer> to, log_ptr log = quiet_log(),
                               std::size_t waiting_max = 10'000);
  ~background_turn_log() override;
  background_turn_log(const background_turn_log&) = delete;
  background_turn_log& operator=(const background_turn_log&) = delete;

  void write(const turn_log& log) override;
  [[nodiscard]] std::uint64_t dropped() const;

private:
  void work();

  std::unique_ptr<turn_log_writer> to_;
  log_ptr log_;
  std::size_t waiting_max_;
  mutable std::mutex mutex_;
  std::condition_variable some_;
  std::deque<turn_log> waiting_;
  std::uint64_t dropped_ = 0;
  bool told_ = false;  // of a full queue
  bool over_ = false;
  std::thread thread_;
};

}  // namespace persona_runtime
