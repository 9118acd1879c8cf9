#include "domain/prompt/envelope.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::string_view marker_begin = "<<<";

bool begins_with_word(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
  };
  return text.size() >= word.size()
         && std::equal(word.begin(), word.end(), text.begin(),
                       [&](char w, char t) { return same(t, w); });
}

/// Whether what follows the angle brackets reads like one of our markers to a model, which does
/// not mind a blank or a capital.
bool reads_like_marker(std::string_view behind, std::string_view kind) {
  behind.remove_prefix(std::min(behind.find_first_not_of("< \t"), behind.size()));
  return begins_with_word(behind, "end") || begins_with_word(behind, kind);
}

void append_defused(std::string& out, std::string_view text, std::string_view kind) {
  for (;;) {
    const auto at = text.find(marker_begin);
    if (at == std::string_view::npos)
      break;
    const auto end = std::min(text.find_first_not_of('<', at), text.size());
    out += text.substr(0, at);
    if (reads_like_marker(text.substr(end), kind))
      out += '\\';
    out += text.substr(at, end - at);
    text.remove_prefix(end);
  }
  out += text;
}

}  // namespace

std::string in_envelope(std::string_view kind, std::string_view nonce, std::string_view text,
                        std::string_view attributes) {
  auto out = std::string{marker_begin};
  out.append(kind).append(" nonce=").append(nonce);
  if (!attributes.empty())
    out.append(" ").append(attributes);
  out += ">>>\n";
  append_defused(out, text, kind);
  out.append("\n").append(marker_begin).append("end ").append(kind);
  out.append(" nonce=").append(nonce).append(">>>");
  return out;
}

}  // namespace persona_runtime
