#pragma once
// A fixed rotation, the same on every machine. What a few numbers of a vector hold is afterwards
// spread over all of them, and products of vectors stay as they were. For sources of this folder.

#include <cstddef>
#include <span>
#include <vector>

namespace persona_runtime {

/// Numbers of a rotated vector of that dimension: a power of two, at least 64.
[[nodiscard]] std::size_t rotated_size(std::size_t dimension);

/// Of `rotated_size(vector.size())` numbers and the length of the vector.
[[nodiscard]] std::vector<float> rotated(std::span<const float> vector);

}  // namespace persona_runtime
