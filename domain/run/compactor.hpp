#pragma once
// When and where a context that has grown too long gives way to a summary (spec runtime §17).
// The floor is 2 messages in runs (system, task: D-6), 1 in the reference.

#include "domain/run/message.hpp"

#include <cstdint>
#include <string>

namespace persona_runtime {

inline constexpr auto fold_tail = std::size_t{4};  // messages that always stay

/// True when a context of `count` messages and `tokens` is over 80 % of `budget`.
[[nodiscard]] bool should_fold(std::size_t count, std::uint64_t tokens, std::uint64_t budget,
                               std::size_t floor);

/// The messages [first, last) between floor and tail; empty when there is nothing to fold. The
/// tail never begins with a tool result: it keeps the call that it answers.
struct fold_range {
  std::size_t first = 0;
  std::size_t last = 0;
  [[nodiscard]] std::size_t count() const { return last - first; }
};
[[nodiscard]] fold_range middle_of(const message_list& context, std::size_t floor);

/// "role: content" of each message, joined by line feeds: what a summary is made from.
[[nodiscard]] std::string render(const message_list& context, std::size_t first, std::size_t last);

}  // namespace persona_runtime
