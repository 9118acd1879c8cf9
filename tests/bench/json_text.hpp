#pragma once

#include <simdjson.h>

#include <string_view>

namespace persona_runtime::bench {

/// The text in a field; empty when it is missing or of another type. Dies with the document.
inline std::string_view text_at(const simdjson::dom::element& item, const char* name) {
  auto text = std::string_view{};
  return item[name].get_string().get(text) ? std::string_view{} : text;
}

}  // namespace persona_runtime::bench
