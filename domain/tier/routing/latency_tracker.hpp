#pragma once
// How long models take to their first token, by what was measured (spec routing §19).

#include "domain/failure.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

struct latency_options {
  double alpha = 0.2;          // weight of the newest sample, in (0, 1]
  std::uint32_t warmup_n = 5;  // samples that are averaged first, at least 1
};

[[nodiscard]] result<latency_options> checked(const latency_options& options);

/// The mean of the first samples of a model, then an average that forgets. Models are told apart by
/// their key ("provider/model"), at most 4,096 of them; more are not tracked. One actor's.
class latency_tracker {
public:
  /// Options must be checked.
  explicit latency_tracker(const latency_options& options = {}) : options_{options} {}

  /// A negative sample is dropped.
  void record(std::string_view model, double sample_ms);
  /// None: nothing is known.
  [[nodiscard]] std::optional<double> estimate_ms(std::string_view model) const;
  /// How many samples count; stays at warmup_n once that many are there.
  [[nodiscard]] std::uint32_t count(std::string_view model) const;

private:
  struct track {
    double value_ms = 0;  // the sum while warming up, then the average
    std::uint32_t count = 0;
  };
  latency_options options_;
  std::map<std::string, track, std::less<>> models_;
};

}  // namespace persona_runtime
