#include "domain/text/shown_text.hpp"

#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

namespace persona_runtime {

std::string_view first_characters(std::string_view text, std::size_t characters) {
  std::size_t end = 0;
  for (; characters > 0 && end < text.size(); --characters)
    end += decode_at(text, end).bytes;
  return text.substr(0, end);
}

std::string_view first_bytes(std::string_view text, std::size_t bytes) {
  return text.substr(0, border_at_or_before(text, bytes));
}

std::string printable(std::string_view text, std::size_t characters) {
  auto out = repaired_utf8(text);
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  return std::string{first_characters(out, characters)};
}

std::uint64_t word_count(std::string_view text) {
  auto words = std::uint64_t{0};
  auto in_word = false;
  for (auto at = std::size_t{0}; at < text.size();) {
    const auto step = decode_at(text, at);
    const auto blank = step.valid && is_blank(step.code);
    words += !blank && !in_word ? 1 : 0;
    in_word = !blank;
    at += step.bytes;
  }
  return words;
}

}  // namespace persona_runtime
