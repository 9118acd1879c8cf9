#include "providers/chat/json_reading.hpp"

namespace persona_runtime {

namespace {

/// The closing quote of the string whose first byte is at `at`, or the size.
std::size_t string_end(std::string_view json, std::size_t at) {
  while (true) {
    const auto quote = json.find('"', at);
    if (quote == std::string_view::npos) {
      return json.size();
    }
    auto first = quote;
    while (first > at && json[first - 1] == '\\') {
      --first;
    }
    if ((quote - first) % 2 == 0) {
      return quote;
    }
    at = quote + 1;
  }
}

}  // namespace

bool is_balanced(std::string_view json) {
  auto depth = std::size_t{0};
  for (std::size_t at = 0; at < json.size(); ++at) {
    const auto c = json[at];
    if (c == '"') {
      at = string_end(json, at + 1);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) {
        return false;
      }
      if (--depth == 0) {
        return json.find_first_not_of(" \t\r\n", at + 1) == std::string_view::npos;
      }
    }
  }
  return false;
}

bool is_json_object(std::string_view json) {
  // The DOM parser looks at every byte; the on-demand one would pass over what nobody asks for.
  thread_local simdjson::dom::parser parser;
  auto root = simdjson::dom::element{};
  auto error = parser.parse(json.data(), json.size(), true).get(root);
  return error == simdjson::SUCCESS && root.is_object();
}

std::optional<std::vector<std::pair<std::string, std::string>>> json_fields(std::string_view json) {
  auto fields = std::vector<std::pair<std::string, std::string>>{};
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return fields;
  }
  auto parser = simdjson::dom::parser{};
  auto object = simdjson::dom::object{};
  if (parser.parse(json.data(), json.size(), true).get_object().get(object)) {
    return std::nullopt;
  }
  for (auto field : object) {
    fields.emplace_back(field.key, simdjson::minify(field.value));
  }
  return fields;
}

}  // namespace persona_runtime
