#include "load/schema_example.hpp"

#include "domain/text/json_text.hpp"

#include <array>
#include <string_view>

namespace persona_runtime {
namespace {

namespace dom = simdjson::dom;

constexpr int example_depth_max = 6;
constexpr std::size_t example_bytes_max = 16u << 10;
constexpr int required_max = 64;

/// The value that the schema itself gives, if any.
bool append_named(std::string& out, const dom::object& schema) {
  auto value = dom::element{};
  for (const auto* name : {"const", "default"}) {
    if (!schema[name].get(value)) {
      out += simdjson::minify(value);
      return true;
    }
  }
  for (const auto* name : {"enum", "examples"}) {
    if (!schema[name].at(0).get(value)) {
      out += simdjson::minify(value);
      return true;
    }
  }
  return false;
}

std::string_view type_named(const dom::object& schema) {
  auto name = std::string_view{};
  if (schema["type"].get(name) && schema["type"].at(0).get(name)) {
    auto properties = dom::object{};
    return schema["properties"].get(properties) ? "string" : "object";
  }
  return name;
}

void append_example(std::string& out, dom::element of, int depth);

void append_properties(std::string& out, const dom::object& schema, int depth) {
  auto required = dom::array{};
  auto properties = dom::object{};
  out += '{';
  if (!schema["required"].get(required) && !schema["properties"].get(properties)) {
    auto separator = std::string_view{};
    auto left = required_max;
    for (const auto entry : required) {
      auto name = std::string_view{};
      if (left-- == 0)
        break;
      if (entry.get(name))
        continue;
      out += separator;
      separator = ",";
      append_json_string(out, name);
      out += ':';
      auto property = dom::element{};
      if (properties[name].get(property))
        out += "\"1\"";
      else
        append_example(out, property, depth + 1);
    }
  }
  out += '}';
}

void append_list(std::string& out, const dom::object& schema, int depth) {
  auto least = std::uint64_t{0};
  auto items = dom::element{};
  out += '[';
  if (!schema["minItems"].get(least) && least > 0) {
    if (schema["items"].get(items))
      out += "\"1\"";
    else
      append_example(out, items, depth + 1);
  }
  out += ']';
}

void append_example(std::string& out, dom::element of, int depth) {
  auto schema = dom::object{};
  // A list that names one property many times would make an example that grows with each depth.
  if (depth > example_depth_max || out.size() > example_bytes_max || of.get(schema)) {
    out += "\"1\"";
    return;
  }
  if (append_named(out, schema))
    return;
  const auto type = type_named(schema);
  if (type == "object") {
    append_properties(out, schema, depth);
  } else if (type == "array") {
    append_list(out, schema, depth);
  } else if (type == "integer" || type == "number") {
    auto least = dom::element{};
    out += schema["minimum"].get(least) ? "1" : simdjson::minify(least);
  } else if (type == "boolean") {
    out += "true";
  } else if (type == "null") {
    out += "null";
  } else {
    out += "\"1\"";
  }
}

}  // namespace

std::string schema_example(dom::element schema) {
  auto out = std::string{};
  auto of_arguments = dom::object{};
  if (schema.get(of_arguments))
    return "{}";
  append_properties(out, of_arguments, 0);
  return out;
}

}  // namespace persona_runtime
