#pragma once
// Text while it is being received: written by one I/O thread, read by the stream, without a lock
// between them. Not journalled: what counts is the reply, once it is whole.

#include "domain/ids.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace persona_runtime {

/// Text that only grows. One writer, any number of readers.
class growing_text {
public:
  growing_text() = default;
  ~growing_text();
  growing_text(const growing_text&) = delete;
  growing_text& operator=(const growing_text&) = delete;

  /// The writer's thread only.
  void append(std::string_view text);

  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }

  /// Everything from `from` on that is there now. Any thread.
  [[nodiscard]] std::string read(std::size_t from) const;

private:
  static constexpr auto block_bytes = std::size_t{1'008};
  struct block {
    std::array<char, block_bytes> bytes;
    std::atomic<block*> next{nullptr};
  };
  std::atomic<block*> head_{nullptr};
  block* tail_ = nullptr;  // the writer's
  std::atomic<std::size_t> size_{0};
};

/// What one attempt of a step's model call has said so far.
struct live_text {
  step_index step;
  attempt_index attempt;
  growing_text text;
  growing_text reasoning;
};
using live_text_ptr = std::shared_ptr<live_text>;

/// The live texts of a node, by run. Thread-safe: look-ups lock, appending does not.
class live_registry {
public:
  /// Told when something has grown that somebody waits for: once per `arm`.
  using on_growth = std::function<void(const run_id&)>;

  explicit live_registry(on_growth tell = {}) : tell_{std::move(tell)} {}
  /// Before anything else is called.
  void set_on_growth(on_growth tell) { tell_ = std::move(tell); }

  /// One run's place. Held by whoever writes to it.
  struct channel {
    run_id run;
    std::mutex mutex;               // of `current`
    live_text_ptr current;          // of the newest attempt
    std::atomic<bool> armed{true};  // the first growth is told: whoever waits cannot miss it
  };
  using channel_ptr = std::shared_ptr<channel>;

  /// The run's channel; made when there is none.
  [[nodiscard]] channel_ptr open(const run_id& run);

  /// Begins the text of an attempt: earlier ones are over.
  [[nodiscard]] live_text_ptr begin(const channel_ptr& where, step_index step,
                                    attempt_index attempt);

  /// To be called by the writer after it has appended. `who` is told; none: whoever is told of all.
  void grew(const channel_ptr& where, const on_growth& who = {}) const;

  /// The newest text of a run; null when there is none. Afterwards its next growth is told.
  [[nodiscard]] live_text_ptr look_and_arm(const run_id& run);

  /// The run has ended.
  void erase(const run_id& run);

private:
  static constexpr auto shard_count = std::size_t{16};
  struct shard {
    std::mutex mutex;
    std::unordered_map<std::string, channel_ptr> channels;
  };
  shard& shard_of(const run_id& run) {
    return shards_[std::hash<std::string>{}(run.value) % shard_count];
  }

  on_growth tell_;
  std::array<shard, shard_count> shards_;
};

}  // namespace persona_runtime
