// Numbers in digits and in words.
#include "providers/chat/rehearsal/arithmetic.hpp"

#include <array>
#include <utility>

namespace persona_runtime::rehearsal {
arithmetic::step arithmetic::number(std::size_t at) {
  if (!in_.is(at, token_kind::number))
    return std::nullopt;
  return scaled({in_.at(at).text, at + 1});
}

/// "2 million", "three hundred and twenty".
arithmetic::step arithmetic::scaled(amount out) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> scales{
    {{"hundred", "100"},
     {"hundre", "100"},
     {"thousand", "1000"},
     {"tusen", "1000"},
     {"million", "1000000"},
     {"millioner", "1000000"},
     {"billion", "1000000000"},
     {"milliarder", "1000000000"}}};
  bool grown = false;
  for (const auto& [name, factor] : scales) {
    if (!in_.reads(out.end, name))
      continue;
    out.expression = '(' + out.expression + " * " + std::string{factor} + ')';
    ++out.end;
    grown = true;
  }
  if (!grown || depth_ >= depth_max)
    return out;
  ++depth_;
  const auto joint = in_.phrase(out.end, {"and", "og"});
  const step rest = number_word(out.end + joint);
  --depth_;
  if (!rest)
    return out;
  return amount{'(' + out.expression + " + " + rest->expression + ')', rest->end};
}

arithmetic::step arithmetic::number_word(std::size_t at) {
  static constexpr std::array<std::pair<std::string_view, int>, 52> named{
    {{"zero", 0},     {"two", 2},        {"three", 3},     {"four", 4},        {"five", 5},
     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},        {"ten", 10},
     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},   {"fifteen", 15},
     {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},   {"twenty", 20},
     {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},      {"seventy", 70},
     {"eighty", 80},  {"ninety", 90},    {"hundred", 100}, {"thousand", 1000}, {"dozen", 12},
     {"null", 0},     {"to", 2},         {"tre", 3},       {"fire", 4},        {"fem", 5},
     {"seks", 6},     {"sju", 7},        {"syv", 7},       {"\u00e5tte", 8},   {"ni", 9},
     {"ti", 10},      {"elleve", 11},    {"tolv", 12},     {"tretten", 13},    {"fjorten", 14},
     {"femten", 15},  {"tjue", 20},      {"tretti", 30},   {"f\u00f8rti", 40}, {"femti", 50},
     {"hundre", 100}, {"one", 1}}};
  if (!in_.is(at, token_kind::word))
    return std::nullopt;
  const std::string& word = in_.at(at).text;
  // "twenty-five" is one word.
  const std::size_t hyphen = word.find('-');
  int value = 0;
  for (std::size_t begin = 0; begin < word.size();) {
    const std::string_view part = std::string_view{word}.substr(
      begin, hyphen == std::string::npos || begin > hyphen ? std::string::npos : hyphen - begin);
    int known = -1;
    for (const auto& [name, n] : named) {
      // Norwegian "to" and "fire" are English words, and so is "null".
      if (name == part && name != "to" && name != "fire" && name != "null")
        known = n;
    }
    if (known < 0)
      return std::nullopt;
    value += known;
    begin += part.size() + 1;
  }
  return scaled({std::to_string(value), at + 1});
}

}  // namespace persona_runtime::rehearsal
