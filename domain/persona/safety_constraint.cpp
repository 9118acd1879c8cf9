#include "domain/persona/safety_constraint.hpp"

#include "domain/persona/list_entry.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/persona/persona_json.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

bool has_constraint(const persona& p) {
  const auto& list = p.identity.constraints;
  return std::find(list.begin(), list.end(), safety_constraint) != list.end();
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
  if (auto inserted = with_list_entry(text, "identity", "constraints", safety_constraint)) {
    auto read = parse_persona(*inserted);
    if (read && *read->value == *wanted)
      return {std::move(*inserted), false};
  }
  return {to_json(*wanted), true};
}

}  // namespace persona_runtime
