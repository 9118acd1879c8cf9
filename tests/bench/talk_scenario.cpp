#include "tests/bench/scenarios.hpp"
#include "tests/bench/talk_driver.hpp"
#include "tests/bench/times.hpp"

#include <algorithm>

namespace persona_runtime::bench {
namespace {

void add_losses(measured_system& system, talk_driver& driver, const bench_settings& settings,
                report& to) {
  for (const auto& [status, count] : driver.refused())
    to.losses.push_back(std::to_string(count) + " requests or turns ended with "
                        + std::to_string(status));
  if (!system.is_server_alive())
    to.losses.emplace_back("the server ended while it was measured");
  if (driver.unanswered() > 0)
    to.losses.push_back(std::to_string(driver.unanswered()) + " turns got no end");
  if (const auto wanted = settings.runs * settings.turns; driver.turns_done() != wanted)
    to.losses.push_back(std::to_string(driver.turns_done()) + " of " + std::to_string(wanted)
                        + " turns are done");
  if (const auto wrong = driver.wrong_talks(); wrong > 0)
    to.losses.push_back(std::to_string(wrong) + " conversations do not hold what was said");
}

void add_times(std::vector<double> times, double ideal, report& to) {
  std::sort(times.begin(), times.end());
  to.add("ideal time of a turn", ideal, "s");
  to.add("p50 of a turn", share_of(times, 0.5), "s");
  to.add("p99 of a turn", share_of(times, 0.99), "s");
  to.add("longest turn", share_of(times, 1), "s");
}

}  // namespace

report measure_talks(const bench_settings& settings) {
  auto to =
    report{std::to_string(settings.runs) + " conversations of " + std::to_string(settings.turns)
             + " turns, answers after " + std::to_string(settings.delay.count()) + " ms",
           {},
           {}};
  auto system = measured_system{settings};
  if (!system.problem().empty()) {
    to.losses.push_back(system.problem());
    return to;
  }
  const auto idle = system.server();
  auto driver = talk_driver{system, settings};
  driver.run();
  const auto spent = system.server().processor_s - idle.processor_s;
  const auto turns = static_cast<double>(driver.turns_done());
  to.add("conversations", static_cast<double>(driver.talks()));
  to.add("turns done", turns);
  to.add("turns in flight, most", static_cast<double>(driver.open_max()));
  to.add("seconds in all", driver.seconds(), "s");
  to.add("turns per second", turns / driver.seconds(), "/s");
  add_times(driver.times(), ideal_s(settings), to);
  to.add("RssAnon idle", idle.anonymous_kib / 1024, "MiB");
  to.add("RssAnon, most", driver.anonymous_kib_max() / 1024, "MiB");
  to.add("processor time per turn", turns > 0 ? spent / turns * 1e6 : 0, "us");
  add_losses(system, driver, settings, to);
  if (!to.losses.empty()) {
    system.keep_folder();
    to.losses.push_back("the server's words are in " + system.log());
  }
  if (!system.end_server())
    to.losses.emplace_back("the server did not leave in an orderly way");
  return to;
}

}  // namespace persona_runtime::bench
