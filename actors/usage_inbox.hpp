#pragma once
#include "actors/spending.hpp"
#include "domain/budget/usage.hpp"
#include "domain/log_sink.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace persona_runtime {

/// Usage that belongs to no append, on its way to the journal, which is told once for all that
/// comes until it takes it. Thread-safe.
class usage_inbox {
public:
  explicit usage_inbox(log_ptr log, spending_ptr books = nullptr)
    : log_{std::move(log)}, books_{std::move(books)} {}

  /// Told when something waits. Before anything else is called.
  void set_on_first(std::function<void()> tell) { tell_ = std::move(tell); }

  /// It is spent from here on, whenever it is committed: caps hold. Lost, which is logged, when
  /// 10,000 entries wait (put_back may make it twice as many). `by`: a completion; empty: work that
  /// belongs to no turn.
  void add(std::vector<usage_entry> usage, const run_id& by);

  [[nodiscard]] std::vector<usage_entry> take();
  /// What could not be committed.
  void put_back(std::vector<usage_entry> usage);

private:
  log_ptr log_;
  spending_ptr books_;
  std::function<void()> tell_;
  std::mutex mutex_;
  std::vector<usage_entry> waiting_;
};

using usage_inbox_ptr = std::shared_ptr<usage_inbox>;

}  // namespace persona_runtime
