#include "domain/budget/usage.hpp"

#include <chrono>
#include <cstdio>

namespace persona_runtime {
namespace {

constexpr auto day_ms = std::int64_t{86'400'000};

std::optional<unsigned> digits(std::string_view text) {
  auto number = 0U;
  for (const auto c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number;
}

}  // namespace

usage_day day_of(instant at) {
  const auto whole = at.value / day_ms;
  return {at.value % day_ms < 0 ? whole - 1 : whole};
}

std::string text_of(usage_day day) {
  const auto date =
    std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{day.value}}};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::optional<usage_day> parse_usage_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day || *year < 1970)
    return std::nullopt;
  const auto date = std::chrono::year_month_day{std::chrono::year{static_cast<int>(*year)},
                                                std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok())
    return std::nullopt;
  return usage_day{std::chrono::sys_days{date}.time_since_epoch().count()};
}

void add(usage_entry& to, const usage_entry& more) {
  to.calls += more.calls;
  to.prompt_tokens += more.prompt_tokens;
  to.completion_tokens += more.completion_tokens;
  to.cents += more.cents;
  to.unpriced += more.unpriced;
  to.estimated += more.estimated;
}

}  // namespace persona_runtime
