#pragma once
// Where the lines of a talk come from: a terminal with editing and history, or a pipe.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace persona_runtime::cli {

inline constexpr std::size_t typed_bytes_max = 64u << 10;  // of one line; the rest is dropped

/// One thread.
class line_source {
public:
  enum class kind {
    line,
    interrupted,  // Ctrl-C: what was typed is dropped
    end,          // Ctrl-D, or the end of the pipe
  };
  struct answer {
    kind what = kind::end;
    std::string text{};  // without its line end
  };
  virtual ~line_source() = default;
  /// Blocks. `prompt` is shown in front of the line, by those that show anything.
  virtual answer read(const std::string& prompt) = 0;
};

/// Lines of a file, a pipe or a plain terminal. `interrupted` is asked about ten times a second
/// while nothing comes.
[[nodiscard]] std::unique_ptr<line_source> make_plain_lines(int descriptor,
                                                            std::function<bool()> interrupted);

/// Lines of the terminal on standard input, edited as in a shell (the user's ~/.editrc counts).
/// Lines are remembered in `history_file`, the newest 1,000, readable by its owner only; empty: for
/// this process only. Null when the terminal cannot be used.
[[nodiscard]] std::unique_ptr<line_source> make_line_editor(const std::string& history_file);

}  // namespace persona_runtime::cli
