#pragma once
// Vectors to try indexes with.

#include "providers/embed/embedder.hpp"

#include <random>

namespace persona_runtime {

/// Of length 1, in a random direction.
inline embedding a_direction(std::mt19937& random, std::size_t dimension) {
  auto normal = std::normal_distribution<float>{};
  auto out = embedding(dimension);
  for (auto& value : out)
    value = normal(random);
  normalise(out);
  return out;
}

/// Of length 1, off the centre by that part of its length in a random direction.
inline embedding a_neighbour(std::mt19937& random, const embedding& centre, float off) {
  auto out = a_direction(random, centre.size());
  for (auto i = std::size_t{0}; i < out.size(); ++i)
    out[i] = centre[i] + off * out[i];
  normalise(out);
  return out;
}

}  // namespace persona_runtime
