#include "tests/bench/times.hpp"

#include "tests/bench/played_model.hpp"

#include <algorithm>

namespace persona_runtime::bench {
namespace {

double seconds_of(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

double ideal_s(const bench_settings& set) {
  // Pieces behind the first: head, first event, one per token, finish, usage and end mark.
  const auto gaps = set.segment_per_token ? static_cast<double>(set.tokens + 4) : 0.0;
  return calls_per_run * (seconds_of(set.delay) + gaps * seconds_of(set.token_gap));
}

double share_of(const std::vector<double>& sorted, double share) {
  if (sorted.empty())
    return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(rank, sorted.size() - 1)];
}

}  // namespace persona_runtime::bench
