#pragma once
#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace persona_runtime::api {

/// The text under `name`; empty when it is missing or no text.
[[nodiscard]] inline std::string text_at(const boost::json::object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

}  // namespace persona_runtime::api
