#pragma once
// Connections that wait for their next request.

#include "providers/http/connection.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

namespace persona_runtime {

/// Last in, first out: the warmest connection serves, the others age and are closed.
class connection_pool {
public:
  using clock_time = std::chrono::steady_clock::time_point;

  void put(const std::string& key, std::shared_ptr<connection> idle, clock_time now);
  /// Null when there is none. Whether it is still alive is for the caller to find out.
  std::shared_ptr<connection> take(const std::string& key);
  /// The one that has waited longest, whatever its key; null when the pool is empty.
  std::shared_ptr<connection> take_oldest();
  /// One that went idle before `limit`; null when there is none.
  std::shared_ptr<connection> take_older_than(clock_time limit);
  [[nodiscard]] std::size_t size() const { return size_; }

private:
  struct idle_one {
    std::shared_ptr<connection> link;
    clock_time since;
  };
  using by_key = std::unordered_map<std::string, std::deque<idle_one>>;

  by_key::iterator oldest();
  std::shared_ptr<connection> take_front(by_key::iterator at);

  by_key idle_;  // newest at the back; no empty entry
  std::size_t size_ = 0;
};

}  // namespace persona_runtime
