#pragma once
// A task as words, numbers, dates, files and quoted texts.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::rehearsal {

enum class token_kind : unsigned char { word, number, date, time, file, quoted, symbol };

struct token {
  token_kind kind = token_kind::word;
  /// word: case-folded; number: digits with a point at most; date: ISO, or "--05-17" without a
  /// year; time: "09:30"; file: the path; quoted: what stands between the marks; symbol: one of + -
  /// * / ^ ( ) = % , . ; : ? ! and "\n".
  std::string text;
  std::size_t begin = 0;  // in the task, bytes
  std::size_t end = 0;
  bool used = false;  // some goal has taken it
};

/// Words of a language decide how numbers are read: a comma is decimal in Norwegian.
[[nodiscard]] bool looks_norwegian(std::string_view task);

/// Never fails; what it does not know becomes a word or is left out.
[[nodiscard]] std::vector<token> lex(std::string_view task, bool norwegian);

}  // namespace persona_runtime::rehearsal
