#include "bootstrap/settings/environment.hpp"

#include "bootstrap/settings/units.hpp"

namespace persona_runtime {
namespace {

std::string upper(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

}  // namespace

environment::environment(const std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : variables) {
    auto known_as = upper(name);
    if (known_as == name) {
      by_upper_name_.insert_or_assign(std::move(known_as), value);
    } else {
      by_upper_name_.try_emplace(std::move(known_as), value);
    }
  }
}

std::optional<std::string> environment::raw(std::string_view name) const {
  const auto found = by_upper_name_.find(upper(name));
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
