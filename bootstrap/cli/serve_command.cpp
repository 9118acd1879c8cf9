#include "bootstrap/cli/serve_command.hpp"

#include "api/http_server.hpp"
#include "bootstrap/assembly/assembly.hpp"
#include "bootstrap/cli/signals.hpp"

#include <chrono>
#include <ostream>
#include <sys/resource.h>

namespace persona_runtime::cli {
namespace {

instant utc_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

/// After the assembly has raised it.
std::uint64_t descriptor_limit() {
  auto limit = rlimit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1'024;
}

api_settings api_settings_of(const settings& set) {
  auto out = api_settings{};
  for (const auto& key : set.auth.keys)
    out.keys.push_back({key.name, key.sha256.reveal(), {key.owner}, key.role == "admin"});
  out.limits.steps_max = set.limits.steps_max;
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
  out.http.open_max = descriptors_at(set.descriptors, descriptor_limit()).clients;
  return out;
}

std::string address_of(const settings& set) {
  const auto& at = set.listen;
  const auto host = at.host.find(':') == std::string::npos ? at.host : "[" + at.host + "]";
  return host + ':' + std::to_string(at.port);
}

void say(const std::vector<config_notice>& notices, std::ostream& err) {
  for (const auto& notice : notices)
    err << (notice.is_warning ? "warning: " : "note: ") << notice.text << '\n';
}

}  // namespace

int serve(const configuration& config, const serve_options& options, std::ostream& out,
          std::ostream& err) {
  const auto signals = signal_gate{};
  const auto& set = config.loaded.values;
  auto wanted = assembly_options{};
  wanted.rehearsal = options.rehearsal;
  wanted.data = options.data;
  auto made = assembly::make(config, wanted);
  if (!made) {
    err << "persona serve: " << made.error().detail << '\n';
    return 1;
  }
  auto& parts = **made;
  say(parts.notices(), err);
  if (!parts.has_models())
    err << "note: no model is configured, so runs are refused (model_unavailable); set "
           "PERSONA_PROVIDER and PERSONA_MODEL, or use --rehearsal\n";
  auto server =
    http_server{parts.contexts(), api_settings_of(set), parts.host().service(), utc_now};
  if (const auto bound = server.listen(options.listen.value_or(address_of(set))); !bound) {
    err << "persona serve: " << bound.error().detail << '\n';
    return 1;
  }
  out << "listening on http://" << server.bound_address() << std::endl;
  static_cast<void>(signals.wait());
  err << "stopping: steps in flight may end within " << set.timeouts.drain.count() << " ms\n";
  const auto drained = parts.host().drain(set.timeouts.drain);
  server.stop_accepting();
  server.close_all();
  err << (drained ? "stopped\n" : "stopped; some steps were cut off and are made again\n");
  return 0;
}

}  // namespace persona_runtime::cli
