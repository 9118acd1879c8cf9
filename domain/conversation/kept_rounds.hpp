#pragma once
// What clients do not see of a completion that they are to go on with: the calls that the server
// carried out itself. Without it the model would make them once more.

#include "domain/run/message.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

namespace persona_runtime {

struct kept_rounds_limits {
  std::size_t entries_max = 1'000;
  std::size_t bytes_max = std::size_t{32} << 20;  // of texts and arguments
  std::int64_t age_max_ms = 3'600'000;
};

/// Messages by key; the oldest go when there is no room. In memory alone: whoever comes too late
/// goes on without them.
class kept_rounds {
public:
  explicit kept_rounds(kept_rounds_limits limits = {}) : limits_{limits} {}

  /// Nothing is kept of an empty list, or of one that is larger than everything may be.
  void keep(std::string key, message_list messages, instant now);
  /// Null: not there, or too old.
  [[nodiscard]] const message_list* find(const std::string& key, instant now);

  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
  struct entry {
    std::string key;
    message_list messages;
    instant kept_at;
    std::size_t bytes = 0;
  };
  void drop_oldest();

  kept_rounds_limits limits_;
  std::list<entry> order_;  // oldest first
  std::unordered_map<std::string, std::list<entry>::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace persona_runtime
