#include "domain/text/shorten.hpp"

#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

/// Tokens that a note can take: its words and two numbers of up to 20 digits.
constexpr std::size_t note_tokens_max = 40;

std::string note(std::size_t bytes, std::size_t tokens) {
  return "\n\n[... left out here: " + std::to_string(bytes) + " bytes, about "
         + std::to_string(tokens) + " tokens ...]\n\n";
}

/// Byte offsets of token borders: element i is where token i begins, the last is the size.
std::vector<std::size_t> token_borders(const tokenizer& counter, std::string_view text) {
  std::vector<std::size_t> borders{0};
  for (const std::uint32_t token : counter.encode(text))
    borders.push_back(borders.back() + counter.bytes_of(token).size());
  return borders;
}

/// The first characters of `text` that fit into `tokens_max`.
std::string beginning(std::string_view text, std::size_t tokens_max, const tokenizer& counter) {
  const auto borders = token_borders(counter, text.substr(0, tokens_max * 256 + 256));
  std::size_t keep = std::min(tokens_max, borders.size() - 1);
  while (true) {
    const auto kept = text.substr(0, border_at_or_before(text, borders[keep]));
    if (keep == 0 || counter.count(kept) <= tokens_max)
      return std::string{kept};
    --keep;
  }
}

}  // namespace

std::string shorten_middle(std::string_view text, std::size_t tokens_max,
                           const tokenizer& counter) {
  const auto borders = token_borders(counter, text);
  const std::size_t tokens = borders.size() - 1;
  if (tokens <= tokens_max)
    return std::string{text};
  // Joining the parts can cost a token at each seam, and cutting at a character's border a few
  // more; when the first guess is over, the second is smaller by what it was over.
  std::size_t room = tokens_max > note_tokens_max ? tokens_max - note_tokens_max + 8 : 0;
  while (room >= 2) {
    const std::size_t head = border_at_or_before(text, borders[room - room / 2]);
    const std::size_t tail = border_at_or_after(text, borders[tokens - room / 2]);
    std::string out{text.substr(0, head)};
    out += note(tail - head, tokens - room);
    out += text.substr(tail);
    const std::size_t counted = counter.count(out);
    if (counted <= tokens_max)
      return out;
    const std::size_t over = counted - tokens_max;
    room = room > over ? room - over : 0;
  }
  return beginning(note(text.size(), tokens), tokens_max, counter);
}

std::string cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max)
    return std::string{text};
  const auto note_of = [&text](std::size_t kept) {
    return "\n[... " + std::to_string(text.size() - kept) + " more bytes left out]";
  };
  // The note for nothing kept is the longest one.
  const std::size_t note_bytes = note_of(0).size();
  if (note_bytes >= bytes_max)
    return std::string{text.substr(0, border_at_or_before(text, bytes_max))};
  const std::size_t kept = border_at_or_before(text, bytes_max - note_bytes);
  return std::string{text.substr(0, kept)} + note_of(kept);
}

}  // namespace persona_runtime
