#pragma once
// A copy of the process's environment. Nothing here reads the process itself, so that what is
// configured cannot change behind anybody's back and tests need no global state.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

class environment {
public:
  environment() = default;

  /// Names are matched in any case; of two that differ in case only, the upper-case one counts.
  explicit environment(const std::map<std::string, std::string>& variables);

  /// The value as it is; none: absent.
  [[nodiscard]] std::optional<std::string> raw(std::string_view name) const;

  /// The value without blanks at its ends; none: absent or blank.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;

private:
  std::map<std::string, std::string, std::less<>> by_upper_name_;
};

}  // namespace persona_runtime
