#include "tests/bench/scenarios.hpp"
#include "tests/bench/soak_driver.hpp"
#include "tests/bench/times.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace persona_runtime::bench {
namespace {

constexpr auto mib = 1024.0 * 1024.0;

/// Memory of the server, second by second.
struct held_memory {
  std::vector<double> all_mib;
  std::vector<double> indexes_mib;

  void look(measured_system& system) {
    all_mib.push_back(system.server().anonymous_kib / 1024);
    indexes_mib.push_back(system.metric("persona_memory_index_bytes") / mib);
  }
  /// Mean of a twentieth of the time (a minute of twenty), from that share of it on.
  [[nodiscard]] static double mean(const std::vector<double>& of, double from) {
    const auto count = static_cast<double>(of.size());
    const auto begin = of.begin() + std::lround(std::floor(count * from));
    const auto end = of.begin() + std::lround(std::ceil(std::min(count, count * (from + 0.05))));
    return begin < end ? std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin) : 0;
  }
  [[nodiscard]] double all(double from) const { return mean(all_mib, from); }
  [[nodiscard]] double indexes(double from) const { return mean(indexes_mib, from); }
  [[nodiscard]] double rest(double from) const { return all(from) - indexes(from); }
};

void add_memory(const held_memory& held, report& to) {
  for (const auto quarter : {1, 2, 3}) {
    const auto from = quarter * 0.25;
    const auto when = ", " + std::to_string(quarter) + "/4 of the time";
    to.add("RssAnon" + when, held.all(from), "MiB");
    to.add("of it indexes" + when, held.indexes(from), "MiB");
  }
  to.add("RssAnon, at the end", held.all(0.95), "MiB");
  to.add("of it indexes, at the end", held.indexes(0.95), "MiB");
  const auto before = held.rest(0.25);
  to.add("growth of the rest since 1/4", before > 0 ? (held.rest(0.95) / before - 1) * 100 : 0, "%",
         "under 2");
}

void add_losses(measured_system& system, const soak_driver& driver, report& to) {
  for (const auto& [status, count] : driver.refused())
    to.losses.push_back(std::to_string(count) + " requests or turns ended with "
                        + std::to_string(status));
  if (driver.left_out() > 0)
    to.losses.push_back(std::to_string(driver.left_out()) + " turns found the one before still on");
  if (driver.unanswered() > 0)
    to.losses.push_back(std::to_string(driver.unanswered()) + " turns got no end");
  if (!system.is_server_alive())
    to.losses.emplace_back("the server ended while it was measured");
}

std::vector<std::string> make_personas(measured_system& system, const bench_settings& settings) {
  auto personas = std::vector<std::string>{};
  while (personas.size() < settings.runs && system.problem().empty())
    personas.push_back(system.add_persona(settings));
  return personas;
}

}  // namespace

report measure_soak(const bench_settings& settings) {
  auto to = report{std::to_string(settings.runs) + " personas, "
                     + std::to_string(std::lround(settings.rate)) + " turns per second for "
                     + std::to_string(settings.window.count()) + " s",
                   {},
                   {}};
  auto system = measured_system{settings};
  const auto personas = make_personas(system, settings);
  if (!system.problem().empty()) {
    to.losses.push_back(system.problem());
    system.keep_folder();
    return to;
  }
  auto driver = soak_driver{system, settings, personas};
  auto held = held_memory{};
  const auto before = system.server().processor_s;
  driver.run([&] { held.look(system); });
  const auto spent_s = system.server().processor_s - before;
  auto times = driver.times();
  std::sort(times.begin(), times.end());
  to.add("turns done", static_cast<double>(times.size()));
  to.add("conversations made", static_cast<double>(driver.talks_made()));
  to.add("p50 of a turn", share_of(times, 0.5), "s");
  to.add("p99 of a turn", share_of(times, 0.99), "s");
  const auto turns = static_cast<double>(std::max<std::size_t>(1, times.size()));
  to.add("processor time per turn", spent_s / turns * 1e6, "us");
  add_memory(held, to);
  add_losses(system, driver, to);
  if (!to.losses.empty())
    system.keep_folder();
  if (!system.end_server())
    to.losses.emplace_back("the server did not leave in an orderly way");
  return to;
}

}  // namespace persona_runtime::bench
