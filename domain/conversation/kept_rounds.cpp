#include "domain/conversation/kept_rounds.hpp"

#include <utility>

namespace persona_runtime {
namespace {

std::size_t bytes_of(const message_list& messages) {
  auto total = std::size_t{0};
  for (const auto& m : messages) {
    total += sizeof(message) + m->content.size();
    for (const auto& call : m->calls)
      total += call.name.size() + call.arguments.size() + call.call_id.size();
  }
  return total;
}

}  // namespace

void kept_rounds::drop_oldest() {
  bytes_ -= order_.front().bytes;
  by_key_.erase(order_.front().key);
  order_.pop_front();
}

void kept_rounds::keep(std::string key, message_list messages, instant now) {
  const auto bytes = bytes_of(messages);
  if (messages.empty() || bytes > limits_.bytes_max || by_key_.contains(key))
    return;
  while (!order_.empty()
         && (order_.size() >= limits_.entries_max || bytes_ + bytes > limits_.bytes_max))
    drop_oldest();
  order_.push_back({key, std::move(messages), now, bytes});
  by_key_.emplace(std::move(key), std::prev(order_.end()));
  bytes_ += bytes;
}

const message_list* kept_rounds::find(const std::string& key, instant now) {
  while (!order_.empty() && now.value - order_.front().kept_at.value >= limits_.age_max_ms)
    drop_oldest();
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &found->second->messages;
}

}  // namespace persona_runtime
