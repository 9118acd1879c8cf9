#pragma once
#include "actors/engine_counters.hpp"
#include "actors/model_account.hpp"
#include "actors/model_meter.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace persona_runtime {

/// How a model is doing; with several keys: the worst of them, and all who wait.
struct model_health {
  breaker_state state = breaker_state::closed;
  std::size_t waiting = 0;
};
using health_by_label = std::map<std::string, model_health>;  // "provider/model"

/// Of at most 1,000 models.
[[nodiscard]] health_by_label health_by_model(const model_accounts& accounts);

/// Prometheus text of the engine. Names are pinned by tests/golden/metrics.txt.
[[nodiscard]] std::string metrics_text(const engine_counters& counters, const model_meter& models,
                                       const health_by_label& health);

/// Why no further work is accepted; empty: it is.
[[nodiscard]] std::string not_ready_reason(const engine_counters& counters);

}  // namespace persona_runtime
