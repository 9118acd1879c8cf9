#pragma once
// Who waits for a share of something, served owner by owner.

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace persona_runtime {

/// First come, first served within an owner; owners take turns, so that one with a thousand waiting
/// calls delays another by one call and not by a thousand. Bounded in all. One actor's. Every
/// operation but remove_if takes O(log owners).
template <class T>
class fair_queue {
public:
  /// At most `items_max` wait at once.
  explicit fair_queue(std::size_t items_max) : items_max_{items_max} {}

  /// False: it is full, and `item` was not taken.
  [[nodiscard]] bool push(const std::string& owner, T item) {
    if (size_ == items_max_)
      return false;
    const auto [at, is_new] = lines_.try_emplace(owner);
    if (is_new)
      turns_.push_back(at);
    at->second.push_back(std::move(item));
    ++size_;
    return true;
  }

  /// Whose turn it is; null when nobody waits.
  [[nodiscard]] const T* front() const {
    return turns_.empty() ? nullptr : &turns_.front()->second.front();
  }

  std::optional<T> pop() {
    if (turns_.empty())
      return std::nullopt;
    const auto line = turns_.front();
    turns_.pop_front();
    auto item = std::move(line->second.front());
    line->second.pop_front();
    --size_;
    if (line->second.empty()) {
      lines_.erase(line);
    } else {
      turns_.push_back(line);
    }
    return item;
  }

  /// Removes what `unwanted(item)` holds of; the rest keeps its order.
  template <class Predicate>
  std::size_t remove_if(Predicate&& unwanted) {
    const auto before = size_;
    for (auto turn = turns_.begin(); turn != turns_.end();) {
      auto& line = (*turn)->second;
      size_ -= std::erase_if(line, unwanted);
      if (line.empty()) {
        lines_.erase(*turn);
        turn = turns_.erase(turn);
      } else {
        ++turn;
      }
    }
    return before - size_;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

private:
  using lines = std::map<std::string, std::deque<T>>;

  std::size_t items_max_;
  std::size_t size_ = 0;
  lines lines_;                                // none is empty
  std::list<typename lines::iterator> turns_;  // each line once; the front one is next
};

}  // namespace persona_runtime
