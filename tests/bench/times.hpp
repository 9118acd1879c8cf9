#pragma once
// What times are compared with, and how many are put into one figure.

#include "tests/bench/measured_system.hpp"

namespace persona_runtime::bench {

/// Seconds that a run, or a turn, takes when nothing but the model takes time.
double ideal_s(const bench_settings& set);

/// The value below which that share of them lies; 0 of none.
double share_of(const std::vector<double>& sorted, double share);

}  // namespace persona_runtime::bench
