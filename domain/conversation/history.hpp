#pragma once
// What a prompt holds of what was said before: a summary of the beginning and the rest verbatim.
// The summary is made in the background, after a turn (D-15):
//
//   after a turn       fold = due_fold(c, rules)      nothing: done
//   small tier         segment = summary of fold_text(c, *fold)
//   joined             = joined_summary(c.compacted_summary, segment)
//   over 600 tokens    joined = summary of joined, once
//   in between turns   apply_fold(c, *fold, joined)   false: it came too late, drop it
//
// A failure anywhere on the way is logged and changes nothing.

#include "domain/conversation/conversation.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace persona_runtime {

struct history_rules {
  std::uint32_t compact_every = 10;  // unfolded messages that are kept without a summary
  std::uint32_t keep_recent = 5;     // of them stay verbatim when there are more
};

/// The rules themselves when both numbers are positive and keep_recent is below compact_every.
[[nodiscard]] result<history_rules> checked(const history_rules& rules);

inline constexpr auto summary_tokens_max = std::size_t{600};

/// The messages [first, last) of a conversation.
struct message_range {
  std::size_t first = 0;
  std::size_t last = 0;
  [[nodiscard]] std::size_t count() const { return last - first; }
  friend bool operator==(const message_range&, const message_range&) = default;
};

/// What is to be folded now: more than `compact_every` messages are unfolded, and all but the last
/// `keep_recent` are folded. None: nothing is due.
[[nodiscard]] std::optional<message_range> due_fold(const conversation& c,
                                                    const history_rules& rules);

/// "role: content" of each message, joined by line feeds; an image is shown as its path.
[[nodiscard]] std::string fold_text(const conversation& c, const message_range& range);

/// The old summary, a blank line, the new segment; just one of them where the other is blank.
[[nodiscard]] std::string joined_summary(std::string_view summary, std::string_view segment);

/// Notes that `range` is folded into `summary`. False, and nothing is changed, unless the range
/// begins where the last fold ended.
bool apply_fold(conversation& c, const message_range& range, std::string summary);

/// Counts tokens of a message as `size_of` does.
using message_sizer = std::function<message_size(role, std::string_view)>;

/// What a prompt shows of the conversation: the summary behind `lead_in` as a system message (only
/// when there is one), then every message that is not folded, with images but without their bytes.
[[nodiscard]] message_list prompt_history(const conversation& c, std::string_view lead_in,
                                          const message_sizer& size);

/// Whether prompt_history holds a summary: the turn log's `history_compacted`.
[[nodiscard]] bool holds_summary(const conversation& c);

}  // namespace persona_runtime
