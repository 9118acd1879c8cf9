#include "providers/http/connection_pool.hpp"

#include <algorithm>

namespace persona_runtime {

void connection_pool::put(const std::string& key, std::shared_ptr<connection> idle,
                          clock_time now) {
  idle_[key].push_back({std::move(idle), now});
  ++size_;
}

std::shared_ptr<connection> connection_pool::take(const std::string& key) {
  auto at = idle_.find(key);
  if (at == idle_.end()) {
    return nullptr;
  }
  auto link = std::move(at->second.back().link);
  at->second.pop_back();
  --size_;
  if (at->second.empty()) {
    idle_.erase(at);
  }
  return link;
}

std::shared_ptr<connection> connection_pool::take_oldest() {
  return size_ == 0 ? nullptr : take_front(oldest());
}

std::shared_ptr<connection> connection_pool::take_older_than(clock_time limit) {
  if (size_ == 0) {
    return nullptr;
  }
  auto at = oldest();
  return at->second.front().since < limit ? take_front(at) : nullptr;
}

connection_pool::by_key::iterator connection_pool::oldest() {
  // Within a key the front is the oldest, and keys are few: endpoints, not requests.
  return std::min_element(idle_.begin(), idle_.end(), [](const auto& a, const auto& b) {
    return a.second.front().since < b.second.front().since;
  });
}

std::shared_ptr<connection> connection_pool::take_front(by_key::iterator at) {
  auto link = std::move(at->second.front().link);
  at->second.pop_front();
  --size_;
  if (at->second.empty()) {
    idle_.erase(at);
  }
  return link;
}

}  // namespace persona_runtime
