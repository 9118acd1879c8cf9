#pragma once
// `persona init`: asks for a persona and writes its file.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime::cli {

/// What the command line gives; what it does not give is asked for.
struct init_options {
  std::string output;  // file; "-": standard output; empty: ID.yaml in the working directory
  std::optional<std::string> id{};
  std::optional<std::string> name{};
  std::optional<std::string> role{};
  std::optional<std::string> background{};
  std::optional<std::string> language{};
  std::vector<std::string> constraints{};
  std::vector<std::string> tools{};
  std::vector<std::string> skills{};
  bool force = false;  // replaces a file without asking
};

/// Asks on `err` and reads answers, a line each, from `in`. With name, role and background given
/// nothing is asked but whether a file may be replaced, and `in` may be at its end. Writes only a
/// document that validates, and whole or not at all. Returns the exit code: 0 written, or "aborted"
/// because the file is to stay; 1 no file (an answer is missing, the disk refuses).
int init_persona(const init_options& options, std::istream& in, std::ostream& out,
                 std::ostream& err);

/// Names that come with the runtime. Others are legal: an operator's own.
[[nodiscard]] const std::vector<std::string>& known_tools();

}  // namespace persona_runtime::cli
