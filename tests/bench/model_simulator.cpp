// A model endpoint for measuring: prints `listening on http://127.0.0.1:PORT` and serves until
// SIGTERM. See simulator_server.hpp.

#include "tests/bench/flags.hpp"
#include "tests/bench/simulator_server.hpp"

#include <csignal>
#include <cstdio>

using namespace persona_runtime::bench;

namespace {

volatile std::sig_atomic_t is_stopped = 0;

void stop(int /*signal*/) {
  is_stopped = 1;
}

std::chrono::milliseconds milliseconds_of(double value) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(value)};
}

}  // namespace

int main(int argc, char** argv) {
  auto set = simulator_settings{};
  auto known = flags{};
  known.number("--port", "port, 0 picks one",
               [&](double v) { set.port = static_cast<std::uint16_t>(v); });
  known.number("--delay-ms", "before an answer begins",
               [&](double v) { set.delay = milliseconds_of(v); });
  known.number("--token-gap-ms", "between two pieces of an answer",
               [&](double v) { set.token_gap = milliseconds_of(v); });
  known.number("--tokens", "events of an answer that carry something",
               [&](double v) { set.shape.tokens = static_cast<std::size_t>(v); });
  known.mark("--one-segment", "an answer in one piece (default)",
             [&] { set.shape.segment_per_token = false; });
  known.mark("--segment-per-token", "each event in a piece of its own",
             [&] { set.shape.segment_per_token = true; });
  known.mark("--always-deliver", "no answer calls a tool", [&] { set.always_delivers = true; });
  known.mark("--record", "keep the first request of each kind", [&] { set.record = true; });
  if (!known.read(argc, argv))
    return 2;
  std::signal(SIGTERM, stop);
  std::signal(SIGINT, stop);
  raise_descriptor_limit();
  auto server = simulator_server{set};
  if (!server.is_listening()) {
    std::fprintf(stderr, "model_simulator: cannot listen on port %d\n", set.port);
    return 1;
  }
  std::printf("listening on http://127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  server.run([] { return is_stopped == 0; });
  return 0;
}
