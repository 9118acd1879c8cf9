#pragma once

#include "bootstrap/settings/configuration.hpp"

#include <iosfwd>
#include <optional>
#include <string>

namespace persona_runtime::cli {

struct serve_options {
  std::optional<std::string> listen;  // ADDR:PORT
  std::optional<std::string> data;
  bool rehearsal = false;
  std::string log_level;  // empty: as configured
};

/// Serves until SIGTERM or SIGINT, then drains (contract §5); SIGHUP reads the configuration again.
/// Returns the exit code: 0, or 1 when
/// it could not start. Prints "listening on http://ADDR:PORT" on `out` when ready.
int serve(const configuration& config, const serve_options& options, std::ostream& out,
          std::ostream& err);

}  // namespace persona_runtime::cli
