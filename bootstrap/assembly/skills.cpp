#include "bootstrap/assembly/skills.hpp"

#include "bootstrap/data_files.hpp"
#include "providers/skill/skill_directory.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto catalog_bytes_max = std::size_t{256} << 10;

skill_root root_of(const skill_dir& dir) {
  const auto path = std::filesystem::absolute(dir.path).string();
  if (dir.trust == "built_in")
    return {path, skill_trust::builtin, "builtin"};
  if (dir.trust == "operator")
    return {path, skill_trust::vetted, "operator"};
  return {path, skill_trust::third_party, "untrusted"};
}

}  // namespace

result<loaded_skills> load_skills(const skill_settings& settings, const std::filesystem::path& data,
                                  const tokenizer_ptr& counter) {
  auto roots = std::vector<skill_root>{};
  for (const auto& dir : settings.dirs)
    roots.push_back(root_of(dir));
  if (settings.built_in)
    roots.push_back({(data / "skills").string(), skill_trust::builtin, "builtin"});
  auto found = read_skills(roots, [&](std::string_view text) { return counter->count(text); });
  const auto yaml = read_file(data / "skills" / "catalog.yaml", catalog_bytes_max);
  if (!yaml)
    return yaml.error();
  auto catalog = parse_skill_catalog(*yaml);
  if (!catalog)
    return catalog.error();
  found.shelf.catalog = std::move(*catalog);
  return loaded_skills{std::make_shared<const skill_shelf>(std::move(found.shelf)),
                       std::move(found.notices)};
}

}  // namespace persona_runtime
