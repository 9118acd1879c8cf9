#pragma once
#include "actors/engine_counters.hpp"

#include <string>

namespace persona_runtime {

/// Prometheus text of the engine. Names are pinned by tests/golden/metrics.txt.
[[nodiscard]] std::string metrics_text(const engine_counters& counters);

/// Why no further work is accepted; empty: it is.
[[nodiscard]] std::string not_ready_reason(const engine_counters& counters);

}  // namespace persona_runtime
