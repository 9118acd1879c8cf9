#pragma once
// Patterns of words as data: a small regular language whose matching takes time in proportion to
// the text, whatever the pattern. Case never counts.
//
//   abc      these characters; letters in any case, Unicode too
//   a|b (..) one of several, tried in this order; a group
//   ? * +    none or one; any number; at least one of what stands before, as many as possible
//   {m,n}    m to n of it, 0 <= m <= n <= 100
//   .        any character but a line feed
//   [abc] [^abc] [a-z]   one of these; none of these
//   \s \w \d   white space; letter, digit or underscore; digit; also within []
//   \b       a word's edge
//   ^ $      the beginning and the end of the text
//   \x       x itself, where x is none of the letters above
//
// A blank is a blank like any other character.

#include "domain/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// How much of a message or an answer is judged by patterns: what lies behind it is not looked at,
/// so that a huge text cannot hold up who judges it. It bounds the work of one table to some
/// milliseconds.
inline constexpr std::size_t judged_characters_max = 16'384;

/// A text as patterns see it: characters with their case folded (only where that is one
/// character), and where each one begins.
class folded_text {
public:
  explicit folded_text(std::string_view text);

  [[nodiscard]] std::size_t size() const { return codes_.size(); }
  [[nodiscard]] char32_t operator[](std::size_t i) const { return codes_[i]; }
  /// The bytes [first, last) in characters, as the text was given. Valid as long as that is.
  [[nodiscard]] std::string_view original(std::size_t first, std::size_t last) const;
  /// The first line feed at or behind `at`, or the end.
  [[nodiscard]] std::size_t line_end(std::size_t at) const;

private:
  std::string_view text_;
  std::vector<char32_t> codes_;
  std::vector<std::uint32_t> begins_;  // one more than codes_
};

/// A match: characters [first, last) of the text.
struct text_span {
  std::size_t first = 0;
  std::size_t last = 0;
  [[nodiscard]] bool empty() const { return first == last; }
  friend bool operator==(const text_span&, const text_span&) = default;
};

/// Immutable and shared: copies are cheap, any thread may use them. A default one matches nothing.
class pattern {
public:
  pattern() = default;

  /// validation_error says what is wrong and at which character. At most 4,096 characters, 32
  /// groups within each other, and 4,096 instructions.
  [[nodiscard]] static result<pattern> compile(std::string_view text);

  /// The first match that begins in [from, to] and ends at or before `to`; of several that begin
  /// there, the one that the pattern tries first. `to` beyond the end means the end. The text
  /// outside [from, to) still counts for \b; ^ and $ are the text's own ends.
  [[nodiscard]] std::optional<text_span> find(const folded_text& text, std::size_t from = 0,
                                              std::size_t to = std::string::npos) const;

  /// The match that begins exactly at `at`.
  [[nodiscard]] std::optional<text_span> match_at(const folded_text& text, std::size_t at) const;

  [[nodiscard]] bool matches(std::string_view text) const { return bool{find(folded_text{text})}; }

  struct program;  // pattern_program.hpp

private:
  std::shared_ptr<const program> program_;
};

}  // namespace persona_runtime
