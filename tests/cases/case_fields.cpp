#include "tests/cases/case_fields.hpp"

#include "tests/cases/case_text.hpp"

namespace persona_runtime::test {

namespace json = boost::json;

std::string field(const json::object& o, const char* name) {
  const auto* found = o.if_contains(name);
  return found == nullptr || found->is_null() ? std::string{} : text_of(*found);
}

std::uint64_t number(const json::object& o, const char* name, std::uint64_t otherwise) {
  const auto* found = o.if_contains(name);
  return found == nullptr ? otherwise : found->to_number<std::uint64_t>();
}

const json::array& list(const json::object& o, const char* name) {
  static const auto none = json::array{};
  const auto* found = o.if_contains(name);
  return found == nullptr || found->is_null() ? none : found->as_array();
}

std::string schema_of_tool(const json::object& tool) {
  auto properties = json::object{};
  auto required = json::array{};
  if (const auto* params = tool.if_contains("params")) {
    for (const auto& param : params->as_object()) {
      const auto& what = param.value().as_object();
      properties[param.key()] = json::object{{"type", what.at("type")}};
      if (const auto* value = what.if_contains("default"))
        properties[param.key()].as_object()["default"] = *value;
      else
        required.emplace_back(param.key());
    }
  }
  return json::serialize(json::object{{"type", "object"},
                                      {"properties", properties},
                                      {"required", required},
                                      {"additionalProperties", false}});
}

const json::object* tool_in(const json::object& scenario, std::string_view name) {
  for (const auto& tool : list(scenario, "tools")) {
    if (tool.at("name").as_string() == name)
      return &tool.as_object();
  }
  return nullptr;
}

}  // namespace persona_runtime::test
