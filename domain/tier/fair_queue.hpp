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
      at->second.turn = turns_.insert(turns_.end(), at);
    at->second.items.push_back(std::move(item));
    ++size_;
    return true;
  }

  /// Whose turn it is; null when nobody waits.
  [[nodiscard]] const T* front() const {
    return turns_.empty() ? nullptr : &turns_.front()->second.items.front();
  }

  /// That owner had its turn elsewhere: it is last here.
  void pass(const std::string& owner) {
    if (const auto line = lines_.find(owner); line != lines_.end())
      turns_.splice(turns_.end(), turns_, line->second.turn);
  }

  std::optional<T> pop() {
    if (turns_.empty())
      return std::nullopt;
    const auto line = turns_.front();
    auto& items = line->second.items;
    auto item = std::move(items.front());
    items.pop_front();
    --size_;
    if (items.empty()) {
      turns_.pop_front();
      lines_.erase(line);
    } else {
      turns_.splice(turns_.end(), turns_, turns_.begin());
    }
    return item;
  }

  /// Removes what `unwanted(item)` holds of; the rest keeps its order.
  template <class Predicate>
  std::size_t remove_if(Predicate&& unwanted) {
    const auto before = size_;
    for (auto turn = turns_.begin(); turn != turns_.end();) {
      auto& items = (*turn)->second.items;
      size_ -= std::erase_if(items, unwanted);
      if (items.empty()) {
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
  struct waiting_line;
  using lines = std::map<std::string, waiting_line>;
  using turns = std::list<typename lines::iterator>;
  struct waiting_line {
    std::deque<T> items;
    typename turns::iterator turn;
  };

  std::size_t items_max_;
  std::size_t size_ = 0;
  lines lines_;  // none is empty
  turns turns_;  // each line once; the front one is next
};

}  // namespace persona_runtime
