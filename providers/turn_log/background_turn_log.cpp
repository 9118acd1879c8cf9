#include "providers/turn_log/background_turn_log.hpp"

#include <utility>

namespace persona_runtime {

background_turn_log::background_turn_log(std::unique_ptr<turn_log_writer> to, log_ptr log,
                                         std::size_t waiting_max)
  : to_{std::move(to)}, log_{std::move(log)}, waiting_max_{waiting_max}, thread_{
                                                                           [this] { work(); }} {
}

background_turn_log::~background_turn_log() {
  {
    const auto lock = std::lock_guard{mutex_};
    over_ = true;
  }
  some_.notify_one();
  thread_.join();
}

void background_turn_log::write(const turn_log& log) {
  auto is_news = false;
  {
    const auto lock = std::lock_guard{mutex_};
    if (waiting_.size() < waiting_max_) {
      waiting_.push_back(log);
    } else {
      ++dropped_;
      is_news = !std::exchange(told_, true);
    }
  }
  some_.notify_one();
  if (is_news)
    log_->write(log_level::warning, "turn_log",
                "turn logs are dropped: the files cannot be written fast enough", {});
}

std::uint64_t background_turn_log::dropped() const {
  const auto lock = std::lock_guard{mutex_};
  return dropped_;
}

void background_turn_log::work() {
  auto lock = std::unique_lock{mutex_};
  while (true) {
    some_.wait(lock, [this] { return over_ || !waiting_.empty(); });
    if (waiting_.empty())
      return;
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    told_ = told_ && waiting_.size() + 1 >= waiting_max_;
    lock.unlock();
    to_->write(next);
    lock.lock();
  }
}

}  // namespace persona_runtime
