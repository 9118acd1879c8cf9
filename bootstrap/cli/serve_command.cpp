#include "bootstrap/cli/serve_command.hpp"

#include "api/http_server.hpp"
#include "bootstrap/assembly/assembly.hpp"
#include "bootstrap/cli/process_log.hpp"
#include "bootstrap/cli/reload.hpp"
#include "bootstrap/cli/signals.hpp"
#include "bootstrap/utc_now.hpp"
#include "bootstrap/version.hpp"

#include <chrono>
#include <ostream>
#include <unistd.h>

namespace persona_runtime::cli {
namespace {

api_settings api_settings_of(const settings& set, std::size_t clients_max) {
  auto out = api_settings{};
  for (const auto& key : set.auth.keys)
    out.keys.push_back({key.name, key.sha256.reveal(), {key.owner}, key.role == "admin"});
  out.limits.steps_max = set.limits.steps_max;
  out.limits.runs_live_max = set.limits.runs_live_max;
  out.limits.runs_queued_max = set.limits.runs_queued_max;
  out.limits.tokens_max = set.limits.tokens_max;
  out.limits.cost_cents_max = set.limits.cost_cents_max;
  if (set.limits.deadline)
    out.limits.deadline_s_max = std::chrono::duration<double>(*set.limits.deadline).count();
  out.rates = {set.rates.runs_per_minute, set.rates.messages_per_minute,
               set.rates.author_per_minute, set.rates.default_per_minute};
  out.http.header = set.http.header;
  out.http.body = set.http.body;
  out.http.idle = set.http.idle;
  out.http.slow_reader = set.http.slow_reader;
  out.http.slow_reader_buffer = set.http.slow_reader_buffer.bytes;
  out.http.heartbeat = set.http.heartbeat;
  out.http.open_max = clients_max;
  return out;
}

std::string address_of(const settings& set) {
  const auto& at = set.listen;
  const auto host = at.host.find(':') == std::string::npos ? at.host : "[" + at.host + "]";
  return host + ':' + std::to_string(at.port);
}

void log_start(log_sink& log, const configuration& config, const serve_options& options,
               const assembly& parts) {
  const auto info = log_level::info;
  const auto& set = config.loaded.values;
  log.write(info, "server", "starting",
            {{"version", std::string{version}}, {"process", std::to_string(::getpid())}});
  log.write(info, "server", "data files found", {{"folder", config.data.path.string()}});
  log.write(info, "journal", "journal opened",
            {{"folder", options.data.value_or(set.data)},
             {"store", set.journal.store},
             {"durability", set.journal.durability}});
  const auto& share = parts.descriptors();
  log.write(info, "server", "descriptors shared out",
            {{"limit", std::to_string(parts.descriptor_limit())},
             {"upstream", std::to_string(share.upstream)},
             {"clients", std::to_string(share.clients)},
             {"tools", std::to_string(share.tools)}});
  for (const auto& [tier, models] : parts.models_by_tier())
    log.write(info, "models", "tier configured", {{"tier", tier}, {"models", models}});
  log_notices(log, parts.notices());
  if (!parts.has_models()) {
    log.write(log_level::warning, "models",
              "no model is configured, so runs are refused (model_unavailable); set "
              "PERSONA_PROVIDER and PERSONA_MODEL, or use --rehearsal",
              {});
  }
}

/// The one that waits for signals.
void wake_main_thread() {
  static_cast<void>(::kill(::getpid(), SIGHUP));
}

/// Returns what the command returns.
int refuse(const failure& why, std::ostream& err) {
  err << "persona serve: " << why.detail << '\n';
  return 1;
}

}  // namespace

int serve(const configuration& config, const serve_options& options, std::ostream& out,
          std::ostream& err) {
  const auto signals = signal_gate{SIGINT, SIGTERM, SIGHUP};
  const auto& set = config.loaded.values;
  auto opened = open_process_log(config, options.log_level, log_level::info);
  if (!opened)
    return refuse(opened.error(), err);
  auto& log = **opened;
  auto wanted = assembly_options{};
  wanted.rehearsal = options.rehearsal;
  wanted.data = options.data;
  wanted.log = *opened;
  wanted.keeps_personas = true;
  auto made = assembly::make(config, wanted);
  if (!made)
    return refuse(made.error(), err);
  auto& parts = **made;
  log_start(log, config, options, parts);
  auto reloads = reloader{config, parts, *opened};
  auto server = http_server{parts.contexts(),
                            api_settings_of(set, parts.descriptors().clients),
                            parts.host().service(),
                            utc_now,
                            {*opened, [&parts] { parts.spare_descriptors(); },
                             [&reloads](std::function<void(reload_answer)> done) {
                               reloads.ask(std::move(done), wake_main_thread);
                             }}};
  if (const auto bound = server.listen(options.listen.value_or(address_of(set))); !bound)
    return refuse(bound.error(), err);
  log.write(log_level::info, "server", "listening", {{"address", server.bound_address()}});
  out << "listening on http://" << server.bound_address() << std::endl;
  auto signal = signals.wait();
  for (; signal == SIGHUP; signal = signals.wait())
    reloads.carry_out();
  log.write(log_level::info, "server", "stopping",
            {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"},
             {"drain_ms", std::to_string(set.timeouts.drain.count())}});
  const auto drained = parts.host().drain(set.timeouts.drain);
  server.stop_accepting();
  server.close_all();
  log.write(log_level::info, "server",
            drained ? "stopped" : "stopped; some steps were cut off and are made again", {});
  return 0;
}

}  // namespace persona_runtime::cli
