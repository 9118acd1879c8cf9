#include "domain/skill/skill_parameters.hpp"

#include "domain/tool/schema_checker.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace persona_runtime {
namespace {

namespace json = boost::json;

json::value json_of(const yaml_node& node);

json::value number_json(const yaml_node& node) {
  const auto number = number_of(node.kind, node.text);
  if (node.kind == yaml_kind::integer && std::abs(number) < 9e15)
    return static_cast<std::int64_t>(number);
  return std::isfinite(number) ? json::value(number) : json::value(nullptr);
}

json::object object_json(const yaml_node& node) {
  auto out = json::object{};
  for (const auto& entry : node.entries)
    out[entry.key] = json_of(*entry.value);
  return out;
}

json::value json_of(const yaml_node& node) {
  switch (node.kind) {
  case yaml_kind::null:
    return nullptr;
  case yaml_kind::boolean:
    return boolean_of(node.text);
  case yaml_kind::integer:
  case yaml_kind::real:
    return number_json(node);
  case yaml_kind::sequence: {
    auto out = json::array{};
    for (const auto& item : node.items)
      out.push_back(json_of(*item));
    return out;
  }
  case yaml_kind::mapping:
    return object_json(node);
  case yaml_kind::timestamp:
  case yaml_kind::text:
    break;
  }
  return json::string(node.text);
}

void close_objects(json::value& schema) {
  if (auto* list = schema.if_array()) {
    for (auto& item : *list)
      close_objects(item);
    return;
  }
  auto* rules = schema.if_object();
  if (rules == nullptr)
    return;
  for (auto& [key, value] : *rules) {
    if (key == "properties" && value.is_object()) {
      for (auto& [name, property] : value.get_object())
        close_objects(property);
    } else if (key != "enum" && key != "const" && key != "default") {
      close_objects(value);
    }
  }
  if (rules->contains("properties") && !rules->contains("additionalProperties"))
    (*rules)["additionalProperties"] = false;
}

bool takes_object(const json::value& schema) {
  const auto* rules = schema.if_object();
  if (rules == nullptr)
    return false;
  if (const auto* type = rules->if_contains("type")) {
    if (const auto* name = type->if_string())
      return *name == "object";
    const auto* names = type->if_array();
    return names != nullptr && std::ranges::find(*names, json::value("object")) != names->end();
  }
  for (const auto* key : {"anyOf", "oneOf"}) {
    const auto* branches = rules->if_contains(key);
    if (branches != nullptr && branches->is_array()
        && std::ranges::any_of(branches->get_array(), takes_object))
      return true;
  }
  return false;
}

bool requires_property(const json::object& schema, std::string_view name) {
  const auto* required = schema.if_contains("required");
  const auto* names = required == nullptr ? nullptr : required->if_array();
  return names != nullptr && std::ranges::any_of(*names, [&](const json::value& v) {
           return v.is_string() && v.get_string() == name;
         });
}

const json::object& properties_of(const json::object& schema) {
  static const auto none = json::object{};
  const auto* found = schema.if_contains("properties");
  return found != nullptr && found->is_object() ? found->get_object() : none;
}

void mend(const json::object& schema, json::object& given) {
  for (const auto& [name, rules] : properties_of(schema)) {
    auto* value = given.if_contains(name);
    if (value == nullptr)
      continue;
    if (value->is_null() && !requires_property(schema, name))
      given.erase(name);
    else if (value->is_string() && takes_object(rules))
      *value = json::object{{"content", value->get_string()}};
  }
}

std::string line_of(std::string_view name, const schema_problem& found) {
  auto path = std::string{name};
  if (!found.path.empty())
    path.append(path.empty() ? "" : ".").append(found.path);
  std::ranges::replace(path, '/', '.');
  return path.empty() ? found.text : path + ": " + found.text;
}

/// One problem per property, and what the object as a whole lacks or has too much of.
std::vector<std::string> problems_of(const json::value& schema, json::object& given) {
  auto out = std::vector<std::string>{};
  const auto& rules = schema.get_object();
  const auto& properties = properties_of(rules);
  for (const auto& [name, property] : properties) {
    auto* value = given.if_contains(name);
    if (value == nullptr) {
      if (requires_property(rules, name))
        out.push_back(std::string{name} + ": is required");
    } else if (const auto found = check_value(property, *value, {})) {
      out.push_back(line_of(name, *found));
    }
  }
  const auto* others = rules.if_contains("additionalProperties");
  for (const auto& [name, value] : given) {
    if (!properties.contains(name) && others != nullptr && *others == false)
      out.push_back(std::string{name} + ": is not known");
  }
  if (!out.empty())
    return out;
  auto whole = json::value(given);
  if (const auto found = check_value(schema, whole, {}))
    return {line_of({}, *found)};
  given = std::move(whole.get_object());
  return {};
}

}  // namespace

std::string schema_json(const yaml_node& schema) {
  auto value = json_of(schema);
  close_objects(value);
  return json::serialize(value);
}

parameter_check check_parameters(std::string_view schema, std::string_view parameters) {
  auto failed = boost::system::error_code{};
  const auto rules = json::parse(schema, failed);
  if (failed || !rules.is_object())
    return std::vector<std::string>{"the skill's own schema cannot be read"};
  auto given = json::parse(parameters, failed);
  if (failed || !given.is_object())
    return std::vector<std::string>{"parameters: must be an object"};
  mend(rules.get_object(), given.get_object());
  if (auto problems = problems_of(rules, given.get_object()); !problems.empty())
    return problems;
  return json::serialize(given);
}

}  // namespace persona_runtime
