#pragma once

#include "load/simulation.hpp"

#include <iosfwd>
#include <string>

namespace persona_runtime::cli {

struct simulate_options {
  std::string listen = "127.0.0.1:9000";  // ADDR:PORT
  simulation how;
};

/// `persona simulate-model`: serves until SIGTERM or SIGINT. Prints "listening on
/// http://ADDR:PORT" on `out` when ready. Returns the exit code: 0, or 1 when it could not start.
int simulate_model(const simulate_options& options, std::ostream& out, std::ostream& err);

}  // namespace persona_runtime::cli
