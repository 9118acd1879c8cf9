#include "tests/providers/chat/toy_tools.hpp"

#include "domain/tool/calculator.hpp"

#include <boost/json.hpp>
#include <re2/re2.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace persona_runtime {
namespace {

namespace json = boost::json;
using days = std::chrono::sys_days;

std::string text(const json::object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

/// The day of "YYYY-MM-DDT00:00:00".
days day_of(const std::string& iso) {
  const std::chrono::year_month_day day{
    std::chrono::year{std::stoi(iso.substr(0, 4))},
    std::chrono::month{static_cast<unsigned>(std::stoi(iso.substr(5, 2)))},
    std::chrono::day{static_cast<unsigned>(std::stoi(iso.substr(8, 2)))}};
  if (!day.ok())
    throw std::runtime_error("no such day: " + iso);
  return days{day};
}

std::string iso_of(days d) {
  const std::chrono::year_month_day day{d};
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT00:00:00+00:00",
                static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  return out.data();
}

/// Hours ahead of UTC in winter.
int offset_of(const std::string& zone) {
  return zone == "Asia/Tokyo" ? 9 : zone == "Europe/Oslo" ? 1 : 0;
}

toy_answer datetime(const json::object& args) {
  const std::string operation = text(args, "operation");
  if (operation == "now")
    return {"2026-11-21T12:00:00+00:00 (" + text(args, "timezone") + ")"};
  if (operation == "convert") {
    const auto given = text(args, "datetime");
    const auto hours = std::stoi(given.substr(11, 2)) - offset_of(text(args, "timezone"))
                       + offset_of(text(args, "to_timezone"));
    const auto day = iso_of(day_of(given) + std::chrono::days{hours / 24}).substr(0, 11);
    return {day + (hours % 24 < 10 ? "0" : "") + std::to_string(hours % 24) + given.substr(13)};
  }
  if (operation == "add") {
    const auto amount = args.at("amount").as_int64();
    const auto unit = text(args, "unit") == "weeks" ? 7 : 1;
    return {iso_of(day_of(text(args, "datetime")) + std::chrono::days{amount * unit})};
  }
  const auto count = (day_of(text(args, "end")) - day_of(text(args, "datetime"))).count();
  return {std::to_string(count * 86400) + " seconds (" + std::to_string(count) + " days)"};
}

toy_answer regex(const json::object& args) {
  const RE2 pattern{text(args, "pattern")};
  std::string subject = text(args, "text");
  if (!pattern.ok())
    return {"bad pattern", true};
  if (text(args, "operation") == "sub") {
    RE2::GlobalReplace(&subject, pattern, text(args, "replacement"));
    return {subject};
  }
  re2::StringPiece rest{subject};
  std::string lines;
  std::size_t count = 0;
  re2::StringPiece match;
  while (pattern.Match(rest, 0, rest.size(), RE2::UNANCHORED, &match, 1) && !match.empty()) {
    ++count;
    lines += '\n' + std::string{match.data(), match.size()};
    rest.remove_prefix(static_cast<std::size_t>(match.data() + match.size() - rest.data()));
  }
  return {count == 0 ? "No matches." : std::to_string(count) + " matches" + lines};
}

toy_answer answer(const tool_call& call, std::map<std::string, std::string>& files) {
  const json::object args = json::parse(call.arguments).as_object();
  if (call.name == "calculator") {
    const tool_result result = calculate(text(args, "expression"));
    return {result.content, result.is_error};
  }
  if (call.name == "datetime")
    return datetime(args);
  if (call.name == "regex_match")
    return regex(args);
  if (call.name == "text_diff")
    return {text(args, "a") == text(args, "b")
              ? ""
              : "--- " + text(args, "label_a") + "\n+++ " + text(args, "label_b")};
  const std::string path = text(args, "path");
  if (call.name == "file_write") {
    files[path] = text(args, "content");
    return {"Wrote " + std::to_string(files[path].size()) + " bytes to " + path};
  }
  if (call.name == "file_read" && files.contains(path))
    return {files[path]};
  return {"no such file: " + path, true};
}

}  // namespace

toy_answer toy_tool(const tool_call& call, std::map<std::string, std::string>& files) {
  try {
    return answer(call, files);
  } catch (const std::exception& error) {
    return {error.what(), true};
  }
}

}  // namespace persona_runtime
