#pragma once
// The inside of patterns: what pattern.cpp compiles to and runs. For those two files and no other.

#include "domain/text/pattern.hpp"

#include <array>
#include <bitset>
#include <utility>

namespace persona_runtime {

/// Characters that one place of a pattern takes.
struct pattern_set {
  std::vector<std::pair<char32_t, char32_t>> ranges{};  // inclusive, folded
  bool spaces = false;
  bool words = false;
  bool digits = false;
  bool negated = false;

  [[nodiscard]] bool holds(char32_t code) const;
};

using ascii_set = std::bitset<128>;

enum class pattern_op : std::uint8_t { one, any, set, split, jump, edge, begin, end, match };

struct pattern_instruction {
  pattern_op op = pattern_op::match;
  std::uint32_t a = 0;  // one: the character; set: which; split, jump: where to go first
  std::uint32_t b = 0;  // split: where to go next
};

struct pattern::program {
  std::vector<pattern_instruction> code{};
  std::vector<pattern_set> sets{};
  // Which characters a match may begin with, and which stand behind such a one, so that most places
  // need no further look.
  ascii_set first_ascii{};
  std::array<ascii_set, 128> second_ascii{};  // by the first; a character that is no ASCII may
  bool first_other = false;                   // also one that is no ASCII
  // Where a match may begin, in the order in which the places are tried; empty where that depends
  // on more than the edge before it.
  std::vector<std::uint32_t> starts{};
  bool may_be_empty = false;
  bool begins_at_edge = false;
};

/// The text of a pattern as instructions.
[[nodiscard]] result<pattern::program> compile_pattern(std::string_view text);

}  // namespace persona_runtime
