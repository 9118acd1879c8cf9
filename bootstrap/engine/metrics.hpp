#pragma once
#include "actors/engine_counters.hpp"
#include "actors/model_meter.hpp"

#include <string>

namespace persona_runtime {

/// Prometheus text of the engine. Names are pinned by tests/golden/metrics.txt.
[[nodiscard]] std::string metrics_text(const engine_counters& counters, const model_meter& models);

/// Why no further work is accepted; empty: it is.
[[nodiscard]] std::string not_ready_reason(const engine_counters& counters);

}  // namespace persona_runtime
