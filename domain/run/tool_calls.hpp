#pragma once
// What runs and turns do alike with the tool calls of one reply.

#include "domain/run/message.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace persona_runtime {

/// Tokens of `text`; `count` gives those of a text. A token is at least one byte: long texts are
/// bounded rather than counted.
template <class Count>
[[nodiscard]] std::uint64_t bounded_tokens(const std::string& text, const Count& count) {
  if (text.empty())
    return 0;
  return text.size() <= 4096 ? std::uint64_t{count(text)} : text.size();
}

/// Those of the arguments of `calls`.
template <class Count>
[[nodiscard]] std::uint64_t argument_tokens(const std::vector<tool_call>& calls,
                                            const Count& count) {
  auto total = std::uint64_t{0};
  for (const auto& call : calls)
    total += bounded_tokens(call.arguments, count);
  return total;
}

/// The call to send next, if any may start now. They start in the order of the reply: nothing
/// overtakes what waits, at most `parallel_max` run at once, and an exclusive one runs alone. A
/// Call says that it was `sent` and has its `answer`.
template <class Call, class IsExclusive>
[[nodiscard]] std::optional<call_index> next_to_start(const std::vector<Call>& calls,
                                                      std::uint32_t parallel_max,
                                                      const IsExclusive& is_exclusive) {
  auto running = std::uint32_t{0};
  for (const auto& c : calls) {
    if (!c.sent || c.answer)
      continue;
    if (is_exclusive(c))
      return std::nullopt;
    ++running;
  }
  for (auto i = call_index{}; i.value < calls.size(); ++i.value) {
    const auto& c = calls[i.value];
    if (c.sent || c.answer)
      continue;
    if (running >= parallel_max || (running > 0 && is_exclusive(c)))
      return std::nullopt;
    return i;
  }
  return std::nullopt;
}

}  // namespace persona_runtime
