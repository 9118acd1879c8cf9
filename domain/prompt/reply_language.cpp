#include "domain/prompt/reply_language.hpp"

#include "domain/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace persona_runtime {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> aliases{{
  {"en", "English"},
  {"eng", "English"},
  {"no", "Norwegian"},
  {"nb", "Norwegian"},
  {"nn", "Norwegian"},
  {"nob", "Norwegian"},
  {"nno", "Norwegian"},
  {"nor", "Norwegian"},
  {"de", "German"},
  {"ger", "German"},
  {"deu", "German"},
  {"fr", "French"},
  {"fra", "French"},
  {"fre", "French"},
  {"es", "Spanish"},
  {"spa", "Spanish"},
  {"ar", "Arabic"},
  {"ara", "Arabic"},
}};

std::string_view name_of(std::string_view tag) {
  for (auto [alias, name] : aliases) {
    if (alias == tag)
      return name;
  }
  return {};
}

}  // namespace

std::optional<std::string_view> ordered_language(std::string_view tag) {
  std::string asked{stripped(tag)};
  std::transform(asked.begin(), asked.end(), asked.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  auto name = name_of(asked);
  if (name.empty())
    name = name_of(std::string_view{asked}.substr(0, asked.find('-')));
  if (name.empty() || name == "English")
    return std::nullopt;
  return name;
}

}  // namespace persona_runtime
