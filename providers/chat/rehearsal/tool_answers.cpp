#include "providers/chat/rehearsal/tool_answers.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/utf8.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace persona_runtime::rehearsal {
namespace {

/// A run of digits with its sign, and where it ends.
struct integer_at {
  std::string text;
  std::size_t end = 0;
};

std::optional<integer_at> next_integer(std::string_view text, std::size_t from) {
  const auto begin = text.find_first_of("0123456789", from);
  if (begin == std::string_view::npos)
    return std::nullopt;
  std::size_t end = begin;
  while (end < text.size()
         && (is_ascii_digit(text[end])
             || (text[end] == ',' && end + 1 < text.size() && is_ascii_digit(text[end + 1]))))
    ++end;
  std::string digits{text.substr(begin, end - begin)};
  digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  if (begin > 0 && text[begin - 1] == '-')
    digits.insert(0, "-");
  return integer_at{std::move(digits), end};
}

}  // namespace

std::string number_in(std::string_view content) {
  if (const auto equals = content.rfind('='); equals != std::string_view::npos)
    content.remove_prefix(equals + 1);
  content = stripped(content);
  content = content.substr(0, content.find('\n'));
  if (content.ends_with(".0") && content.find('e') == std::string_view::npos)
    content.remove_suffix(2);
  return std::string{content};
}

std::string date_in(std::string_view content, std::string_view except) {
  std::string out;
  for (std::size_t at = 0; at + 10 <= content.size(); ++at) {
    const std::string_view part = content.substr(at, 10);
    bool fits = part[4] == '-' && part[7] == '-' && (at == 0 || !is_ascii_digit(content[at - 1]));
    for (const std::size_t i : {0u, 1u, 2u, 3u, 5u, 6u, 8u, 9u})
      fits = fits && is_ascii_digit(part[i]);
    if (!fits)
      continue;
    if (part != except)
      return std::string{part};
    out = part;
  }
  return out;
}

std::optional<instant_parts> instant_in(std::string_view content) {
  constexpr std::size_t date_bytes = 10;
  constexpr std::size_t bytes = 16;
  const auto date = date_in(content, "");
  const auto at = date.empty() ? std::string_view::npos : content.find(date + 'T');
  if (at == std::string_view::npos || at + bytes > content.size())
    return std::nullopt;
  return instant_parts{date, std::string{content.substr(at + date_bytes + 1, 5)}};
}

std::optional<std::string> days_in(std::string_view content) {
  std::optional<std::string> seconds;
  std::size_t at = 0;
  while (const auto found = next_integer(content, at)) {
    const std::string_view behind = content.substr(found->end);
    if (behind.starts_with(" day"))
      return found->text;
    // "105.0 days", "9072000.0 seconds"
    std::string_view unit = behind;
    if (unit.starts_with(".0"))
      unit.remove_prefix(2);
    if (unit.starts_with(" day"))
      return found->text;
    if (!seconds && (unit.starts_with(" s") || unit.empty() || unit.starts_with("s")))
      seconds = found->text;
    at = found->end;
  }
  if (!seconds)
    return std::nullopt;
  return std::to_string(std::atoll(seconds->c_str()) / 86'400);
}

std::size_t matches_in(std::string_view content) {
  content = stripped(content);
  if (content.empty())
    return 0;
  if (is_ascii_digit(content.front()) && content.find("match") != std::string_view::npos)
    return static_cast<std::size_t>(
      std::strtoull(std::string{content.substr(0, 18)}.c_str(), nullptr, 10));
  if (content.starts_with("no match") || content.starts_with("No match"))
    return 0;
  boost::json::error_code error;
  const auto value = boost::json::parse(content, error);
  if (!error && value.is_array())
    return value.get_array().size();
  return static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n')) + 1;
}

std::string one_line(std::string_view content) {
  std::string out;
  for (const char c : stripped(content)) {
    if (c == '\n')
      out += ", ";
    else
      out.push_back(c);
  }
  return out;
}

}  // namespace persona_runtime::rehearsal
