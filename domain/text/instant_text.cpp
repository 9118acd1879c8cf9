#include "domain/text/instant_text.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>

namespace persona_runtime {
namespace {

using namespace std::chrono;

int digits(std::string_view text, std::size_t at, std::size_t count) {
  auto value = -1;
  if (at + count <= text.size())
    std::from_chars(text.data() + at, text.data() + at + count, value);
  return value;
}

}  // namespace

std::string to_text(instant at) {
  const auto time = sys_time<milliseconds>{milliseconds{at.value}};
  const auto day = floor<days>(time);
  const auto date = year_month_day{day};
  const auto clock = hh_mm_ss{time - day};
  char out[48];
  const auto head = std::snprintf(
    out, sizeof out, "%04d-%02u-%02uT%02ld:%02ld:%02ld", static_cast<int>(date.year()),
    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
    static_cast<long>(clock.hours().count()), static_cast<long>(clock.minutes().count()),
    static_cast<long>(clock.seconds().count()));
  auto text = std::string{out, static_cast<std::size_t>(head)};
  if (const auto ms = clock.subseconds().count(); ms != 0) {
    std::snprintf(out, sizeof out, ".%03ld000", static_cast<long>(ms));
    text += out;
  }
  return text + 'Z';
}

std::optional<instant> instant_of(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z')
    return std::nullopt;
  const auto date = year{digits(text, 0, 4)} / month{static_cast<unsigned>(digits(text, 5, 2))}
                    / day{static_cast<unsigned>(digits(text, 8, 2))};
  if (!date.ok())
    return std::nullopt;
  const auto clock = hours{digits(text, 11, 2)} + minutes{digits(text, 14, 2)}
                     + seconds{digits(text, 17, 2)}
                     + milliseconds{text[19] == '.' ? digits(text, 20, 3) : 0};
  const auto since = sys_days{date}.time_since_epoch() + clock;
  return instant{duration_cast<milliseconds>(since).count()};
}

}  // namespace persona_runtime
