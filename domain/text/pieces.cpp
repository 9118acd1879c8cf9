#include "domain/text/pieces.hpp"

#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <array>

namespace persona_runtime {
namespace {

constexpr std::size_t ascii_end = 128;

/// Of bytes: the classes of ASCII characters. Bytes of longer characters get none, so that loops
/// over one class stop there too.
constexpr auto no_class = static_cast<char_class>(0xFF);
constexpr std::array<char_class, 256> byte_classes = [] {
  std::array<char_class, 256> classes{};
  classes.fill(no_class);
  for (std::size_t c = 0; c < ascii_end; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool number = c >= '0' && c <= '9';
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    classes.at(c) = letter   ? char_class::letter
                    : number ? char_class::number
                    : space  ? char_class::space
                             : char_class::other;
  }
  return classes;
}();

/// A character and its class; `bytes` 0 stands for the end of the text, whose class is nothing.
struct seen {
  std::size_t bytes = 0;
  char_class kind = char_class::other;
  [[nodiscard]] bool is(char_class c) const { return bytes != 0 && kind == c; }
};

seen look(std::string_view text, std::size_t at) {
  if (at >= text.size())
    return {};
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < ascii_end)
    return {1, byte_classes[byte]};
  const utf8_step step = decode_at(text, at);
  return {step.bytes, step.valid ? class_of(step.code) : char_class::other};
}

bool is_line_end(std::string_view text, std::size_t at) {
  return at < text.size() && (text[at] == '\n' || text[at] == '\r');
}

std::size_t skip(std::string_view text, std::size_t at, char_class kind) {
  while (true) {
    while (at < text.size() && byte_classes[static_cast<unsigned char>(text[at])] == kind)
      ++at;
    const seen c = look(text, at);
    if (!c.is(kind))
      return at;
    at += c.bytes;
  }
}

/// Length of 's 't 'd 'm 'll 've 're at `at`, in any case; the long s folds to s. 0: none.
std::size_t contraction_bytes(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at, 3);
  if (rest.size() < 2 || rest[0] != '\'')
    return 0;
  if (rest == "'\xC5\xBF")
    return 3;
  const char first = static_cast<char>(rest[1] | 0x20);
  if (first == 's' || first == 'd' || first == 'm' || first == 't')
    return 2;
  if (rest.size() < 3)
    return 0;
  const char second = static_cast<char>(rest[2] | 0x20);
  const bool pair =
    (first == 'l' && second == 'l') || ((first == 'v' || first == 'r') && second == 'e');
  return pair ? 3 : 0;
}

std::size_t number_end(std::string_view text, std::size_t at) {
  for (int digits = 0; digits < 3; ++digits) {
    const seen c = look(text, at);
    if (!c.is(char_class::number))
      break;
    at += c.bytes;
  }
  return at;
}

/// Neither letter, number nor space, then any line ends. `at` is at the first of them.
std::size_t other_end(std::string_view text, std::size_t at) {
  at = skip(text, at, char_class::other);
  while (is_line_end(text, at))
    ++at;
  return at;
}

/// A run of white space: whole at the end of the text, else up to its last line end, else all but
/// its last character, which may belong to what follows.
std::size_t space_end(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  std::size_t last_begin = begin;
  std::size_t line_end = begin;
  for (seen c = look(text, at); c.is(char_class::space); c = look(text, at)) {
    last_begin = at;
    if (is_line_end(text, at))
      line_end = at + 1;
    at += c.bytes;
  }
  if (at == text.size())
    return at;
  if (line_end != begin)
    return line_end;
  return last_begin == begin ? at : last_begin;
}

}  // namespace

std::size_t piece_end(std::string_view text, std::size_t begin) {
  const seen first = look(text, begin);
  if (first.kind == char_class::letter)
    return skip(text, begin + first.bytes, char_class::letter);
  if (first.kind == char_class::number)
    return number_end(text, begin);
  if (const std::size_t bytes = contraction_bytes(text, begin))
    return begin + bytes;
  const std::size_t behind = begin + first.bytes;
  const seen second = look(text, behind);
  if (second.is(char_class::letter) && !is_line_end(text, begin))
    return skip(text, behind + second.bytes, char_class::letter);
  if (first.kind == char_class::other)
    return other_end(text, begin);
  if (text[begin] == ' ' && second.is(char_class::other))
    return other_end(text, behind);
  return space_end(text, begin);
}

}  // namespace persona_runtime
