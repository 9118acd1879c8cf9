#include "domain/prompt/text_field.hpp"

#include "domain/text/utf8.hpp"

#include <algorithm>
#include <vector>

namespace persona_runtime {

found_placeholder next_placeholder(std::string_view text, std::size_t at) {
  while ((at = text.find('{', at)) != std::string_view::npos) {
    auto end = text.find('}', at);
    if (end == std::string_view::npos)
      break;
    auto name = text.substr(at + 1, end - at - 1);
    if (!name.empty()
        && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos)
      return {name, at};
    ++at;
  }
  return {};
}

namespace {

void check_placeholders(field_reader& in, std::string_view key, std::string_view text,
                        placeholder_names wanted) {
  std::vector<std::string_view> found;
  for (std::size_t at = 0;;) {
    auto next = next_placeholder(text, at);
    if (next.name.empty())
      break;
    found.push_back(next.name);
    at = next.begin + next.name.size() + 2;
  }
  for (auto name : wanted) {
    if (std::find(found.begin(), found.end(), name) == found.end())
      in.report(key, "must hold the placeholder {" + std::string{name} + '}');
  }
  for (auto name : found) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end())
      in.report(key, "nothing is known to put in for {" + std::string{name} + '}');
  }
}

}  // namespace

std::string read_prompt_text(field_reader& in, std::string_view key,
                             placeholder_names placeholders) {
  std::string text{stripped(in.required_text(key))};
  if (!text.empty())
    check_placeholders(in, key, text, placeholders);
  return text;
}

}  // namespace persona_runtime
