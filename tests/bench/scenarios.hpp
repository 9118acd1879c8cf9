#pragma once
// What load_bench can measure.

#include "tests/bench/measured_system.hpp"
#include "tests/bench/report.hpp"

namespace persona_runtime::bench {

/// Many runs at once, some with viewers: is anything lost, how late is a run, what does one hold.
report measure_many(const bench_settings& settings);
/// Many conversations, each with a turn in flight: is one lost, or said in another order.
report measure_talks(const bench_settings& settings);
/// Many personas, turns at an even rate for long: does what the server holds grow.
report measure_soak(const bench_settings& settings);
/// A model that answers at once: runs per second and processor time, beside a bare loop.
report measure_throughput(const bench_settings& settings);
/// Completions at half the highest rate, each paired with the same call made directly: what does
/// the engine add to the time to the first word.
report measure_overhead(const bench_settings& settings);
/// A server with nothing to do.
report measure_idle(const bench_settings& settings);

}  // namespace persona_runtime::bench
