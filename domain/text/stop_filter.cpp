#include "domain/text/stop_filter.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

/// Bytes at the end of `text` that begin `word` without completing it.
std::size_t open_end(std::string_view text, std::string_view word) {
  for (auto n = std::min(text.size(), word.size() - 1); n > 0; --n) {
    if (text.ends_with(word.substr(0, n)))
      return n;
  }
  return 0;
}

}  // namespace

std::string stop_filter::feed(std::string_view text) {
  if (stopped_)
    return {};
  held_ += text;
  auto end = std::string::npos;
  auto open = std::size_t{0};
  for (const auto& stop : stops_) {
    end = std::min(end, held_.find(stop));
    open = std::max(open, open_end(held_, stop));
  }
  stopped_ = end != std::string::npos;
  auto shown = held_.substr(0, stopped_ ? end : held_.size() - open);
  held_.erase(0, stopped_ ? std::string::npos : shown.size());
  return shown;
}

std::string stop_filter::finish() {
  return std::exchange(held_, {});
}

}  // namespace persona_runtime
