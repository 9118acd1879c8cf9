#include "domain/tool/arguments.hpp"
#include "domain/tool/coercion.hpp"
#include "domain/tool/schema_reference.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t schema_bytes_max = 256 * 1024;
constexpr int schema_depth_max = 32;
constexpr std::size_t schema_nodes_max = 10'000;
constexpr std::size_t problems_max = 20;
constexpr std::size_t ignored_max = 50;

/// What the value of a keyword must be.
enum class form : std::uint8_t {
  anything,
  text,
  texts,  // a list of strings
  types,  // a type, or a list of them
  list,
  number,
  count,    // a whole number, not negative
  schema,   // a schema or a boolean
  schemas,  // a list of at least one
  named,    // an object of schemas
};

struct keyword {
  std::string_view name;
  form value;
};

// Everything from "title" on says something to readers and nothing to us.
constexpr auto keywords = std::array{
  keyword{"type", form::types},
  keyword{"properties", form::named},
  keyword{"required", form::texts},
  keyword{"additionalProperties", form::schema},
  keyword{"enum", form::list},
  keyword{"const", form::anything},
  keyword{"items", form::schema},
  keyword{"minItems", form::count},
  keyword{"maxItems", form::count},
  keyword{"minimum", form::number},
  keyword{"maximum", form::number},
  keyword{"exclusiveMinimum", form::number},
  keyword{"exclusiveMaximum", form::number},
  keyword{"minLength", form::count},
  keyword{"maxLength", form::count},
  keyword{"pattern", form::text},
  keyword{"anyOf", form::schemas},
  keyword{"oneOf", form::schemas},
  keyword{"allOf", form::schemas},
  keyword{"$ref", form::text},
  keyword{"$defs", form::named},
  keyword{"definitions", form::named},
  keyword{"default", form::anything},
  keyword{"title", form::anything},
  keyword{"description", form::anything},
  keyword{"examples", form::anything},
  keyword{"$schema", form::anything},
  keyword{"$id", form::anything},
  keyword{"$comment", form::anything},
  keyword{"deprecated", form::anything},
  keyword{"readOnly", form::anything},
  keyword{"writeOnly", form::anything},
};

bool is_count(const json::value& value) {
  return value.is_uint64() || (value.is_int64() && value.get_int64() >= 0);
}

bool all_of(const json::value& value, bool (*holds)(const json::value&)) {
  return value.is_array() && std::all_of(value.get_array().begin(), value.get_array().end(), holds);
}

bool is_text(const json::value& value) {
  return value.is_string();
}

bool is_type(const json::value& value) {
  return value.is_string() && schema_type_of(value.get_string()).has_value();
}

bool is_schema(const json::value& value) {
  return value.is_object() || value.is_bool();
}

std::string_view expected(form f) {
  switch (f) {
  case form::anything:
    return "";
  case form::text:
    return "must be a string";
  case form::texts:
    return "must be a list of strings";
  case form::types:
    return "must be null, boolean, integer, number, string, array or object, or a list of these";
  case form::list:
    return "must be a list with at least one value";
  case form::number:
    return "must be a number";
  case form::count:
    return "must be a whole number of at least 0";
  case form::schema:
    return "must be a schema (an object or a boolean)";
  case form::schemas:
    return "must be a list of at least one schema";
  case form::named:
    return "must be an object whose values are schemas";
  }
  return "";
}

bool has_form(const json::value& value, form f) {
  switch (f) {
  case form::anything:
    return true;
  case form::text:
    return value.is_string();
  case form::texts:
    return all_of(value, is_text);
  case form::types:
    return is_type(value) || (all_of(value, is_type) && !value.get_array().empty());
  case form::list:
    return value.is_array() && !value.get_array().empty();
  case form::number:
    return value.is_number();
  case form::count:
    return is_count(value);
  case form::schema:
    return is_schema(value);
  case form::schemas:
    return all_of(value, is_schema) && !value.get_array().empty();
  case form::named:
    return value.is_object()
           && std::all_of(value.get_object().begin(), value.get_object().end(),
                          [](const auto& member) { return is_schema(member.value()); });
  }
  return false;
}

class schema_reader {
public:
  schema_reader(const json::value& root, const std::function<bool(std::string_view)>& compiles)
    : root_{root}, compiles_{compiles} {}

  void read(const json::value& schema, const std::string& path, int depth) {
    if (!schema.is_object())
      return;
    if (depth > schema_depth_max)
      return problem(path, "is nested deeper than 32 schemas");
    if (++nodes_ > schema_nodes_max) {
      if (nodes_ == schema_nodes_max + 1)
        problem(path, "the schema has more than 10,000 parts");
      return;
    }
    for (const auto& member : schema.get_object())
      read_keyword(member.key(), member.value(), path, depth);
  }

  schema_report report;

private:
  void problem(const std::string& path, std::string_view text) {
    if (report.problems.size() < problems_max)
      report.problems.push_back((path.empty() ? "schema" : path) + ": " + std::string{text});
  }

  void read_keyword(std::string_view name, const json::value& value, const std::string& path,
                    int depth) {
    const auto here = path.empty() ? std::string{name} : path + "/" + std::string{name};
    const auto* known = std::find_if(keywords.begin(), keywords.end(),
                                     [&](const keyword& k) { return k.name == name; });
    if (known == keywords.end()) {
      if (report.ignored.size() < ignored_max)
        report.ignored.push_back(here);
      return;
    }
    if (!has_form(value, known->value))
      return problem(here, expected(known->value));
    if (known->value == form::schema)
      read(value, here, depth + 1);
    if (known->value == form::schemas)
      read_list(value.get_array(), here, depth);
    if (known->value == form::named) {
      for (const auto& member : value.get_object())
        read(member.value(), here + "/" + std::string{member.key()}, depth + 1);
    }
    if (name == "pattern")
      read_pattern(value.get_string(), here);
    if (name == "$ref")
      read_reference(value, here);
  }

  void read_list(const json::array& branches, const std::string& path, int depth) {
    for (std::size_t i = 0; i < branches.size(); ++i)
      read(branches[i], path + "/" + std::to_string(i), depth + 1);
  }

  void read_pattern(std::string_view pattern, const std::string& path) {
    if (pattern.size() > schema_pattern_bytes_max)
      return problem(path, "is longer than 1,000 bytes");
    if (compiles_ && !compiles_(pattern))
      problem(path, "cannot be compiled (RE2 syntax: no look-around, no back-references)");
  }

  /// A chain of references that comes back to itself says nothing and would never end.
  void read_reference(const json::value& reference, const std::string& path) {
    const auto* target = &reference;
    auto steps = 0;
    for (const auto* next = &reference; next != nullptr; ++steps) {
      target = referenced(root_, *next);
      if (target == nullptr)
        return problem(path, "names no part of this schema");
      if (steps > schema_depth_max)
        return problem(path, "refers to itself");
      next = target->is_object() ? target->get_object().if_contains("$ref") : nullptr;
    }
  }

  const json::value& root_;
  const std::function<bool(std::string_view)>& compiles_;
  std::size_t nodes_ = 0;
};

std::string unescaped(std::string_view token) {
  auto out = std::string{};
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      out += token[++i] == '1' ? '/' : '~';
      continue;
    }
    out += token[i];
  }
  return out;
}

const json::value* child(const json::value& parent, std::string_view token) {
  if (const auto* members = parent.if_object())
    return members->if_contains(unescaped(token));
  const auto* items = parent.if_array();
  if (items == nullptr || token.empty() || token.size() > 6
      || token.find_first_not_of("0123456789") != std::string_view::npos)
    return nullptr;
  return items->if_contains(std::stoul(std::string{token}));
}

}  // namespace

const json::value* referenced(const json::value& root, const json::value& reference) {
  const auto* text = reference.if_string();
  if (text == nullptr)
    return nullptr;
  auto rest = std::string_view{*text};
  if (rest == "#")
    return &root;
  if (!rest.starts_with("#/"))
    return nullptr;
  rest.remove_prefix(2);
  const auto* at = &root;
  for (auto last = false; at != nullptr && !last;) {
    const auto slash = rest.find('/');
    last = slash == std::string_view::npos;
    at = child(*at, rest.substr(0, slash));
    if (!last)
      rest.remove_prefix(slash + 1);
  }
  return at;
}

schema_report check_schema(std::string_view schema_text,
                           const std::function<bool(std::string_view pattern)>& compiles) {
  if (schema_text.size() > schema_bytes_max)
    return {{"schema: is longer than 256 KiB"}, {}};
  auto error = json::error_code{};
  auto options = json::parse_options{};
  options.max_depth = 2 * schema_depth_max;
  const auto root = json::parse(schema_text, error, {}, options);
  if (error)
    return {{"schema: is not JSON (" + error.message() + ")"}, {}};
  if (!root.is_object())
    return {{"schema: must be a JSON object"}, {}};
  auto whole = schema_reader{root, compiles};
  whole.read(root, "", 0);
  const auto* type = root.get_object().if_contains("type");
  if (type == nullptr || !type->is_string() || type->get_string() != "object")
    whole.report.problems.emplace_back("type: must be object, because arguments have names");
  return std::move(whole.report);
}

}  // namespace persona_runtime
