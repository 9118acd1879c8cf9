#include "domain/tool/schema_checker.hpp"

#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/coercion.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/schema_reference.hpp"

#include <boost/json.hpp>

#include <functional>
#include <vector>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr int check_depth_max = 64;
constexpr std::size_t visits_max = 200'000;
constexpr std::size_t matched_bytes_max = 100'000;
constexpr std::size_t named_values_max = 20;

using finding = std::optional<schema_problem>;

/// One check of one value against one schema document.
class checker {
public:
  checker(const json::value& root, const pattern_search& search) : root_{root}, search_{search} {}

  finding check(const json::value& schema, json::value& value, int depth = 0) {
    if (++visits_ > visits_max || depth > check_depth_max)
      return failed("Input is too large or too deep to be checked");
    if (const auto* verdict = schema.if_bool())
      return *verdict ? finding{} : failed("Input is not permitted");
    const auto* rules = schema.if_object();
    if (rules == nullptr)
      return std::nullopt;
    if (auto found = check_reference(*rules, value, depth))
      return found;
    if (auto found = check_type(*rules, value))
      return found;
    if (auto found = check_listed(*rules, value))
      return found;
    if (auto found = check_kind(*rules, value, depth))
      return found;
    return check_branches(*rules, value, depth);
  }

private:
  finding failed(std::string text) const { return schema_problem{std::move(text), path_}; }

  /// Checks a part of the value, with `step` on the path meanwhile.
  finding check_at(std::string_view step, const json::value& schema, json::value& value,
                   int depth) {
    const auto length = path_.size();
    if (length > 0)
      path_ += '/';
    path_ += step;
    auto found = check(schema, value, depth + 1);
    path_.resize(length);
    return found;
  }

  finding failed_at(std::string_view step, std::string text) const {
    return schema_problem{std::move(text),
                          path_.empty() ? std::string{step} : path_ + "/" + std::string{step}};
  }

  finding check_reference(const json::object& rules, json::value& value, int depth) {
    const auto* reference = rules.if_contains("$ref");
    if (reference == nullptr)
      return std::nullopt;
    const auto* target = referenced(root_, *reference);
    if (target == nullptr)
      return failed("The tool's schema refers to a part that it lacks");
    return check(*target, value, depth + 1);
  }

  finding check_type(const json::object& rules, json::value& value) const {
    const auto* named = rules.if_contains("type");
    if (named == nullptr)
      return std::nullopt;
    if (const auto* name = named->if_string()) {
      const auto type = schema_type_of(*name);
      if (!type || (mends_ ? coerce(*type, value) : is_of(*type, value)))
        return std::nullopt;
      return failed(type_problem(*type, value));
    }
    const auto* names = named->if_array();
    return names == nullptr ? finding{} : check_types(*names, value);
  }

  /// The first type that the value already has wins over one that it could be made into.
  finding check_types(const json::array& names, json::value& value) const {
    auto listed = std::string{};
    for (const auto mends : {false, true}) {
      if (mends && !mends_)
        break;
      for (const auto& name : names) {
        const auto* text = name.if_string();
        const auto type = text == nullptr ? std::nullopt : schema_type_of(*text);
        if (type && (mends ? coerce(*type, value) : is_of(*type, value)))
          return std::nullopt;
      }
    }
    for (const auto& name : names)
      listed += (listed.empty() ? "" : ", ") + json_text(name);
    return failed("Input should be of one of these types: " + listed);
  }

  finding check_listed(const json::object& rules, const json::value& value) const {
    if (const auto* only = rules.if_contains("const"); only != nullptr && !same_json(*only, value))
      return failed("Input should be " + shortened(json_text(*only)));
    const auto* listed = rules.if_contains("enum");
    if (listed == nullptr || !listed->is_array())
      return std::nullopt;
    auto names = std::string{};
    auto count = std::size_t{0};
    for (const auto& option : listed->get_array()) {
      if (same_json(option, value))
        return std::nullopt;
      if (count++ < named_values_max)
        names += (names.empty() ? "" : ", ") + shortened(json_text(option));
    }
    return failed("Input should be one of " + names + (count > named_values_max ? ", …" : ""));
  }

  static std::string shortened(const std::string& text) {
    const auto cut = first_characters(text, 80);
    return cut.size() == text.size() ? text : std::string{cut} + "…";
  }

  finding check_kind(const json::object& rules, json::value& value, int depth) {
    if (value.is_number())
      return check_number(rules, value);
    if (value.is_string())
      return check_string(rules, std::string_view{value.get_string()});
    if (value.is_array())
      return check_array(rules, value.get_array(), depth);
    if (value.is_object())
      return check_object(rules, value.get_object(), depth);
    return std::nullopt;
  }

  static std::optional<long double> bound_of(const json::object& rules, std::string_view keyword) {
    const auto* bound = rules.if_contains(keyword);
    if (bound == nullptr || !bound->is_number())
      return std::nullopt;
    return exact(*bound);
  }

  /// An x86 long double holds every 64-bit integer; where it is a plain double, limits over 2^53
  /// are rounded.
  static long double exact(const json::value& number) {
    if (number.is_int64())
      return static_cast<long double>(number.get_int64());
    if (number.is_uint64())
      return static_cast<long double>(number.get_uint64());
    return static_cast<long double>(number.get_double());
  }

  finding check_number(const json::object& rules, const json::value& value) const {
    const auto number = exact(value);
    const auto beside = [&](std::string_view keyword, std::string_view relation, auto holds) {
      const auto bound = bound_of(rules, keyword);
      if (!bound || holds(number, *bound))
        return finding{};
      return failed("Input should be " + std::string{relation} + " "
                    + json_text(*rules.if_contains(keyword)));
    };
    if (auto found = beside("minimum", "at least", std::greater_equal<>{}))
      return found;
    if (auto found = beside("maximum", "at most", std::less_equal<>{}))
      return found;
    if (auto found = beside("exclusiveMinimum", "greater than", std::greater<>{}))
      return found;
    return beside("exclusiveMaximum", "less than", std::less<>{});
  }

  finding check_count(const json::object& rules, std::size_t count, std::string_view least,
                      std::string_view most, const std::string& unit) const {
    const auto low = bound_of(rules, least);
    if (low && static_cast<long double>(count) < *low)
      return failed("Input should have at least " + json_text(*rules.if_contains(least)) + " "
                    + unit);
    const auto high = bound_of(rules, most);
    if (high && static_cast<long double>(count) > *high)
      return failed("Input should have at most " + json_text(*rules.if_contains(most)) + " "
                    + unit);
    return std::nullopt;
  }

  finding check_string(const json::object& rules, std::string_view text) const {
    if (rules.contains("minLength") || rules.contains("maxLength")) {
      const auto length = character_count(text);
      if (auto found = check_count(rules, length, "minLength", "maxLength", "characters"))
        return found;
    }
    const auto* pattern = rules.if_contains("pattern");
    if (pattern == nullptr || !pattern->is_string() || !search_
        || pattern->get_string().size() > schema_pattern_bytes_max)
      return std::nullopt;
    if (text.size() > matched_bytes_max)
      return failed("Input is too long to be matched against its pattern");
    const auto matched = search_(pattern->get_string(), text);
    if (!matched || *matched)
      return std::nullopt;
    return failed("Input should match the pattern "
                  + shortened(std::string{pattern->get_string()}));
  }

  finding check_array(const json::object& rules, json::array& items, int depth) {
    if (auto found = check_count(rules, items.size(), "minItems", "maxItems", "items"))
      return found;
    const auto* schema = rules.if_contains("items");
    if (schema == nullptr)
      return std::nullopt;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (auto found = check_at(std::to_string(i), *schema, items[i], depth))
        return found;
    }
    return std::nullopt;
  }

  finding check_object(const json::object& rules, json::object& members, int depth) {
    const auto* named = rules.if_contains("properties");
    const auto* properties = named == nullptr ? nullptr : named->if_object();
    if (properties != nullptr) {
      for (const auto& property : *properties) {
        if (auto found = check_property(rules, property, members, depth))
          return found;
      }
    }
    if (auto found = check_required(rules, members))
      return found;
    return check_others(rules, properties, members, depth);
  }

  finding check_property(const json::object& rules, const json::key_value_pair& property,
                         json::object& members, int depth) {
    if (auto* present = members.if_contains(property.key()))
      return check_at(property.key(), property.value(), *present, depth);
    const auto* schema = property.value().if_object();
    if (const auto* value = schema == nullptr ? nullptr : schema->if_contains("default")) {
      if (++visits_ > visits_max)
        return failed("Input is too large or too deep to be checked");
      members.emplace(property.key(), *value);
      return std::nullopt;
    }
    return requires_member(rules, property.key()) ? failed_at(property.key(), "Field required")
                                                  : finding{};
  }

  static bool requires_member(const json::object& rules, std::string_view name) {
    const auto* required = rules.if_contains("required");
    if (required == nullptr || !required->is_array())
      return false;
    for (const auto& entry : required->get_array()) {
      if (entry.is_string() && std::string_view{entry.get_string()} == name)
        return true;
    }
    return false;
  }

  /// Names that `required` lists but `properties` does not describe.
  finding check_required(const json::object& rules, const json::object& members) const {
    const auto* required = rules.if_contains("required");
    if (required == nullptr || !required->is_array())
      return std::nullopt;
    for (const auto& name : required->get_array()) {
      if (name.is_string() && !members.contains(name.get_string()))
        return failed_at(name.get_string(), "Field required");
    }
    return std::nullopt;
  }

  finding check_others(const json::object& rules, const json::object* properties,
                       json::object& members, int depth) {
    const auto* schema = rules.if_contains("additionalProperties");
    // We do not look at patternProperties, so what they may allow is let through.
    if (schema == nullptr || rules.contains("patternProperties"))
      return std::nullopt;
    for (auto& member : members) {
      const auto name = std::string{member.key()};
      if (properties != nullptr && properties->contains(name))
        continue;
      if (schema->is_bool() && !schema->get_bool())
        return failed_at(first_characters(name, 80), "Extra inputs are not permitted");
      if (auto found = check_at(name, *schema, member.value(), depth))
        return found;
    }
    return std::nullopt;
  }

  finding check_branches(const json::object& rules, json::value& value, int depth) {
    if (const auto* all = array_in(rules, "allOf")) {
      for (const auto& branch : *all) {
        if (auto found = check(branch, value, depth + 1))
          return found;
      }
    }
    if (const auto* any = array_in(rules, "anyOf")) {
      if (auto found = check_alternatives(*any, value, depth, false))
        return found;
    }
    const auto* one = array_in(rules, "oneOf");
    return one == nullptr ? finding{} : check_alternatives(*one, value, depth, true);
  }

  static const json::array* array_in(const json::object& rules, std::string_view keyword) {
    const auto* value = rules.if_contains(keyword);
    return value == nullptr ? nullptr : value->if_array();
  }

  /// Unmended values come first, so that "7" stays a string where a string will do.
  finding check_alternatives(const json::array& branches, json::value& value, int depth,
                             bool exactly_one) {
    auto first_problem = finding{};
    const auto mended = mends_;
    for (const auto mends : {false, true}) {
      if (mends && !mended)
        break;
      mends_ = mends;
      auto fits = std::vector<json::value>{};
      for (const auto& branch : branches) {
        auto candidate = value;
        auto found = check(branch, candidate, depth + 1);
        if (visits_ > visits_max)
          break;
        if (!found)
          fits.push_back(std::move(candidate));
        else if (!first_problem || (mends && fits.empty() && &branch == &branches.front()))
          first_problem = std::move(found);
        if (!fits.empty() && !exactly_one)
          break;
      }
      mends_ = mended;
      if (visits_ > visits_max)
        return failed("Input is too large or too deep to be checked");
      if (fits.size() > 1)
        return failed("Input fits more than one of the forms of which it may have one");
      if (fits.size() == 1) {
        value = std::move(fits.front());
        return std::nullopt;
      }
    }
    return first_problem ? first_problem : failed("Input has none of the forms that it may have");
  }

  const json::value& root_;
  const pattern_search& search_;
  std::string path_;
  std::size_t visits_ = 0;
  bool mends_ = true;  // off while alternatives are tried as they are
};

}  // namespace

std::optional<schema_problem> check_value(const json::value& schema, json::value& value,
                                          const pattern_search& search) {
  return checker{schema, search}.check(schema, value);
}

}  // namespace persona_runtime
