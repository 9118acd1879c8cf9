#include "providers/chat/rehearsal/dates.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace persona_runtime::rehearsal {
namespace {

struct digits_read {
  unsigned value = 0;
  std::size_t count = 0;
};

digits_read read_digits(std::string_view text, std::size_t at) {
  digits_read out;
  while (at + out.count < text.size() && text[at + out.count] >= '0' && text[at + out.count] <= '9'
         && out.count < 5) {
    out.value = out.value * 10 + static_cast<unsigned>(text[at + out.count] - '0');
    ++out.count;
  }
  return out;
}

std::string two(unsigned n) {
  return {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
}

std::string iso_of(unsigned year, unsigned month, unsigned day) {
  return two(year / 100) + two(year % 100) + '-' + two(month) + '-' + two(day);
}

bool is_plausible(unsigned year, unsigned month, unsigned day) {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

unsigned month_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 38> months{
    {{"january", 1},   {"jan", 1},       {"januar", 1},    {"february", 2},  {"feb", 2},
     {"februar", 2},   {"march", 3},     {"mar", 3},       {"mars", 3},      {"april", 4},
     {"apr", 4},       {"may", 5},       {"mai", 5},       {"june", 6},      {"jun", 6},
     {"juni", 6},      {"july", 7},      {"jul", 7},       {"juli", 7},      {"august", 8},
     {"aug", 8},       {"september", 9}, {"sep", 9},       {"sept", 9},      {"october", 10},
     {"oct", 10},      {"oktober", 10},  {"okt", 10},      {"november", 11}, {"nov", 11},
     {"december", 12}, {"dec", 12},      {"desember", 12}, {"des", 12},      {"janu", 1},
     {"febr", 2},      {"novem", 11},    {"decem", 12}}};
  const auto at = std::find_if(months.begin(), months.end(),
                               [&word](const auto& row) { return row.first == word; });
  return at == months.end() ? 0 : at->second;
}

unsigned small_number(const token& t) {
  if (t.kind != token_kind::number || t.text.find('.') != std::string::npos || t.text.size() > 4)
    return 0;
  return read_digits(t.text, 0).value;
}

/// Walks over the tokens of one date.
struct date_cursor {
  const std::vector<token>& tokens;
  std::size_t at;

  [[nodiscard]] bool word(std::initializer_list<std::string_view> any) const {
    return at < tokens.size() && tokens[at].kind == token_kind::word
           && std::find(any.begin(), any.end(), tokens[at].text) != any.end();
  }
  [[nodiscard]] bool symbol(std::string_view text) const {
    return at < tokens.size() && tokens[at].kind == token_kind::symbol && tokens[at].text == text;
  }
  unsigned day() {
    const unsigned n = at < tokens.size() ? small_number(tokens[at]) : 0;
    if (n < 1 || n > 31)
      return 0;
    ++at;
    if (word({"st", "nd", "rd", "th"}) || symbol("."))
      ++at;
    return n;
  }
  unsigned month() {
    const unsigned n =
      at < tokens.size() && tokens[at].kind == token_kind::word ? month_of(tokens[at].text) : 0;
    if (n == 0)
      return 0;
    ++at;
    if (symbol(".") && at + 1 < tokens.size() && small_number(tokens[at + 1]) != 0)
      ++at;
    return n;
  }
  unsigned year() {
    std::size_t ahead = at;
    if (symbol(",") || word({"in", "of", "i"}))
      ++ahead;
    const unsigned n =
      ahead < tokens.size() && tokens[ahead].text.size() == 4 ? small_number(tokens[ahead]) : 0;
    if (n >= 1000)
      at = ahead + 1;
    return n >= 1000 ? n : 0;
  }
};

struct named_date {
  std::string iso;
  std::size_t end = 0;
};

std::optional<named_date> named_date_at(const std::vector<token>& tokens, std::size_t begin) {
  date_cursor cursor{tokens, begin};
  unsigned month = cursor.month();
  unsigned day = 0;
  if (month != 0) {
    if (cursor.word({"the"}))
      ++cursor.at;
    day = cursor.day();
  } else {
    day = cursor.day();
    if (day != 0 && cursor.word({"of"}))
      ++cursor.at;
    month = cursor.month();
  }
  if (day == 0 || month == 0)
    return std::nullopt;
  const std::size_t without_year = cursor.at;
  if (const unsigned year = cursor.year())
    return named_date{iso_of(year, month, day), cursor.at};
  return named_date{"--" + two(month) + '-' + two(day), without_year};
}

}  // namespace

std::optional<found_date> numeric_date(std::string_view text) {
  const digits_read a = read_digits(text, 0);
  std::size_t at = a.count;
  const char mark = at < text.size() ? text[at] : '\0';
  if (mark != '-' && mark != '/' && mark != '.')
    return std::nullopt;
  const digits_read b = read_digits(text, at + 1);
  at += 1 + b.count;
  if (b.count < 1 || b.count > 2 || at >= text.size() || text[at] != mark)
    return std::nullopt;
  const digits_read c = read_digits(text, at + 1);
  at += 1 + c.count;
  if (a.count == 4 && c.count >= 1 && c.count <= 2 && is_plausible(a.value, b.value, c.value))
    return found_date{iso_of(a.value, b.value, c.value), at};
  if (a.count > 2 || c.count != 4)
    return std::nullopt;
  if (is_plausible(c.value, b.value, a.value))
    return found_date{iso_of(c.value, b.value, a.value), at};
  if (is_plausible(c.value, a.value, b.value))
    return found_date{iso_of(c.value, a.value, b.value), at};
  return std::nullopt;
}

std::optional<found_time> time_of_day(std::string_view text) {
  auto hours = read_digits(text, 0);
  if (hours.count == 0 || hours.count > 2 || hours.count >= text.size() || text[hours.count] != ':')
    return std::nullopt;
  const auto minutes = read_digits(text, hours.count + 1);
  if (minutes.count != 2 || hours.value > 23 || minutes.value > 59)
    return std::nullopt;
  std::size_t end = hours.count + 3;
  if (end < text.size() && text[end] == ':' && read_digits(text, end + 1).count == 2)
    end += 3;
  static constexpr std::array<std::pair<std::string_view, bool>, 12> halves{{{"am", false},
                                                                             {" am", false},
                                                                             {"AM", false},
                                                                             {" AM", false},
                                                                             {"a.m.", false},
                                                                             {" a.m.", false},
                                                                             {"pm", true},
                                                                             {" pm", true},
                                                                             {"PM", true},
                                                                             {" PM", true},
                                                                             {"p.m.", true},
                                                                             {" p.m.", true}}};
  for (const auto& [name, is_afternoon] : halves) {
    if (hours.value < 1 || hours.value > 12 || !text.substr(end).starts_with(name))
      continue;
    hours.value = hours.value % 12 + (is_afternoon ? 12 : 0);
    end += name.size();
  }
  return found_time{two(hours.value) + ':' + two(minutes.value), end};
}

void join_named_dates(std::vector<token>& tokens) {
  std::vector<token> out;
  for (std::size_t at = 0; at < tokens.size();) {
    const auto found = named_date_at(tokens, at);
    if (!found) {
      out.push_back(std::move(tokens[at++]));
      continue;
    }
    out.push_back(
      {token_kind::date, found->iso, tokens[at].begin, tokens[found->end - 1].end, false});
    at = found->end;
  }
  tokens = std::move(out);
}

std::optional<std::string_view> zone_of(std::string_view place) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 44> zones{{
    {"utc", "UTC"},
    {"gmt", "UTC"},
    {"oslo", "Europe/Oslo"},
    {"bergen", "Europe/Oslo"},
    {"trondheim", "Europe/Oslo"},
    {"stavanger", "Europe/Oslo"},
    {"norway", "Europe/Oslo"},
    {"norge", "Europe/Oslo"},
    {"stockholm", "Europe/Stockholm"},
    {"copenhagen", "Europe/Copenhagen"},
    {"k\u00f8benhavn", "Europe/Copenhagen"},
    {"helsinki", "Europe/Helsinki"},
    {"reykjavik", "Atlantic/Reykjavik"},
    {"london", "Europe/London"},
    {"dublin", "Europe/Dublin"},
    {"lisbon", "Europe/Lisbon"},
    {"madrid", "Europe/Madrid"},
    {"paris", "Europe/Paris"},
    {"brussels", "Europe/Brussels"},
    {"amsterdam", "Europe/Amsterdam"},
    {"berlin", "Europe/Berlin"},
    {"vienna", "Europe/Vienna"},
    {"zurich", "Europe/Zurich"},
    {"rome", "Europe/Rome"},
    {"roma", "Europe/Rome"},
    {"prague", "Europe/Prague"},
    {"warsaw", "Europe/Warsaw"},
    {"athens", "Europe/Athens"},
    {"istanbul", "Europe/Istanbul"},
    {"cairo", "Africa/Cairo"},
    {"nairobi", "Africa/Nairobi"},
    {"dubai", "Asia/Dubai"},
    {"delhi", "Asia/Kolkata"},
    {"mumbai", "Asia/Kolkata"},
    {"singapore", "Asia/Singapore"},
    {"shanghai", "Asia/Shanghai"},
    {"beijing", "Asia/Shanghai"},
    {"seoul", "Asia/Seoul"},
    {"tokyo", "Asia/Tokyo"},
    {"sydney", "Australia/Sydney"},
    {"auckland", "Pacific/Auckland"},
    {"chicago", "America/Chicago"},
    {"new york", "America/New_York"},
    {"los angeles", "America/Los_Angeles"},
  }};
  const auto at = std::find_if(zones.begin(), zones.end(),
                               [&place](const auto& row) { return row.first == place; });
  if (at == zones.end())
    return std::nullopt;
  return at->second;
}

std::string_view weekday_name(std::size_t index, bool norwegian) {
  static constexpr std::array<std::string_view, 7> english{
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  static constexpr std::array<std::string_view, 7> bokmaal{
    "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "l\u00f8rdag", "s\u00f8ndag"};
  return norwegian ? bokmaal.at(index) : english.at(index);
}

}  // namespace persona_runtime::rehearsal
