#pragma once
// The skills that the configuration names.

#include "bootstrap/settings/settings.hpp"
#include "domain/skill/skill_shelf.hpp"
#include "domain/text/tokenizer.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace persona_runtime {

struct loaded_skills {
  shelf_ptr shelf;
  std::vector<std::string> notices;  // what was left out and why
};

/// The operator's directories in their order, then those shipped below `data`; of two skills of
/// one id the first counts. Fails when the catalog that is shipped cannot be read. Blocks on the
/// disk.
[[nodiscard]] result<loaded_skills> load_skills(const skill_settings& settings,
                                                const std::filesystem::path& data,
                                                const tokenizer_ptr& counter);

}  // namespace persona_runtime
