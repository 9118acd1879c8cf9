#include "domain/persona/list_entry.hpp"

#include "domain/yaml/yaml_tree.hpp"

namespace persona_runtime {
namespace {

/// Where line `number` (from 1) begins.
std::size_t start_of_line(std::string_view text, std::uint32_t number) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < number; ++line) {
    auto end = text.find('\n', at);
    if (end == std::string_view::npos)
      return text.size();
    at = end + 1;
  }
  return at;
}

/// Of one line, without control characters.
std::string yaml_string(std::string_view text) {
  std::string out{'"'};
  for (auto c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out += '"';
}

}  // namespace

std::optional<std::string> with_list_entry(std::string_view text, std::string_view block,
                                           std::string_view list, std::string_view entry) {
  auto document = parse_yaml(text);
  if (!document)
    return std::nullopt;
  const auto* holder = document->root.get();
  if (!block.empty()) {
    const auto* found = holder->find(block);
    if (found == nullptr)
      return std::nullopt;
    holder = found->value.get();
  }
  const auto* there = holder->find(list);
  const auto& place = there != nullptr ? *there->value : *holder;
  auto line_start = start_of_line(text, place.line);
  auto at = line_start + place.column;
  if (at >= text.size())
    return std::nullopt;
  bool flow = text[at] == '[' || text[at] == '{';
  std::string added = yaml_string(entry);
  if (there == nullptr) {
    added = yaml_string(list) + ": [" + added + ']';
  } else if (!flow) {
    added = "- " + added;
  }
  if (!flow) {
    added += '\n' + std::string{text.substr(line_start, place.column)};
  } else if (!place.items.empty() || !place.entries.empty()) {
    added += ", ";
  }
  std::string out{text};
  out.insert(flow ? at + 1 : at, added);
  return out;
}

}  // namespace persona_runtime
