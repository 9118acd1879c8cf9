#pragma once
// Reads a calculation in words or symbols and writes it as the calculator wants it. Computes
// nothing itself.

#include "providers/chat/rehearsal/reader.hpp"

#include <optional>
#include <string>
#include <utility>

namespace persona_runtime::rehearsal {

/// What stands for the number that the task leaves out ("15 % of").
inline constexpr std::string_view missing_number = "{?}";

struct amount {
  std::string expression;
  std::size_t end = 0;    // behind its last token
  bool computed = false;  // there is something to calculate
  bool percent = false;   // a bare "15 %"
  bool atom = true;       // needs no brackets
  std::string result_unit{};
};

/// Something to calculate that ends before token `end`.
[[nodiscard]] inline amount computed(std::string expression, std::size_t end, bool atom = false) {
  return {std::move(expression), end, true, false, atom};
}

class arithmetic {
public:
  /// `previous`: what "the result" means, an expression; empty when there is none yet.
  arithmetic(const reader& in, std::string previous) : in_{in}, previous_{std::move(previous)} {}

  /// The calculation that begins at `at`; nothing when none does, or when it is a mere number.
  [[nodiscard]] std::optional<amount> calculation(std::size_t at);

  /// One number at `at`: digits, a number word, brackets, a root, "the result".
  [[nodiscard]] std::optional<amount> primary(std::size_t at);

private:
  using step = std::optional<amount>;

  step sum(std::size_t at);
  step product(std::size_t at);
  step power(std::size_t at);
  step plain(std::size_t at);
  step bracket(std::size_t at);
  step number(std::size_t at);
  step number_word(std::size_t at);
  step scaled(amount out);

  step percent_of(const amount& given);
  step prefix_function(std::size_t at);
  step of_two_or_more(std::size_t at);
  step verb(std::size_t at);
  step add_verb(std::size_t at);
  step change_by_percent(std::size_t at);
  step share(std::size_t at);
  step remainder(std::size_t at);
  step rounded(amount whole);
  std::vector<amount> list(std::size_t at);
  std::string wrapped(const amount& a) const;

  const reader& in_;
  std::string previous_;
  static constexpr int depth_max = 12;  // the calculator stops at 20
  int depth_ = 0;
};

}  // namespace persona_runtime::rehearsal
