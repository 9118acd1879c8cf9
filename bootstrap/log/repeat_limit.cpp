#include "bootstrap/log/repeat_limit.hpp"

#include <utility>

namespace persona_runtime {

std::optional<std::uint64_t> repeat_limit::pass(std::string_view component, std::string_view what,
                                                instant now) {
  const auto second = now.value / 1'000;
  const auto lock = std::lock_guard{mutex_};
  auto& c = counts_[std::string{component}.append("\n").append(what)];
  if (c.second != second) {
    c.second = second;
    c.passed = 0;
  }
  if (c.passed == per_second_) {
    ++c.held_back;
    return std::nullopt;
  }
  ++c.passed;
  return std::exchange(c.held_back, 0);
}

}  // namespace persona_runtime
