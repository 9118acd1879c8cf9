#include "bootstrap/cli/validate.hpp"

#include "bootstrap/persona_file.hpp"

#include <ostream>

namespace persona_runtime {

int validate_files(std::span<const std::string> paths, std::ostream& out, std::ostream& err) {
  int exit_code = 0;
  for (const auto& path : paths) {
    auto loaded = load_persona_file(path);
    if (!loaded) {
      exit_code = 1;
      for (const auto& p : loaded.error().problems)
        err << describe(p, path) << '\n';
      continue;
    }
    for (auto notice : loaded->notices) {
      notice.text = "note: " + notice.text;
      err << describe(notice, path) << '\n';
    }
    out << path << ": ok\n";
  }
  return exit_code;
}

}  // namespace persona_runtime
