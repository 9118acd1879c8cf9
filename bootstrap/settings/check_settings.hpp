#pragma once
// Rules that join several keys, or that a type and a range cannot say.

#include "bootstrap/settings/load_settings.hpp"

#include <vector>

namespace persona_runtime {

/// What is wrong with values that are right one by one; each problem names the place of the value
/// that it is about.
[[nodiscard]] std::vector<config_problem> check_settings(const loaded_settings& loaded);

/// None: `url` is an absolute http or https URL with a host, without blanks, user or fragment.
/// Otherwise what is wrong with it.
[[nodiscard]] std::optional<std::string> wrong_with_url(std::string_view url);

}  // namespace persona_runtime
