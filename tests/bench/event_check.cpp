#include "tests/bench/event_check.hpp"

#include <algorithm>
#include <string>

namespace persona_runtime::bench {

void event_check::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end).substr(0, line_.size() - used_);
    std::copy(part.begin(), part.end(), line_.begin() + used_);
    used_ = static_cast<std::uint8_t>(used_ + part.size());
    if (end == std::string_view::npos)
      return;
    take_line();
    used_ = 0;
    bytes.remove_prefix(end + 1);
  }
}

void event_check::take_line() {
  const auto line = std::string_view{line_.data(), used_};
  if (line.starts_with("id: ")) {
    is_dense_ = is_dense_ && ends_ == 0 && line.substr(4) == std::to_string(next_id_);
    ++next_id_;
  } else if (line == "event: finished") {
    ++finished_;
  } else if (line == "event: end") {
    ++ends_;
  } else if (line == "event: done") {
    ++done_;
  } else if (line == "event: error") {
    ++errors_;
  } else if (line == "event: delta") {
    ++deltas_;
  }
}

}  // namespace persona_runtime::bench
