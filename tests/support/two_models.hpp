#pragma once
// A world in which every tier has the same two models, each of a provider of its own.

#include "tests/support/world.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace persona_runtime::test {

using desk_ptr = std::shared_ptr<desk_provider>;

/// `one/m` is answered at `first`, then comes `two/m`, at `second`.
inline world_options with_two_models(world_options options, desk_ptr first, desk_ptr second) {
  const auto members = std::vector<model_entry>{a_model("one", "m"), a_model("two", "m")};
  options.tiers = {{"frontier", members}, {"mid", members}, {"small", members}};
  options.provider_of = [first = std::move(first), second = std::move(second)](
                          const std::string&, const model_entry& model, const desk_ptr&) {
    return model.provider == "one" ? first : second;
  };
  return options;
}

}  // namespace persona_runtime::test
