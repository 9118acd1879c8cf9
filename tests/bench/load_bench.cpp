// Measures an unmodified `persona serve` under load, over real sockets:
//
//   load_bench --scenario ten-thousand | viewers | conversations | soak | throughput | overhead |
//   idle
//              [--runs N …]
//
// Starts the server and a model_simulator as processes of their own, on ports of their own and with
// a journal in a fresh folder under --work. Ends with 1 when something was lost.

#include "tests/bench/flags.hpp"
#include "tests/bench/scenarios.hpp"

#include <cstdio>

using namespace persona_runtime::bench;

namespace {

template <class Unit>
std::function<void(double)> into(Unit& time) {
  return [&time](double value) { time = Unit{static_cast<std::int64_t>(value)}; };
}

std::function<void(double)> into(std::size_t& count) {
  return [&count](double value) { count = static_cast<std::size_t>(value); };
}

/// The programs of the build tree that this one belongs to.
void find_programs(bench_settings& set) {
  auto error = std::error_code{};
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  set.simulator = (own / "model_simulator").string();
  set.server = (own / "../../bootstrap/persona").lexically_normal().string();
}

void preset(const std::string& scenario, bench_settings& set) {
  set.scenario = scenario;
  if (scenario == "viewers") {
    set.runs = 5'000;
    set.viewers = 5'000;
  } else if (scenario == "conversations") {
    set.runs = 2'000;
    set.delay = std::chrono::milliseconds{100};
  } else if (scenario == "soak") {
    set.runs = 200;
    set.turns = 20;
    set.rate = 200;
    set.delay = std::chrono::milliseconds{100};
    set.window = std::chrono::minutes{20};
    set.always_delivers = true;
  } else if (scenario == "throughput") {
    set.delay = std::chrono::milliseconds{0};
  } else if (scenario == "overhead") {
    set.delay = std::chrono::milliseconds{0};
    set.always_delivers = true;
  }
}

flags flags_of(bench_settings& set) {
  auto known = flags{};
  known.text("--scenario",
             "ten-thousand, viewers, conversations, soak, throughput, overhead, idle; first, as it "
             "sets the others",
             [&set](const std::string& v) { preset(v, set); });
  known.number("--runs", "runs in all, or conversations; soak: personas", into(set.runs));
  known.number("--turns", "conversations, soak: of each conversation", into(set.turns));
  known.number("--viewers", "of them watched", into(set.viewers));
  known.number("--delay-ms", "before an answer begins", into(set.delay));
  known.number("--ratio-max", "of p99 to the ideal time of a run; above: a loss",
               [&set](double v) { set.ratio_max = v; });
  known.number("--token-gap-ms", "between two pieces of an answer", into(set.token_gap));
  known.number("--arrivals-s", "over which runs arrive", [&set](double v) {
    set.arrivals = std::chrono::milliseconds{static_cast<std::int64_t>(v * 1000)};
  });
  known.number("--tokens", "of an answer", into(set.tokens));
  known.number("--background-bytes", "of the persona", into(set.background_bytes));
  known.number("--settle-s", "idle: before measuring", into(set.settle));
  known.number("--window-s", "soak, throughput, overhead, idle: of a measurement",
               into(set.window));
  known.number("--rate", "soak: turns per second; overhead: pairs, else half of the highest rate",
               [&set](double v) { set.rate = v; });
  known.number("--in-flight", "throughput: one row instead of 1, 64, 512, 5000",
               [&set](double v) { set.in_flight = {static_cast<std::size_t>(v)}; });
  known.mark("--segment-per-token", "each event in a segment of its own",
             [&set] { set.segment_per_token = true; });
  known.text("--server", "the persona program", [&set](std::string v) { set.server = v; });
  known.text("--simulator", "model_simulator", [&set](std::string v) { set.simulator = v; });
  known.text("--work", "folder for the journal", [&set](std::string v) { set.work = v; });
  known.text("--json", "file for the figures", [&set](std::string v) { set.json = v; });
  return known;
}

}  // namespace

int main(int argc, char** argv) {
  auto set = bench_settings{};
  find_programs(set);
  if (!flags_of(set).read(argc, argv))
    return 2;
  raise_descriptor_limit();
  const auto done = set.scenario == "throughput"      ? measure_throughput(set)
                    : set.scenario == "overhead"      ? measure_overhead(set)
                    : set.scenario == "idle"          ? measure_idle(set)
                    : set.scenario == "soak"          ? measure_soak(set)
                    : set.scenario == "conversations" ? measure_talks(set)
                                                      : measure_many(set);
  print_table(done);
  if (!set.json.empty() && !write_json(done, set.json)) {
    std::fprintf(stderr, "load_bench: cannot write %s\n", set.json.c_str());
    return 1;
  }
  return done.losses.empty() ? 0 : 1;
}
