#pragma once
// What choosing between the models of a tier goes by, beside price and window.

#include <functional>
#include <map>
#include <string>

namespace persona_runtime {

struct model_traits {
  double quality = 0;         // 0 to 1, by benchmarks
  double first_token_ms = 0;  // at least 0: the usual one
  friend bool operator==(const model_traits&, const model_traits&) = default;
};

/// By "provider/model".
using model_traits_table = std::map<std::string, model_traits, std::less<>>;

}  // namespace persona_runtime
