#pragma once
// Small steps over a vendor's JSON with simdjson: what is missing or of another type is passed
// over, what does not parse ends the walk. Include in .cpp files only.

#include "providers/chat/json_reading.hpp"

#include <cstdint>

namespace persona_runtime::json_walk {

namespace ondemand = simdjson::ondemand;

/// Calls `each(name, value)` for every field while it returns true. False when it did not, or when
/// something does not parse.
template <class Each>
bool for_fields(ondemand::object object, Each&& each) {
  for (auto field : object) {
    auto name = std::string_view{};
    auto content = ondemand::value{};
    if (field.unescaped_key().get(name) || field.value().get(content) || !each(name, content)) {
      return false;
    }
  }
  return true;
}

inline bool is_a(ondemand::value& v, ondemand::json_type wanted) {
  auto type = ondemand::json_type{};
  return !v.type().get(type) && type == wanted;
}
inline bool is_object(ondemand::value& v) {
  return is_a(v, ondemand::json_type::object);
}
inline bool is_array(ondemand::value& v) {
  return is_a(v, ondemand::json_type::array);
}

/// for_fields over `v` if it is an object; true if it is something else.
template <class Each>
bool for_fields_of(ondemand::value v, Each&& each) {
  if (!is_object(v)) {
    return true;
  }
  auto object = ondemand::object{};
  return !v.get_object().get(object) && for_fields(object, std::forward<Each>(each));
}

/// Calls `each(value)` for every element if `v` is an array, while it returns true.
template <class Each>
bool for_elements_of(ondemand::value v, Each&& each) {
  if (!is_array(v)) {
    return true;
  }
  auto array = ondemand::array{};
  if (v.get_array().get(array)) {
    return false;
  }
  for (auto element : array) {
    auto content = ondemand::value{};
    if (element.get(content) || !each(content)) {
      return false;
    }
  }
  return true;
}

/// The text of a string; empty for anything else. False when the string is not valid.
inline bool text_of(ondemand::value v, std::string_view& text) {
  text = {};
  auto type = ondemand::json_type{};
  if (v.type().get(type)) {
    return false;
  }
  return type != ondemand::json_type::string || !v.get_string().get(text);
}

/// A count; 0 for null and for what is none.
inline std::uint64_t count_of(ondemand::value v) {
  auto number = std::uint64_t{};
  if (!v.get_uint64().get(number)) {
    return number;
  }
  auto real = 0.0;
  return !v.get_double().get(real) && real > 0 && real < 1e15 ? static_cast<std::uint64_t>(real)
                                                              : 0;
}

/// What one document of a stream holds, for documents whose end must be certain.
inline bool open_object(json_reader& reader, std::string_view json, ondemand::document& document,
                        ondemand::object& root) {
  return is_balanced(json) && !reader.open(json).get(document) && !document.get_object().get(root);
}

}  // namespace persona_runtime::json_walk
