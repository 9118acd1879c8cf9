#include "domain/yaml/timestamp.hpp"

#include "domain/text/iso_time.hpp"

#include <chrono>

namespace persona_runtime {
namespace {

/// Reads from the front of a text; every take says whether it succeeded.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool take(char c) {
    if (peek() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool digits(std::size_t least, std::size_t most, int& out) {
    std::size_t n = 0;
    int value = 0;
    while (n < most && n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9')
      value = value * 10 + (rest_[n++] - '0');
    if (n < least)
      return false;
    rest_.remove_prefix(n);
    out = value;
    return true;
  }

  std::size_t blanks() {
    std::size_t n = 0;
    while (n < rest_.size() && (rest_[n] == ' ' || rest_[n] == '\t'))
      ++n;
    rest_.remove_prefix(n);
    return n;
  }

private:
  std::string_view rest_;
};

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool take_date(scanner& in, std::chrono::sys_days& out) {
  int y = 0;
  int m = 0;
  int d = 0;
  if (!in.digits(4, 4, y) || !in.take('-') || !in.digits(1, 2, m) || !in.take('-')
      || !in.digits(1, 2, d))
    return false;
  auto date = std::chrono::year{y} / m / d;
  if (y < 1 || !date.ok())
    return false;
  out = date;
  return true;
}

bool take_fraction(scanner& in, milliseconds& out) {
  if (!in.take('.'))
    return true;
  int digit = 0;
  int value = 0;
  int count = 0;
  while (in.digits(1, 1, digit)) {
    if (count++ < 3)
      value = value * 10 + digit;
  }
  for (int i = count; i < 3; ++i)
    value *= 10;
  out = milliseconds{value};
  return true;
}

bool take_clock(scanner& in, milliseconds& out) {
  int h = 0;
  int m = 0;
  int s = 0;
  milliseconds fraction{0};
  if (!in.digits(1, 2, h) || !in.take(':') || !in.digits(2, 2, m))
    return false;
  if (in.take(':') && (!in.digits(2, 2, s) || !take_fraction(in, fraction)))
    return false;
  if (h > 23 || m > 59 || s > 59)
    return false;
  out = hours{h} + minutes{m} + seconds{s} + fraction;
  return true;
}

/// Nothing at all is a naive time.
bool take_offset(scanner& in, parsed_time& out) {
  in.blanks();
  if (in.done()) {
    out.naive = true;
    return true;
  }
  if (in.take('Z') || in.take('z'))
    return in.done();
  bool west = in.peek() == '-';
  if (!in.take('+') && !in.take('-'))
    return false;
  int h = 0;
  int m = 0;
  if (!in.digits(1, 2, h))
    return false;
  in.take(':');
  if (!in.done() && !in.digits(2, 2, m))
    return false;
  if (!in.done() || h > 23 || m > 59)
    return false;
  out.value.offset_minutes = (h * 60 + m) * (west ? -1 : 1);
  return true;
}

}  // namespace

std::optional<parsed_time> parse_time(std::string_view text) {
  scanner in{text};
  std::chrono::sys_days date;
  if (!take_date(in, date))
    return std::nullopt;
  parsed_time out;
  milliseconds clock{0};
  if (in.done()) {
    out.naive = true;
  } else {
    bool separated = in.take('T') || in.take('t') || in.blanks() > 0;
    if (!separated || !take_clock(in, clock) || !take_offset(in, out))
      return std::nullopt;
  }
  auto local = milliseconds{date.time_since_epoch()} + clock;
  out.value.at = instant{(local - minutes{out.value.offset_minutes}).count()};
  return out;
}

std::string format_time(const zoned_instant& time) {
  using local_millis = std::chrono::local_time<milliseconds>;
  const auto local = local_millis{milliseconds{time.at.value} + minutes{time.offset_minutes}};
  auto out = time.offset_minutes == 0 ? local_text(local) + 'Z'
                                      : iso_text(local, minutes{time.offset_minutes});
  // Milliseconds are all there is.
  if (const auto fraction = out.find('.'); fraction != std::string::npos)
    out.erase(fraction + 4, 3);
  return out;
}

}  // namespace persona_runtime
