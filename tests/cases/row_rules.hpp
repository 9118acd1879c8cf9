#pragma once
// Deviations that change rows of every case in the same way. Each changes recorded rows into what
// we must do, and answers how many rows it has changed.

#include <boost/json.hpp>

#include <string_view>
#include <vector>

namespace persona_runtime::test {

/// What a table of deviations works with.
struct row_book {
  struct rule {
    std::string_view name;
    std::size_t (*apply)(const boost::json::object& scenario, boost::json::array& rows);
  };
  std::vector<rule> rules;
  /// Whether a row is not compared at all.
  bool (*is_left_out)(const boost::json::object& recorded);
  /// A row without what is not compared.
  boost::json::object (*compared_part)(const boost::json::object& recorded);
};

/// Of runs. Every row is compared, but for `n`, `mode`,
/// and the length and hash of texts in which a label stands for the recorded wording.
[[nodiscard]] const row_book& run_rows();

/// Of chats. Every row is compared, but for: `n`; `session_spent_cents` and `budget` (caps are kept
/// elsewhere, D-26) and `deferred_input_files` (no code runs in a turn) of turn_end; the metadata
/// of messages that are no tool's, which is never sent; `context_tokens` beside an image, where the
/// recorder counted its own rendering of it; length and hash as above.
[[nodiscard]] const row_book& chat_rows();

/// Removes length and hash of a text in which a label stands.
void drop_measures(boost::json::object& text);

}  // namespace persona_runtime::test
