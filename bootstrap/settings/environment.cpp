#include "bootstrap/settings/environment.hpp"

#include "bootstrap/settings/units.hpp"
#include "domain/text/ascii.hpp"
#include "domain/text/ascii_case.hpp"

namespace persona_runtime {
environment::environment(const std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : variables) {
    auto known_as = ascii_upper(name);
    if (known_as == name) {
      by_upper_name_.insert_or_assign(std::move(known_as), value);
    } else {
      by_upper_name_.try_emplace(std::move(known_as), value);
    }
  }
}

std::optional<std::string> environment::raw(std::string_view name) const {
  const auto found = by_upper_name_.find(ascii_upper(name));
  if (found == by_upper_name_.end())
    return std::nullopt;
  return found->second;
}

std::optional<std::string> environment::get(std::string_view name) const {
  const auto value = raw(name);
  const auto text = value ? trimmed(*value) : std::string_view{};
  if (text.empty())
    return std::nullopt;
  return std::string{text};
}

}  // namespace persona_runtime
