#pragma once
// The tool text_summarize (persona-tools §13.13). It has no body: a run or a turn carries it out
// itself, with a model call of its own that its budget pays for.

#include "domain/run/message.hpp"
#include "domain/tool/definition.hpp"

#include <cstdint>
#include <string_view>
#include <variant>

namespace persona_runtime {

inline constexpr std::string_view text_summarize_name = "text_summarize";

/// Never beside another call: one model call of a run is under way at a time.
[[nodiscard]] tool_definition text_summarize_definition();

struct summary_wish {
  std::string text;  // not blank; at most 48,000 characters
  std::uint32_t words = 100;
  bool truncated = false;  // the text was longer
};

/// What the arguments ask for; words within 10 and 500. Or an error result: they do not fit the
/// schema, or the text is blank.
[[nodiscard]] std::variant<summary_wish, tool_result> read_summary_wish(std::string_view arguments);

/// How long the reply may be: 6 tokens for a word, at most 1,024.
[[nodiscard]] std::uint32_t summary_reply_tokens(const summary_wish& wish);

/// What the model's reply makes of it: an error result when it is blank.
[[nodiscard]] tool_result summary_result(const summary_wish& wish, std::string_view reply);

}  // namespace persona_runtime
