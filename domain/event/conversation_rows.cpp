#include "domain/event/conversation_rows.hpp"

#include "domain/text/utf8.hpp"

#include <array>

namespace persona_runtime {

std::string_view name_of(message_status s) {
  static constexpr auto names = std::to_array<std::string_view>(
    {"running", "complete", "cancelled", "error", "interrupted", "replaced"});
  return names.at(static_cast<std::size_t>(s));
}

std::string_view name_of(conversation_origin o) {
  return o == conversation_origin::chat ? "chat" : "call";
}

std::string preview_of(std::string_view text) {
  constexpr auto characters_max = std::size_t{120};
  const auto whole = stripped(text);
  auto at = std::size_t{0};
  auto cut = std::size_t{0};
  auto count = std::size_t{0};
  for (; at < whole.size() && count < characters_max; ++count) {
    cut = at;
    at += decode_at(whole, at).bytes;
  }
  return std::string{at >= whole.size() ? whole : whole.substr(0, cut)}
         + (at >= whole.size() ? "" : "…");
}

}  // namespace persona_runtime
