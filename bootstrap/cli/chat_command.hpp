#pragma once

#include "bootstrap/cli/runs_command.hpp"
#include "bootstrap/settings/configuration.hpp"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace persona_runtime::cli {

struct chat_options {
  std::string persona;              // a file, or the id of a persona of the server
  std::string conversation;         // id; empty: a new one
  std::optional<std::string> data;  // without a server; none: settings.data
  std::string log_level;
  bool uses_server = false;  // `server` below is meant
  runs_options server;
};

/// `persona chat`: with a server, or with an engine of this process behind a loopback port of its
/// own, on the data directory. `load` reads the configuration, and is asked only without a server;
/// none: it has told why. Returns the exit code of contract §1.
int chat(const chat_options& options, const std::function<std::optional<configuration>()>& load,
         std::ostream& out, std::ostream& err);

}  // namespace persona_runtime::cli
