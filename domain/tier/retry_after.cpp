#include "domain/tier/retry_after.hpp"

#include "domain/text/ascii.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace persona_runtime {
namespace {

constexpr std::size_t header_bytes_max = 128;  // the longest date has 33

std::optional<int> natural_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

/// The words of a date, whichever of blank, comma and hyphen stands between them.
struct date_words {
  std::array<std::string_view, 6> at{};
  std::size_t count = 0;
};

std::optional<date_words> date_words_of(std::string_view text) {
  date_words words;
  for (std::size_t begin = text.find_first_not_of(" ,-"); begin != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(" ,-", begin), text.size());
    if (words.count == words.at.size())
      return std::nullopt;
    words.at.at(words.count++) = text.substr(begin, end - begin);
    begin = text.find_first_not_of(" ,-", end);
  }
  return words;
}

std::optional<unsigned> month_of(std::string_view name) {
  static constexpr auto names = std::array<std::string_view, 12>{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (unsigned i = 0; i < names.size(); ++i) {
    if (names.at(i) == name)
      return i + 1;
  }
  return std::nullopt;
}

std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':')
    return std::nullopt;
  const auto hours = natural_number(text.substr(0, 2));
  const auto minutes = natural_number(text.substr(3, 2));
  const auto seconds = natural_number(text.substr(6, 2));
  if (!hours || !minutes || !seconds)
    return std::nullopt;
  if (*hours > 23 || *minutes > 59 || *seconds > 60)
    return std::nullopt;  // 60: a leap second
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes}
         + std::chrono::seconds{*seconds};
}

/// RFC 850 wrote years with two digits; RFC 9110 wants the century in which the date is not more
/// than 50 years ahead, which for a Retry-After is always this one or, at its end, the next.
int full_year(std::string_view text, int year, std::int64_t now_ms) {
  if (text.size() != 2)
    return year;
  const auto today = std::chrono::floor<std::chrono::days>(
    std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{now_ms}});
  const int this_year = static_cast<int>(std::chrono::year_month_day{today}.year());
  const int guess = this_year / 100 * 100 + year;
  return guess > this_year + 50 ? guess - 100 : guess;
}

std::optional<double> seconds_until_date(std::string_view text, std::int64_t now_ms) {
  const auto words = date_words_of(text);
  if (!words || words->count < 5)
    return std::nullopt;
  const auto& w = words->at;
  const bool is_asctime = words->count == 5 && month_of(w[1]).has_value();
  if (!is_asctime && (words->count != 6 || w[5] != "GMT"))
    return std::nullopt;
  const auto day = natural_number(is_asctime ? w[2] : w[1]);
  const auto month = month_of(is_asctime ? w[1] : w[2]);
  const auto year_text = is_asctime ? w[4] : w[3];
  const auto year = natural_number(year_text);
  const auto time = time_of_day(is_asctime ? w[3] : w[4]);
  if (!day || !month || !year || !time || *year > 9999)
    return std::nullopt;
  const auto date = std::chrono::year{full_year(year_text, *year, now_ms)}
                    / std::chrono::month{*month} / std::chrono::day{static_cast<unsigned>(*day)};
  if (!date.ok())
    return std::nullopt;
  const std::chrono::milliseconds at = std::chrono::sys_days{date}.time_since_epoch() + *time;
  return (static_cast<double>(at.count()) - static_cast<double>(now_ms)) / 1000.0;
}

}  // namespace

std::optional<double> retry_after_number(std::string_view header) {
  auto text = trimmed(header);
  if (text.size() > header_bytes_max)
    return std::nullopt;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-')
    text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range || end != text.data() + text.size()) {
    return std::nullopt;
  }
  if (error != std::errc{} || std::isnan(value))
    return std::nullopt;
  return value;
}

std::optional<double> retry_after_seconds(std::string_view header, std::int64_t now_ms) {
  if (const auto number = retry_after_number(header))
    return number;
  const auto text = trimmed(header);
  if (text.empty() || text.size() > header_bytes_max)
    return std::nullopt;
  return seconds_until_date(text, now_ms);
}

}  // namespace persona_runtime
