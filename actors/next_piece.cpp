#include "actors/next_piece.hpp"

#include <string>
#include <utility>

namespace persona_runtime {
namespace {

/// Without a character at the end that is still on its way.
std::string whole_characters(std::string text) {
  auto at = text.size();
  while (at > 0 && text.size() - at < 4
         && (static_cast<unsigned char>(text[at - 1]) & 0xC0U) == 0x80U)
    --at;
  if (at == 0)
    return text;
  const auto lead = static_cast<unsigned char>(text[at - 1]);
  const auto wanted = lead >= 0xF0U ? 4U : lead >= 0xE0U ? 3U : lead >= 0xC0U ? 2U : 1U;
  if (text.size() - (at - 1) < wanted)
    text.resize(at - 1);
  return text;
}

}  // namespace

std::optional<text_arrived> next_piece(live_registry& live, const turn_state& turn) {
  const auto found = live.look_and_arm(turn.spec->answer);
  if (found == nullptr || found->step != turn.round || found->attempt != turn.attempt)
    return std::nullopt;
  const auto offset = turn.visible.size() - turn.attempt_begin;
  auto text = whole_characters(found->text.read(offset));
  if (text.empty())
    return std::nullopt;
  return text_arrived{current(turn), offset, std::move(text)};
}

}  // namespace persona_runtime
