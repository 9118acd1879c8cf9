#pragma once
// What the models of each tier were asked and answered since the start, for /metrics.

#include "domain/run/message.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace persona_runtime {

/// Sums per (tier, "provider/model"). Thread-safe. Bounded: past 1,000 pairs, which only many
/// reloads can make, the rest is counted as model "other".
class model_meter {
public:
  struct sums {
    std::uint64_t replies = 0;
    std::map<std::string, std::uint64_t> failures{};  // by class name
    std::uint64_t prompt_tokens = 0;
    std::uint64_t completion_tokens = 0;
    double cents = 0;
    std::uint64_t unpriced = 0;  // replies whose price is not known
  };
  using pairs = std::map<std::pair<std::string, std::string>, sums>;

  void replied(std::string_view tier, std::string_view model, const token_usage& usage,
               std::optional<double> cents);
  void failed(std::string_view tier, std::string_view model, std::string_view error_class);

  [[nodiscard]] pairs all() const;

private:
  sums& at(std::string_view tier, std::string_view model);

  mutable std::mutex mutex_;
  pairs all_;
};

}  // namespace persona_runtime
