#pragma once
// Reading JSON of a shape that is known but not trusted: what is missing or of another type
// reads as empty. Include in .cpp files of this folder only.

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace persona_runtime::cli {

namespace json = boost::json;

/// The object that the text is; none when it is something else, broken or nested beyond 128.
inline std::optional<json::object> object_of(std::string_view text) {
  auto options = json::parse_options{};
  options.max_depth = 128;
  auto ec = boost::system::error_code{};
  auto value = json::parse({text.data(), text.size()}, ec, {}, options);
  if (ec || !value.is_object())
    return std::nullopt;
  return std::move(value.get_object());
}

inline std::string_view text_at(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains({key.data(), key.size()});
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

/// Null when there is none.
inline const json::object* object_at(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains({key.data(), key.size()});
  return value == nullptr ? nullptr : value->if_object();
}

/// Null when there is none.
inline const json::array* list_at(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains({key.data(), key.size()});
  return value == nullptr ? nullptr : value->if_array();
}

inline bool flag_at(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains({key.data(), key.size()});
  const auto* flag = value == nullptr ? nullptr : value->if_bool();
  return flag != nullptr && *flag;
}

/// Any number; none for null, absent or another type.
inline std::optional<double> number_at(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_number())
    return std::nullopt;
  return value->to_number<double>();
}

}  // namespace persona_runtime::cli
