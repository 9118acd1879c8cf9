#pragma once
// Foreign text on a terminal: what models, tools and servers say must not steer it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::cli {

/// `text` with everything that a terminal obeys instead of showing, or that hides or reorders what
/// is shown, written out: control characters as "\x1b", marks of writing direction, invisible and
/// tag characters as "\u202e", bytes that are not UTF-8 as "\x9b". Line feeds stay, CR LF becomes
/// a line feed, a tab becomes four blanks.
[[nodiscard]] std::string safe_text(std::string_view text);

/// The same with blanks for line breaks, runs of blanks joined into one and none at the ends.
[[nodiscard]] std::string safe_line(std::string_view text);

/// JSON as one line that a terminal does not obey, with the same meaning: such characters can
/// only stand inside of strings and are written as "\u009b".
[[nodiscard]] std::string safe_json(std::string_view json);

/// How many columns a safe text without line feeds takes; wide characters count two.
[[nodiscard]] std::size_t columns_of(std::string_view safe);

/// A safe line of at most `columns` columns (1 at least): its beginning and "…" when it is longer.
[[nodiscard]] std::string cut_to_columns(std::string_view safe, std::size_t columns);

/// A safe text as rows of at most `columns` columns (2 at least), broken at blanks where possible.
[[nodiscard]] std::vector<std::string> rows_of(std::string_view safe, std::size_t columns);

/// The beginning of a foreign text in at most `rows_max` rows, and how much is missing.
struct text_extract {
  std::vector<std::string> rows;  // safe; empty lines left out
  std::size_t more_lines = 0;     // lines of the text of which nothing is shown
  bool is_cut = false;            // something is missing
};
[[nodiscard]] text_extract beginning_of(std::string_view text, std::size_t rows_max,
                                        std::size_t columns);

}  // namespace persona_runtime::cli
