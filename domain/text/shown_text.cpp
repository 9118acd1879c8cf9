#include "domain/text/shown_text.hpp"

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

}  // namespace persona_runtime
