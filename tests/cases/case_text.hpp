#pragma once
// Texts of recorded cases: how they are written in scenarios and how long ones are shown in rows.

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime::test {

/// A text of a scenario: a string, or {prefix, repeat, times, suffix}.
[[nodiscard]] std::string text_of(const boost::json::value& text);

/// Prompt texts by the label that rows show instead of them. Replaced in this order.
using label_list = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] std::string with_labels(std::string text, const label_list& labels);

/// Whether a label stands in the text: then its length and hash are those of another wording.
[[nodiscard]] bool has_label(std::string_view text);

/// `all` with every `what` replaced.
[[nodiscard]] std::string replaced(std::string all, std::string_view what, std::string_view by);

/// {len, sha} and {text}, or {head, tail} when it is longer than 600 characters; no len and sha
/// with a label in it.
[[nodiscard]] boost::json::object shown_text(const std::string& text);

/// Every string in `value` with labels, and as {"$long": …} when it is longer than 600 characters.
[[nodiscard]] boost::json::value shown(const boost::json::value& value, const label_list& labels);

}  // namespace persona_runtime::test
