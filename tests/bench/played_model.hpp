#pragma once
// What the simulated model says: the same five answers in every run, made once.

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace persona_runtime::bench {

inline constexpr std::size_t calls_per_run = 5;
inline constexpr std::size_t tool_calls_per_run = calls_per_run - 1;

/// An HTTP answer in the pieces it is sent in.
using answer_pieces = std::vector<std::string>;

struct answer_shape {
  std::size_t tokens = 16;         // events that carry text or arguments
  bool segment_per_token = false;  // else all of an answer is one piece
};

/// Answer k to the request that holds k results of tools: the first four call a built-in tool each
/// (results of about 1 KiB), the last one delivers.
std::array<answer_pieces, calls_per_run> played_answers(const answer_shape& shape);

}  // namespace persona_runtime::bench
