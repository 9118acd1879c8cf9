#include "api/routes/body_reader.hpp"

#include "api/api_settings.hpp"
#include "api/routes/error_answer.hpp"
#include "domain/text/json_numbers.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace persona_runtime::api {
namespace {

namespace json = boost::json;

constexpr auto problems_max = std::size_t{20};
constexpr auto name_shown_max = std::size_t{64};

std::string range_text(std::uint64_t min, std::uint64_t max, std::string_view unit) {
  return "must have " + std::to_string(min) + " to " + std::to_string(max) + std::string{unit};
}

std::string number_text(double number) {
  return json::serialize(json::value(number));
}

// The value as a whole number, if it is one; negative ones are none of ours.
std::optional<std::uint64_t> whole_number(const json::value& value) {
  if (value.is_uint64())
    return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) {
    return static_cast<std::uint64_t>(value.get_int64());
  }
  if (value.is_double() && value.get_double() >= 0 && value.get_double() < 9e15
      && std::floor(value.get_double()) == value.get_double()) {
    return static_cast<std::uint64_t>(value.get_double());
  }
  return std::nullopt;
}

bool is_whole(const json::value& value) {
  return value.is_int64() || value.is_uint64()
         || (value.is_double() && std::floor(value.get_double()) == value.get_double());
}

// NOLINTNEXTLINE(misc-no-recursion): the parser has bounded the depth
void add_canonical(std::string& text, const json::value& value) {
  if (const auto* object = value.if_object()) {
    auto keys = std::vector<std::string_view>{};
    for (const auto& entry : *object)
      keys.emplace_back(entry.key());
    std::sort(keys.begin(), keys.end());
    auto separator = '{';
    for (const auto key : keys) {
      text.push_back(separator);
      text.append(json::serialize(json::string{key})).append(":");
      add_canonical(text, object->at(key));
      separator = ',';
    }
    text.append(keys.empty() ? "{}" : "}");
  } else if (const auto* array = value.if_array()) {
    auto separator = '[';
    for (const auto& element : *array) {
      text.push_back(separator);
      add_canonical(text, element);
      separator = ',';
    }
    text.append(array->empty() ? "[]" : "]");
  } else {
    text.append(json::serialize(value));
  }
}

}  // namespace

result<json::value> parse_body(std::string_view body) {
  if (body.empty()) {
    return json::value(json::object{});
  }
  auto options = json::parse_options{};
  options.max_depth = json_depth_max;
  auto ec = boost::system::error_code{};
  auto value = json::parse(body, ec, {}, options);
  if (ec == json::error::too_deep) {
    return failure{errc::malformed_json, "the body's JSON is nested deeper than 64"};
  }
  if (ec) {
    return failure{errc::malformed_json, "the body is not JSON: " + ec.message()};
  }
  if (!has_finite_numbers(value)) {
    return failure{errc::malformed_json, "the body's JSON: " + std::string{number_out_of_range}};
  }
  return value;
}

void problem_list::add(std::string_view type, std::string_view where, std::string_view name,
                       std::string_view message) {
  if (entries_.size() == problems_max) {
    return;
  }
  auto entry = std::string{R"({"type":")"}.append(type).append(R"(","loc":[")").append(where);
  entry.append("\"");
  if (!name.empty()) {
    entry.append(",").append(json_string(name.substr(0, name_shown_max)));
  }
  entry.append(R"(],"msg":)").append(json_string(message)).append("}");
  entries_.push_back(std::move(entry));
}

failure problem_list::to_failure() const {
  auto list = std::string{};
  for (const auto& entry : entries_) {
    list.append(list.empty() ? "[" : ",").append(entry);
  }
  return {errc::validation_error, list.append(list.empty() ? "[]" : "]")};
}

body_reader::body_reader(const json::value& body) : object_{body.if_object()} {
  if (object_ == nullptr) {
    static const auto nothing = json::object{};
    object_ = &nothing;
    wrong("object_type", "", "the body must be a JSON object");
  }
}

std::optional<std::string> body_reader::text(std::string_view name, std::size_t min,
                                             std::size_t max) {
  const auto* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto* text = value->if_string();
  if (text == nullptr) {
    wrong("string_type", name, "must be a string");
    return std::nullopt;
  }
  if (text->size() < min) {
    wrong("string_too_short", name, range_text(min, max, " bytes"));
  } else if (text->size() > max) {
    wrong("string_too_long", name, range_text(min, max, " bytes"));
  }
  return std::string{*text};
}

std::string body_reader::required_text(std::string_view name, std::size_t min, std::size_t max) {
  const auto* value = find(name);
  if (value == nullptr) {
    const auto* given = object_->if_contains(name);
    wrong(given == nullptr ? "missing" : "string_type", name,
          given == nullptr ? "is required" : "must be a string");
    return {};
  }
  return text(name, min, max).value_or("");
}

std::optional<std::uint64_t> body_reader::integer(std::string_view name, std::uint64_t min,
                                                  std::uint64_t max) {
  const auto* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!is_whole(*value)) {
    wrong("int_type", name, "must be an integer");
    return std::nullopt;
  }
  const auto number = whole_number(*value);
  if (!number || *number < min || *number > max) {
    const auto is_low = number ? *number < min : !value->is_double() || value->get_double() < 0;
    wrong(is_low ? "greater_than_equal" : "less_than_equal", name,
          "must be from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return number;
}

std::optional<double> body_reader::positive_number(std::string_view name,
                                                   std::optional<double> max) {
  const auto* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_number()) {
    wrong("float_type", name, "must be a number");
    return std::nullopt;
  }
  const auto number = value->to_number<double>();
  if (!std::isfinite(number) || number <= 0) {
    wrong("greater_than", name, "must be a finite number over 0");
    return std::nullopt;
  }
  if (max && number > *max) {
    wrong("less_than_equal", name, "must be at most " + number_text(*max));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> body_reader::boolean(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_bool()) {
    wrong("bool_type", name, "must be true or false");
    return std::nullopt;
  }
  return value->get_bool();
}

std::optional<std::string> body_reader::object_text(std::string_view name, std::size_t max) {
  const auto* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_object()) {
    wrong("object_type", name, "must be an object");
    return std::nullopt;
  }
  auto text = canonical_text(*value);
  if (text.size() > max) {
    wrong("too_long", name, "must have at most " + std::to_string(max) + " bytes");
    return std::nullopt;
  }
  return text;
}

const json::array* body_reader::list(std::string_view name, std::size_t min, std::size_t max) {
  const auto* value = find(name);
  if (value == nullptr) {
    return nullptr;
  }
  if (!value->is_array()) {
    wrong("list_type", name, "must be a list");
    return nullptr;
  }
  const auto& found = value->get_array();
  if (found.size() < min || found.size() > max) {
    wrong(found.size() < min ? "too_short" : "too_long", name, range_text(min, max, " elements"));
    return nullptr;
  }
  return &found;
}

std::optional<failure> body_reader::finish() {
  for (const auto& entry : *object_) {
    const auto name = std::string_view{entry.key()};
    if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
      wrong("extra_forbidden", name, "is not a field of this request");
    }
  }
  if (problems_.empty()) {
    return std::nullopt;
  }
  return problems_.to_failure();
}

const json::value* body_reader::find(std::string_view name) {
  asked_.push_back(name);
  const auto* value = object_->if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void body_reader::wrong(std::string_view type, std::string_view name, std::string_view message) {
  problems_.add(type, "body", name, message);
}

std::string canonical_text(const json::value& value) {
  auto text = std::string{};
  add_canonical(text, value);
  return text;
}

}  // namespace persona_runtime::api
