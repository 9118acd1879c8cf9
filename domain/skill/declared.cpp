#include "domain/skill/declared.hpp"

#include "domain/skill/skill_file.hpp"
#include "domain/yaml/field_reader.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::string_view collection_prefix = "collection:";
constexpr std::string_view skill_prefix = "skill:";

class id_list {
public:
  void add(std::string id) {
    if (std::ranges::find(ids_, id) == ids_.end())
      ids_.push_back(std::move(id));
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(ids_); }

private:
  std::vector<std::string> ids_;
};

void add_members(const std::vector<std::string>& members, const skill_catalog& catalog,
                 id_list& ids, std::vector<std::string>& notices) {
  for (const auto& member : members) {
    if (std::ranges::find(catalog.skills, member) != catalog.skills.end())
      ids.add(member);
    else
      notices.push_back("a collection names the skill " + in_quotes(member)
                        + ", which the catalog does not have; it is skipped");
  }
}

std::vector<std::string> without_collections(const std::vector<std::string>& declared,
                                             const skill_catalog& catalog,
                                             std::vector<std::string>& notices) {
  auto ids = id_list{};
  for (const auto& entry : declared) {
    if (entry.starts_with(skill_prefix)) {
      ids.add(entry.substr(skill_prefix.size()));
    } else if (!entry.starts_with(collection_prefix)) {
      ids.add(entry);
    } else if (const auto found = catalog.collections.find(entry.substr(collection_prefix.size()));
               found != catalog.collections.end()) {
      add_members(found->second, catalog, ids, notices);
    } else {
      notices.push_back("no collection of skills is called " + in_quotes(entry)
                        + "; the entry is skipped");
    }
  }
  return ids.take();
}

failure broken(const problem& what) {
  return {errc::validation_error, describe(what, "skills/catalog.yaml")};
}

std::optional<failure> why_not(const skill_catalog& catalog) {
  for (const auto& [name, members] : catalog.collections) {
    if (std::ranges::find(catalog.skills, name) != catalog.skills.end())
      return failure{errc::validation_error, "SkillNameCollision: the collection " + in_quotes(name)
                                               + " is named like a skill; rename one of them"};
  }
  return std::nullopt;
}

void read_lists(field_reader& in, const yaml_node* block,
                std::map<std::string, std::vector<std::string>>& out) {
  if (block == nullptr)
    return;
  for (const auto& entry : block->entries)
    out[entry.key] = in.texts(entry.key);
}

}  // namespace

result<skill_catalog> parse_skill_catalog(std::string_view yaml) {
  const auto document = parse_yaml(yaml);
  if (!document)
    return broken(document.error());
  const auto& root = *document->root;
  if (root.kind != yaml_kind::mapping)
    return broken({root.line, "", "must be a mapping with skills, collections and retired"});
  auto problems = problem_list{};
  auto in = field_reader{root, {}, problems};
  auto out = skill_catalog{};
  out.skills = in.texts("skills");
  const auto* collections = in.find("collections");
  in.block("collections",
           [&](field_reader& inner) { read_lists(inner, collections, out.collections); });
  const auto* retired = in.find("retired");
  in.block("retired", [&](field_reader& inner) {
    for (const auto& entry : retired->entries)
      out.retired[entry.key] = inner.required_text(entry.key);
  });
  in.refuse_others();
  if (!problems.empty())
    return broken(problems.take().front());
  if (auto why = why_not(out))
    return *why;
  return out;
}

declared_skills expand_declared(const std::vector<std::string>& declared,
                                const skill_catalog& catalog) {
  auto out = declared_skills{};
  auto ids = id_list{};
  for (auto& id : without_collections(declared, catalog, out.notices)) {
    const auto retired = catalog.retired.find(id);
    if (retired == catalog.retired.end()) {
      ids.add(std::move(id));
      continue;
    }
    out.notices.push_back("the skill " + in_quotes(id) + " is now " + in_quotes(retired->second));
    ids.add(retired->second);
  }
  out.ids = ids.take();
  return out;
}

}  // namespace persona_runtime
