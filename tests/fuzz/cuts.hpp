#pragma once
// Cutting fuzz input into pieces, as networks do.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace persona_runtime::fuzz {

/// Calls `feed` with copies of pieces of `bytes` while it returns true. The lengths follow from
/// `seed`; each copy dies at once, so that a view kept too long is found.
template <class Feed>
void in_pieces(std::string_view bytes, std::uint8_t seed, Feed&& feed) {
  auto state = static_cast<std::uint32_t>(seed) * 2654435761u + 1;
  auto going_on = true;
  while (going_on && !bytes.empty()) {
    state = state * 1664525u + 1013904223u;
    auto size = 1 + (state >> 24) % (1 + seed % 32);
    auto piece = std::string{bytes.substr(0, size)};
    piece.shrink_to_fit();
    bytes.remove_prefix(piece.size());
    going_on = feed(std::string_view{piece});
  }
}

inline void require(bool holds, const char* what) {
  if (!holds) {
    std::fputs(what, stderr);
    std::abort();
  }
}

}  // namespace persona_runtime::fuzz
