#pragma once
// Units that the calculator is given factors for.

#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime::rehearsal {

struct unit {
  std::string_view symbol;    // as it is shown: "km", "°C"
  std::string_view quantity;  // only units of one quantity convert: "length"
  std::string_view factor;    // how many base units it is, exact; empty for temperatures
};

/// The unit that `word` names: symbol, singular or plural, English or Norwegian, case-folded.
[[nodiscard]] std::optional<unit> unit_of(std::string_view word);

/// What the calculator computes for `amount` (an expression) of `from` in `to`. Nothing when they
/// do not convert.
[[nodiscard]] std::optional<std::string> conversion(const std::string& amount, const unit& from,
                                                    const unit& to);

}  // namespace persona_runtime::rehearsal
