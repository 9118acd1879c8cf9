#pragma once
// Reads the configuration again while the server runs: by SIGHUP and over HTTP.

#include "api/http_server.hpp"
#include "bootstrap/assembly/assembly.hpp"
#include "bootstrap/settings/configuration.hpp"
#include "domain/log_sink.hpp"

#include <functional>
#include <mutex>
#include <vector>

namespace persona_runtime::cli {

/// Swaps the models of a running server for those that the file names now. The environment stays
/// what it was at the start.
class reloader {
public:
  /// `started` is what the server was started with. Both outlive this.
  reloader(const configuration& started, assembly& parts, log_ptr log);

  /// Asks for a reload; `done` is called by carry_out(). Any thread; returns at once. `wake` is
  /// what brings the thread that carries it out to do so.
  void ask(std::function<void(reload_answer)> done, const std::function<void()>& wake);

  /// Carries out one reload and tells everybody who has asked for one by now. Blocks for reading
  /// files. One thread at a time.
  void carry_out();

private:
  [[nodiscard]] reload_answer reload();

  const configuration& started_;
  assembly& parts_;
  log_ptr log_;
  std::mutex mutex_;  // of asked_
  std::vector<std::function<void(reload_answer)>> asked_;
};

}  // namespace persona_runtime::cli
