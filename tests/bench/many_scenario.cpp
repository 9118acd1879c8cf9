#include "tests/bench/run_driver.hpp"
#include "tests/bench/scenarios.hpp"
#include "tests/bench/times.hpp"

#include <algorithm>
#include <unordered_set>

namespace persona_runtime::bench {
namespace {

/// The runs of the list that were accepted; what is missing, twice there or ended otherwise is a
/// loss.
std::vector<listed_run> accounted(measured_system& system, const run_driver& driver, report& to) {
  auto runs = system.list("completed");
  if (!runs) {
    to.losses.emplace_back("the list of runs could not be read");
    return {};
  }
  auto wanted = std::unordered_set<std::string>{driver.accepted().begin(), driver.accepted().end()};
  if (wanted.size() != driver.accepted().size())
    to.losses.emplace_back("two runs have the same id");
  const auto found = runs->size();
  for (const auto& run : *runs)
    if (wanted.erase(run.id) == 0)
      to.losses.push_back(run.id + " is listed twice, or was never accepted");
  for (const auto* status : {"error", "cancelled", "max_steps_reached", "budget_exhausted",
                             "running", "awaiting_user"}) {
    const auto others = system.list(status);
    if (others && !others->empty())
      to.losses.push_back(std::to_string(others->size()) + " runs have the status " + status
                          + ", e.g. " + others->front().id);
  }
  if (!wanted.empty())
    to.losses.push_back(std::to_string(wanted.size()) + " accepted runs are not completed, e.g. "
                        + *wanted.begin());
  to.add("runs completed", static_cast<double>(found));
  return std::move(*runs);
}

void add_times(const std::vector<listed_run>& runs, const bench_settings& settings, report& to) {
  const auto ideal = ideal_s(settings);
  auto times = std::vector<double>{};
  for (const auto& run : runs)
    times.push_back(static_cast<double>(run.finished_ms - run.started_ms) / 1000);
  std::sort(times.begin(), times.end());
  to.add("ideal time of a run", ideal, "s");
  to.add("p50 of a run", share_of(times, 0.5), "s");
  to.add("p99 of a run", share_of(times, 0.99), "s");
  to.add("longest run", share_of(times, 1), "s");
  if (ideal <= 0)
    return;
  const auto ratio = share_of(times, 0.99) / ideal;
  to.add("p99 / ideal", ratio, "", "at most 1.2");
  if (ratio > settings.ratio_max)
    to.losses.emplace_back("runs are late: p99 is more times the ideal than --ratio-max");
}

void add_memory(const run_driver& driver, double idle_kib, report& to) {
  auto live_max = system_sample{};
  auto anonymous_max = 0.0;
  for (const auto& s : driver.samples()) {
    anonymous_max = std::max(anonymous_max, s.server.anonymous_kib);
    // Of the moments at which all are in flight, the one that holds most.
    if (s.live > live_max.live
        || (s.live == live_max.live && s.server.anonymous_kib > live_max.server.anonymous_kib))
      live_max = s;
  }
  to.add("runs in flight, most", live_max.live);
  to.add("RssAnon idle", idle_kib / 1024, "MiB");
  to.add("RssAnon with most in flight", live_max.server.anonymous_kib / 1024, "MiB");
  to.add("RssAnon, most", anonymous_max / 1024, "MiB");
  if (live_max.live > 0)
    to.add("RssAnon per run in flight", (live_max.server.anonymous_kib - idle_kib) / live_max.live,
           "KiB", "at most 40, aim 16");
  to.add("threads", static_cast<double>(live_max.server.threads));
  to.add("descriptors with most in flight", static_cast<double>(driver.descriptors_max()));
}

void add_viewers(const run_driver& driver, report& to) {
  auto wrong = std::size_t{0};
  auto events = std::size_t{0};
  auto deltas = std::size_t{0};
  for (const auto& seen : driver.watched()) {
    wrong += seen.status != 200 || !seen.check.is_right() ? 1 : 0;
    events += seen.check.events();
    deltas += seen.check.deltas();
  }
  to.add("viewers", static_cast<double>(driver.watched().size()));
  to.add("events seen", static_cast<double>(events));
  to.add("deltas seen", static_cast<double>(deltas));
  if (wrong > 0)
    to.losses.push_back(std::to_string(wrong) + " viewers had a gap, no or two ends, or were cut");
}

void add_work(measured_system& system, const run_driver& driver, double idle_s, report& to) {
  const auto calls = system.simulated("calls");
  const auto spent = system.server().processor_s - idle_s;
  to.add("seconds in all", driver.seconds(), "s");
  to.add("runs per second", static_cast<double>(driver.accepted().size()) / driver.seconds(), "/s");
  to.add("slowest acceptance", driver.accept_max_s(), "s");
  to.add("model calls", calls);
  to.add("model calls open at the endpoint, most", system.simulated("calls_open_max"));
  to.add("model calls broken", system.simulated("calls_broken"));
  to.add("processor time of the server", spent, "s");
  to.add("processor time per model call", calls > 0 ? spent / calls * 1e6 : 0, "us");
  to.add("journal commits", system.metric("persona_journal_commits_total"));
  to.add("journal appends", system.metric("persona_journal_appends_total"));
}

}  // namespace

report measure_many(const bench_settings& settings) {
  auto to = report{std::to_string(settings.runs) + " runs, " + std::to_string(settings.viewers)
                     + " viewers, answers after " + std::to_string(settings.delay.count()) + " ms",
                   {},
                   {}};
  auto system = measured_system{settings};
  if (!system.problem().empty()) {
    to.losses.push_back(system.problem());
    return to;
  }
  const auto idle = system.server();
  auto driver = run_driver{system, settings};
  driver.run();
  to.add("runs accepted", static_cast<double>(driver.accepted().size()));
  for (const auto& [status, count] : driver.refused())
    to.losses.push_back(std::to_string(count) + " runs were answered with "
                        + std::to_string(status));
  if (!system.is_server_alive())
    to.losses.emplace_back("the server ended while it was measured");
  if (driver.unanswered() > 0)
    to.losses.push_back(std::to_string(driver.unanswered()) + " requests got no answer");
  add_times(accounted(system, driver, to), settings, to);
  add_memory(driver, idle.anonymous_kib, to);
  add_viewers(driver, to);
  add_work(system, driver, idle.processor_s, to);
  if (!to.losses.empty()) {
    system.keep_folder();
    to.losses.push_back("the server's words are in " + system.log());
  }
  if (!system.end_server())
    to.losses.emplace_back("the server did not leave in an orderly way");
  return to;
}

}  // namespace persona_runtime::bench
