#pragma once
// From the text of config/runtime.yaml and the environment to checked settings. No I/O.

#include "bootstrap/settings/environment.hpp"
#include "bootstrap/settings/settings.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime {

/// Something that stops the start, or turns one tier off.
struct config_problem {
  std::string where;    // "runtime.yaml:12" or "PERSONA_MID_MODELS"
  std::string text;     // what is wrong and what to do; English, one line, no secrets
  std::string error{};  // class of the error in the reference, where it has one
  std::vector<std::pair<std::string, std::string>> context{};
  std::string tier{};  // whose problem it is; empty: nobody's in particular
  friend bool operator==(const config_problem&, const config_problem&) = default;
};

/// "runtime.yaml:12: limits.steps_mx: unknown key; did you mean steps_max?"; names the tier.
[[nodiscard]] std::string describe(const config_problem& problem);

/// A value that the operator set.
struct set_value {
  std::string value;   // as one would write it; secrets as ***
  std::string source;  // "runtime.yaml:12" or a variable
};

struct loaded_settings {
  settings values;
  std::map<std::string, set_value, std::less<>> set;  // by path: "tools[0].name"
  std::vector<config_problem> problems;               // at most 100; any: do not start

  /// Where `path` was set; none: it has its default.
  [[nodiscard]] std::optional<std::string> source_of(std::string_view path) const;
};

struct settings_input {
  std::string file_name;  // as messages name it
  std::string file_text;  // empty: no file. At most 1 MiB, aliases written out
  environment env;
};

[[nodiscard]] loaded_settings load_settings(const settings_input& input);

}  // namespace persona_runtime
