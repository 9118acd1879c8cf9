#pragma once
// What the edge counts, as Prometheus text.

#include "api/routes/route.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace persona_runtime::api {

/// Any thread; nothing here waits.
class edge_metrics {
public:
  std::atomic<std::int64_t> connections_open{0};
  std::atomic<std::int64_t> viewers_open{0};
  std::atomic<std::uint64_t> connections_refused{0};  // over the limit
  std::atomic<std::uint64_t> viewers_cut{0};          // stopped reading
  std::atomic<std::uint64_t> accept_pauses{0};        // out of descriptors
  std::atomic<std::uint64_t> bytes_out{0};

  /// One answer to a request of that route; `route` is a route_id.
  void count_answer(std::size_t route, unsigned status);

  /// Counters that are zero by route and class are left out.
  [[nodiscard]] std::string text() const;

private:
  std::array<std::array<std::atomic<std::uint64_t>, 6>, route_count> answers_{};
};

}  // namespace persona_runtime::api
