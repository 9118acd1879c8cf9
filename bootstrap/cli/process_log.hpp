#pragma once
// The log of a command, as its configuration and its command line want it.

#include "bootstrap/log/log.hpp"
#include "bootstrap/settings/configuration.hpp"

#include <string>

namespace persona_runtime::cli {

/// `wanted` is --log-level, or empty; it wins over log.level, and `usual` counts when that is not
/// set either. Fails with validation_error when log.file cannot be opened.
[[nodiscard]] result<log_ptr> open_process_log(const configuration& config,
                                               const std::string& wanted, log_level usual);

/// What the configuration has to say, a line each.
void log_notices(log_sink& log, const std::vector<config_notice>& notices);

}  // namespace persona_runtime::cli
