#include "domain/persona/safety_constraint.hpp"

#include "domain/persona/parse_persona.hpp"
#include "domain/persona/persona_json.hpp"
#include "domain/yaml/yaml_tree.hpp"

#include <algorithm>
#include <optional>

namespace persona_runtime {
namespace {

bool has_constraint(const persona& p) {
  const auto& list = p.identity.constraints;
  return std::find(list.begin(), list.end(), safety_constraint) != list.end();
}

/// Where line `number` (from 1) begins.
std::size_t start_of_line(std::string_view text, std::uint32_t number) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < number; ++line) {
    auto end = text.find('\n', at);
    if (end == std::string_view::npos)
      return text.size();
    at = end + 1;
  }
  return at;
}

/// A guess at the right place and form for one more constraint, in the author's own layout; the
/// caller checks the outcome.
std::optional<std::string> with_constraint_inserted(std::string_view text) {
  auto document = parse_yaml(text);
  const auto* identity = document ? document->root->find("identity") : nullptr;
  if (identity == nullptr)
    return std::nullopt;
  const auto* list = identity->value->find("constraints");
  const auto& place = list != nullptr ? *list->value : *identity->value;
  auto line_start = start_of_line(text, place.line);
  auto at = line_start + place.column;
  if (at >= text.size())
    return std::nullopt;
  bool flow = text[at] == '[' || text[at] == '{';
  std::string sentence = '"' + std::string{safety_constraint} + '"';
  std::string added = sentence;
  if (list == nullptr) {
    added = "constraints: [" + sentence + ']';
  } else if (!flow) {
    added = "- " + sentence;
  }
  if (!flow) {
    added += '\n' + std::string{text.substr(line_start, place.column)};
  } else if (!place.items.empty() || !place.entries.empty()) {
    added += ", ";
  }
  std::string out{text};
  out.insert(flow ? at + 1 : at, added);
  return out;
}

}  // namespace

persona_ptr with_safety_constraint(const persona_ptr& p) {
  if (has_constraint(*p))
    return p;
  auto out = std::make_shared<persona>(*p);
  auto& list = out->identity.constraints;
  list.insert(list.begin(), std::string{safety_constraint});
  return out;
}

constrained_text with_safety_constraint(std::string_view text, const persona_ptr& p) {
  auto wanted = with_safety_constraint(p);
  if (wanted == p)
    return {std::string{text}, false};
  if (auto inserted = with_constraint_inserted(text)) {
    auto read = parse_persona(*inserted);
    if (read && *read->value == *wanted)
      return {std::move(*inserted), false};
  }
  return {to_json(*wanted), true};
}

}  // namespace persona_runtime
