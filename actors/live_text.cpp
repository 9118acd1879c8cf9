#include "actors/live_text.hpp"

#include <algorithm>

namespace persona_runtime {

growing_text::~growing_text() {
  for (auto* b = head_.load(); b != nullptr;) {
    auto* next = b->next.load();
    delete b;
    b = next;
  }
}

void growing_text::append(std::string_view text) {
  auto size = size_.load(std::memory_order_relaxed);
  while (!text.empty()) {
    const auto used = size % block_bytes;
    if (used == 0) {
      auto* fresh = new block{};
      if (tail_ == nullptr)
        head_.store(fresh, std::memory_order_release);
      else
        tail_->next.store(fresh, std::memory_order_release);
      tail_ = fresh;
    }
    const auto count = std::min(text.size(), block_bytes - used);
    std::copy_n(text.data(), count, tail_->bytes.data() + used);
    text.remove_prefix(count);
    size += count;
    size_.store(size, std::memory_order_release);
  }
}

std::string growing_text::read(std::size_t from) const {
  const auto size = this->size();
  auto out = std::string{};
  if (from >= size)
    return out;
  out.reserve(size - from);
  auto begin = std::size_t{0};
  for (auto* b = head_.load(std::memory_order_acquire); b != nullptr && begin < size;
       b = b->next.load(std::memory_order_acquire)) {
    const auto end = std::min(begin + block_bytes, size);
    if (from < end) {
      const auto skip = from > begin ? from - begin : 0;
      out.append(b->bytes.data() + skip, end - begin - skip);
    }
    begin += block_bytes;
  }
  return out;
}

live_registry::channel_ptr live_registry::open(const run_id& run) {
  auto& s = shard_of(run);
  const auto lock = std::lock_guard{s.mutex};
  auto& found = s.channels[run.value];
  if (!found) {
    found = std::make_shared<channel>();
    found->run = run;
  }
  return found;
}

live_text_ptr live_registry::begin(const channel_ptr& where, step_index step,
                                   attempt_index attempt) {
  auto fresh = std::make_shared<live_text>();
  fresh->step = step;
  fresh->attempt = attempt;
  const auto lock = std::lock_guard{where->mutex};
  where->current = fresh;
  return fresh;
}

void live_registry::grew(const channel_ptr& where, const on_growth& who) const {
  // Not looked at before it is exchanged: a load may overtake the store of the text's new size, and
  // then neither is this growth told nor has the one who arms seen it.
  const auto& tell = who ? who : tell_;
  if (where->armed.exchange(false) && tell)
    tell(where->run);
}

live_text_ptr live_registry::look_and_arm(const run_id& run) {
  auto where = channel_ptr{};
  {
    auto& s = shard_of(run);
    const auto lock = std::lock_guard{s.mutex};
    if (const auto i = s.channels.find(run.value); i != s.channels.end())
      where = i->second;
  }
  if (!where)
    return nullptr;
  // Armed first: what grows from here on is told, what grew before is seen below. An exchange reads
  // what the last `grew` wrote, and so sees everything before it.
  where->armed.exchange(true);
  const auto lock = std::lock_guard{where->mutex};
  return where->current;
}

void live_registry::erase(const run_id& run) {
  auto& s = shard_of(run);
  const auto lock = std::lock_guard{s.mutex};
  s.channels.erase(run.value);
}

}  // namespace persona_runtime
