#include "providers/chat/rehearsal/aggregates.hpp"

#include "providers/chat/rehearsal/lexer.hpp"

#include <algorithm>
#include <cstdlib>

namespace persona_runtime::rehearsal {
namespace {

constexpr std::size_t terms_max = 20;
constexpr std::size_t expression_bytes_max = 240;  // the calculator takes 256

/// "- 5" of a list is a dash; "-5" behind a blank is a sign.
bool has_sign(std::string_view text, std::size_t at) {
  return at > 0 && text[at - 1] == '-'
         && (at == 1
             || std::string_view{" \t\n,;:(=|"}.find(text[at - 2]) != std::string_view::npos);
}

}  // namespace

std::vector<std::string> numbers_in(std::string_view text) {
  auto numbers = std::vector<std::string>{};
  for (const token& t : lex(text, false)) {
    const bool is_name = t.begin > 0
                         && (std::isalpha(static_cast<unsigned char>(text[t.begin - 1])) != 0
                             || text[t.begin - 1] == '_');
    if (t.kind == token_kind::number && !is_name)
      numbers.push_back(has_sign(text, t.begin) ? "(-" + t.text + ')' : t.text);
  }
  return numbers;
}

std::vector<std::string> partial_sums(const std::vector<std::string>& numbers) {
  auto sums = std::vector<std::string>{};
  std::size_t terms = terms_max;
  for (const std::string& number : numbers) {
    const bool fits = terms < terms_max && !sums.empty()
                      && sums.back().size() + number.size() + 3 <= expression_bytes_max;
    if (fits) {
      sums.back().append(" + ").append(number);
      ++terms;
    } else {
      sums.push_back(number);
      terms = 1;
    }
  }
  return sums;
}

std::string extreme_of(const std::vector<std::string>& numbers, bool largest) {
  const auto value = [](const std::string& number) {
    const bool bracketed = number.starts_with('(');
    return std::strtod(number.c_str() + (bracketed ? 1 : 0), nullptr);
  };
  const auto less = [&](const std::string& a, const std::string& b) { return value(a) < value(b); };
  auto found = largest ? *std::max_element(numbers.begin(), numbers.end(), less)
                       : *std::min_element(numbers.begin(), numbers.end(), less);
  return found.starts_with('(') ? found.substr(1, found.size() - 2) : found;
}

}  // namespace persona_runtime::rehearsal
