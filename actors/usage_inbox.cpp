#include "actors/usage_inbox.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace persona_runtime {
namespace {

constexpr auto inbox_max = std::size_t{10'000};

}  // namespace

void usage_inbox::add(std::vector<usage_entry> usage, const run_id& by) {
  if (usage.empty())
    return;
  if (books_)
    books_->note(usage, by);
  const auto count = usage.size();
  auto is_first = false;
  auto is_lost = false;
  {
    const auto lock = std::lock_guard{mutex_};
    is_first = waiting_.empty();
    is_lost = waiting_.size() + count > inbox_max;
    if (!is_lost)
      std::ranges::move(usage, std::back_inserter(waiting_));
  }
  if (is_lost)
    log_->write(log_level::error, "journal", "usage is lost: too much waits for the journal",
                {{"entries", std::to_string(count)}});
  else if (is_first && tell_)
    tell_();
}

std::vector<usage_entry> usage_inbox::take() {
  const auto lock = std::lock_guard{mutex_};
  return std::exchange(waiting_, {});
}

void usage_inbox::put_back(std::vector<usage_entry> usage) {
  const auto lock = std::lock_guard{mutex_};
  std::ranges::move(waiting_, std::back_inserter(usage));
  waiting_ = std::move(usage);
}

}  // namespace persona_runtime
