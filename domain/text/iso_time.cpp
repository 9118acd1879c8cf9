#include "domain/text/iso_time.hpp"

#include "domain/text/ascii.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace persona_runtime {
namespace {

namespace chrono = std::chrono;

class iso_reader {
public:
  explicit iso_reader(std::string_view text) : text_{text} {}

  bool ended() const { return at_ == text_.size(); }

  bool take(char c) {
    if (ended() || text_[at_] != c)
      return false;
    ++at_;
    return true;
  }

  /// Exactly `digits` digits.
  std::optional<int> number(std::size_t digits) {
    if (text_.size() - at_ < digits)
      return std::nullopt;
    auto value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const auto c = text_[at_ + i];
      if (c < '0' || c > '9')
        return std::nullopt;
      value = value * 10 + (c - '0');
    }
    at_ += digits;
    return value;
  }

  /// Digits behind the second; what is finer than a microsecond is dropped.
  std::optional<chrono::microseconds> fraction() {
    auto value = 0;
    auto digits = 0;
    while (!ended() && text_[at_] >= '0' && text_[at_] <= '9') {
      if (digits < 6)
        value = value * 10 + (text_[at_] - '0');
      ++digits;
      ++at_;
    }
    if (digits == 0)
      return std::nullopt;
    for (; digits < 6; ++digits)
      value *= 10;
    return chrono::microseconds{value};
  }

private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<chrono::local_days> date_in(iso_reader& r) {
  const auto year = r.number(4);
  const auto extended = r.take('-');
  const auto month = r.number(2);
  if (!year || !month || *year < 1 || (extended && !r.take('-')))
    return std::nullopt;
  const auto day = r.number(2);
  if (!day)
    return std::nullopt;
  const auto date =
    chrono::year_month_day{chrono::year{*year}, chrono::month{static_cast<unsigned>(*month)},
                           chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return std::nullopt;
  return chrono::local_days{date};
}

std::optional<chrono::microseconds> time_in(iso_reader& r) {
  const auto hour = r.number(2);
  const auto extended = r.take(':');
  const auto minute = r.number(2);
  if (!hour || !minute || *hour > 23 || *minute > 59)
    return std::nullopt;
  auto time = chrono::microseconds{chrono::hours{*hour} + chrono::minutes{*minute}};
  auto after = r;
  const auto colon = after.take(':');
  const auto second = after.number(2);
  if (colon != extended || !second)
    return colon ? std::nullopt : std::optional{time};
  if (*second > 59)
    return std::nullopt;
  r = after;
  time += chrono::seconds{*second};
  if (!r.take('.') && !r.take(','))
    return time;
  const auto fraction = r.fraction();
  if (!fraction)
    return std::nullopt;
  return time + *fraction;
}

/// Z, +02, +0200 or +02:00.
std::optional<chrono::seconds> offset_in(iso_reader& r) {
  if (r.take('Z') || r.take('z'))
    return chrono::seconds{0};
  const auto east = r.take('+');
  if (!east && !r.take('-'))
    return std::nullopt;
  const auto hours = r.number(2);
  if (!hours || *hours > 23)
    return std::nullopt;
  const auto colon = r.take(':');
  auto minutes = std::optional{0};
  if (colon || !r.ended())
    minutes = r.number(2);
  if (!minutes || *minutes > 59)
    return std::nullopt;
  const auto size = chrono::hours{*hours} + chrono::minutes{*minutes};
  return east ? size : -size;
}

/// As "%0*d" would.
void append_digits(std::string& out, int number, std::size_t width) {
  auto digits = std::array<char, 16>{};
  const auto end =
    std::to_chars(digits.data(), digits.data() + digits.size(), std::abs(number)).ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  const auto taken = count + (number < 0 ? 1 : 0);
  if (number < 0)
    out += '-';
  out.append(width > taken ? width - taken : 0, '0').append(digits.data(), count);
}

}  // namespace

std::optional<iso_time> parse_iso(std::string_view text) {
  auto r = iso_reader{trimmed(text, " ")};
  const auto date = date_in(r);
  if (!date)
    return std::nullopt;
  auto parsed = iso_time{*date, std::nullopt};
  if (r.ended())
    return parsed;
  if (!r.take('T') && !r.take('t') && !r.take(' '))
    return std::nullopt;
  const auto time = time_in(r);
  if (!time)
    return std::nullopt;
  parsed.local += *time;
  if (r.ended())
    return parsed;
  parsed.offset = offset_in(r);
  if (!parsed.offset || !r.ended())
    return std::nullopt;
  return parsed;
}

std::string local_text(local_micros local) {
  const auto day = chrono::floor<chrono::days>(local);
  const auto date = chrono::year_month_day{day};
  const auto time = chrono::hh_mm_ss{local - day};
  auto text = std::string{};
  text.reserve(27);  // every event has one: no formatting by pattern
  append_digits(text, static_cast<int>(date.year()), 4);
  append_digits(text += '-', static_cast<int>(static_cast<unsigned>(date.month())), 2);
  append_digits(text += '-', static_cast<int>(static_cast<unsigned>(date.day())), 2);
  append_digits(text += 'T', static_cast<int>(time.hours().count()), 2);
  append_digits(text += ':', static_cast<int>(time.minutes().count()), 2);
  append_digits(text += ':', static_cast<int>(time.seconds().count()), 2);
  if (const auto fraction = time.subseconds().count(); fraction != 0)
    append_digits(text += '.', static_cast<int>(fraction), 6);
  return text;
}

std::string iso_text(local_micros local, std::chrono::seconds offset) {
  auto text = local_text(local);
  auto buffer = std::array<char, 80>{};
  const auto size = std::abs(static_cast<int>(offset.count()));
  std::snprintf(buffer.data(), buffer.size(), "%c%02d:%02d", offset.count() < 0 ? '-' : '+',
                size / 3600, size / 60 % 60);
  text += buffer.data();
  if (size % 60 != 0) {
    std::snprintf(buffer.data(), buffer.size(), ":%02d", size % 60);
    text += buffer.data();
  }
  return text;
}

std::string_view weekday_name(local_micros local) {
  constexpr auto names = std::array<std::string_view, 7>{
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  return names.at(chrono::weekday{chrono::floor<chrono::days>(local)}.c_encoding());
}

bool in_range(local_micros local) {
  const auto year =
    static_cast<int>(chrono::year_month_day{chrono::floor<chrono::days>(local)}.year());
  return year >= 1 && year <= 9999;
}

}  // namespace persona_runtime
