#include "bootstrap/log/line_text.hpp"

#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

constexpr auto value_bytes_max = std::size_t{512};
constexpr auto level_width = std::size_t{8};  // "critical"
constexpr auto levels = std::to_array<std::string_view>(
  {"trace", "debug", "info", "warning", "error", "critical", "off"});

// Does not end within a character of UTF-8.
std::string_view shortened(std::string_view text) {
  if (text.size() <= value_bytes_max)
    return text;
  auto end = value_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end);
}

bool needs_quotes(std::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\'
                  || c == 0x7f;
         });
}

void append_pretty(std::string& to, std::string_view name, std::string_view value) {
  to.append(" ").append(name).append("=");
  if (needs_quotes(value))
    append_json_string(to, value);
  else
    to.append(value);
}

std::string pretty_text(const log_line& line, std::initializer_list<log_field> fields) {
  auto text = to_text(line.at);
  const auto level = name_of(line.level);
  text.append(" ").append(level).append(level_width - level.size() + 1, ' ');
  text.append(line.component).append(": ").append(line.what);
  for (const auto& field : fields)
    append_pretty(text, field.name, shortened(field.value));
  if (line.left_out > 0)
    append_pretty(text, "left_out", std::to_string(line.left_out));
  return text;
}

std::string json_line(const log_line& line, std::initializer_list<log_field> fields) {
  auto text = std::string{};
  auto o = json_writer{text};
  o.text("time", to_text(line.at)).text("level", name_of(line.level));
  o.text("component", line.component).text("message", line.what);
  for (const auto& field : fields)
    o.text(field.name, shortened(field.value));
  if (line.left_out > 0)
    o.number("left_out", line.left_out);
  o.close();
  return text;
}

}  // namespace

std::string_view name_of(log_level level) {
  return levels.at(static_cast<std::size_t>(level));
}

log_level log_level_of(std::string_view name) {
  const auto found = std::find(levels.begin(), levels.end(), name);
  return found == levels.end() ? log_level::info : static_cast<log_level>(found - levels.begin());
}

std::string line_text(log_format format, const log_line& line,
                      std::initializer_list<log_field> fields) {
  return format == log_format::json ? json_line(line, fields) : pretty_text(line, fields);
}

}  // namespace persona_runtime
