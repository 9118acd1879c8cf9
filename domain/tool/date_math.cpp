#include "domain/tool/date_math.hpp"

#include "domain/text/iso_time.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>
#include <boost/system/result.hpp>

namespace persona_runtime {
namespace {

namespace chrono = std::chrono;
namespace json = boost::json;
using micros = chrono::microseconds;

// About 10,000 years: whatever is further away is out of range anyhow, and sums stay small.
constexpr std::int64_t seconds_max = 400'000'000'000;

struct date_problem {
  std::string text;
};

template <class T>
using answer = boost::system::result<T, date_problem>;

/// A moment and how the clock that shows it is set.
struct moment {
  chrono::sys_time<micros> utc;
  std::string zone;        // empty: a clock with a fixed offset
  chrono::seconds offset;  // at this moment

  local_micros local() const { return local_micros{utc.time_since_epoch() + offset}; }
  std::string text() const { return iso_text(local(), offset); }
};

class calendar {
public:
  explicit calendar(const zone_offset& zones) : zones_{zones} {}

  answer<moment> shown_in(chrono::sys_time<micros> utc, const std::string& zone) const {
    const auto offset = offset_at(utc, zone);
    if (!offset)
      return date_problem{"unknown timezone '" + printable(zone, 80)
                          + "'; use an IANA name such as Europe/Oslo"};
    auto shown = moment{utc, zone, *offset};
    if (!in_range(shown.local()))
      return date_problem{"the result is not between the years 1 and 9999"};
    return shown;
  }

  /// The moment at which a clock of that zone shows this time.
  answer<moment> when_shown(local_micros local, const std::string& zone) const {
    const auto as_utc = chrono::sys_time<micros>{local.time_since_epoch()};
    const auto before = offset_at(as_utc - chrono::days{1}, zone);
    const auto after = offset_at(as_utc + chrono::days{1}, zone);
    if (!before || !after)
      return shown_in(as_utc, zone);
    for (const auto offset : {*before, *after}) {
      if (offset_at(as_utc - offset, zone) == offset)
        return shown_in(as_utc - offset, zone);
    }
    return shown_in(as_utc - *before, zone);
  }

  answer<moment> read(const std::string& text, const char* name, const std::string& zone) const {
    const auto parsed = parse_iso(text);
    if (!parsed)
      return date_problem{std::string{name} + " '" + printable(text, 80)
                          + "' is no ISO 8601 time such as 2026-03-29T12:00:00+01:00"};
    if (!parsed->offset)
      return when_shown(parsed->local, zone);
    const auto utc = chrono::sys_time<micros>{parsed->local.time_since_epoch()} - *parsed->offset;
    return moment{utc, {}, *parsed->offset};
  }

private:
  std::optional<chrono::seconds> offset_at(chrono::sys_time<micros> utc,
                                           const std::string& zone) const {
    return zones_(zone, chrono::floor<chrono::seconds>(utc));
  }

  const zone_offset& zones_;
};

/// One question and the calendar to answer it with.
class clerk {
public:
  clerk(const date_question& question, chrono::sys_time<micros> now, const zone_offset& zones)
    : question_{question}, now_{now}, calendar_{zones} {}

  answer<tool_result> answer_now() const {
    const auto shown = calendar_.shown_in(now_, question_.timezone);
    if (!shown)
      return shown.error();
    return told(*shown, question_.timezone,
                {{"datetime", shown->text()}, {"timezone", question_.timezone}});
  }

  answer<tool_result> answer_convert() const {
    if (auto missing = missing_one({{"datetime", question_.datetime.has_value()},
                                    {"to_timezone", question_.to_timezone.has_value()}}))
      return *missing;
    const auto source = start();
    if (!source)
      return source.error();
    const auto shown = calendar_.shown_in(source->utc, *question_.to_timezone);
    if (!shown)
      return shown.error();
    return told(*shown, *question_.to_timezone,
                {{"datetime", shown->text()},
                 {"timezone", *question_.to_timezone},
                 {"source", source->text()}});
  }

  answer<tool_result> answer_add() const {
    if (auto missing = missing_one({{"datetime", question_.datetime.has_value()},
                                    {"amount", question_.amount.has_value()},
                                    {"unit", question_.unit.has_value()}}))
      return *missing;
    const auto source = start();
    if (!source)
      return source.error();
    const auto sum = added(*source);
    if (!sum)
      return sum.error();
    return told(*sum, {}, {{"datetime", sum->text()}, {"source", source->text()}});
  }

  answer<tool_result> answer_diff() const {
    if (auto missing = missing_one(
          {{"datetime", question_.datetime.has_value()}, {"end", question_.end.has_value()}}))
      return *missing;
    const auto from = start();
    if (!from)
      return from.error();
    const auto to = calendar_.read(*question_.end, "end", question_.timezone);
    if (!to)
      return to.error();
    return difference(*from, *to);
  }

  answer<tool_result> answer_weekday() const {
    if (auto missing = missing_one({{"datetime", question_.datetime.has_value()}}))
      return *missing;
    const auto day = start();
    if (!day)
      return day.error();
    return told(*day, {}, {{"datetime", day->text()}});
  }

private:
  struct needed {
    const char* name;
    bool is_there;
  };

  std::optional<date_problem> missing_one(std::initializer_list<needed> all) const {
    auto names = std::string{};
    for (const auto& one : all) {
      if (!one.is_there)
        names += (names.empty() ? "" : ", ") + std::string{one.name};
    }
    if (names.empty())
      return std::nullopt;
    return date_problem{"operation '" + question_.operation + "' also needs: " + names};
  }

  answer<moment> start() const {
    return calendar_.read(*question_.datetime, "datetime", question_.timezone);
  }

  static tool_result told(const moment& m, const std::string& zone, json::object data) {
    const auto day = weekday_name(m.local());
    data["weekday"] = day;
    auto result = tool_result{};
    result.content = m.text() + (zone.empty() ? "" : " " + zone) + " (" + std::string{day} + ")";
    result.data = json_text(data);
    return result;
  }

  static std::optional<std::int64_t> seconds_of(const std::string& unit) {
    if (unit == "weeks")
      return 604'800;
    if (unit == "days")
      return 86'400;
    if (unit == "hours")
      return 3'600;
    if (unit == "minutes")
      return 60;
    return unit == "seconds" ? std::optional<std::int64_t>{1} : std::nullopt;
  }

  answer<moment> added(const moment& source) const {
    const auto unit = seconds_of(*question_.unit);
    if (!unit)
      return date_problem{"unit must be weeks, days, hours, minutes or seconds"};
    const auto amount = *question_.amount;
    if (amount > seconds_max / *unit || amount < -seconds_max / *unit)
      return date_problem{"the result is not between the years 1 and 9999"};
    const auto span = chrono::seconds{amount * *unit};
    const auto by_calendar = *unit >= 86'400 && !source.zone.empty();
    if (by_calendar)
      return calendar_.when_shown(source.local() + span, source.zone);
    if (!source.zone.empty())
      return calendar_.shown_in(source.utc + span, source.zone);
    const auto sum = moment{source.utc + span, {}, source.offset};
    if (!in_range(sum.local()))
      return date_problem{"the result is not between the years 1 and 9999"};
    return sum;
  }

  /// Whole days towards zero, so that a negative span reads as the positive one with a minus.
  static tool_result difference(const moment& from, const moment& to) {
    const auto span = to.utc - from.utc;
    const auto days = chrono::duration_cast<chrono::days>(span);
    const auto whole = span % chrono::seconds{1} == micros{0};
    const auto seconds = chrono::duration<double>{span}.count();
    const auto text = [whole](micros m) {
      return whole ? std::to_string(chrono::duration_cast<chrono::seconds>(m).count())
                   : float_text(chrono::duration<double>{m}.count());
    };
    auto result = tool_result{};
    result.content = text(span) + " seconds (" + std::to_string(days.count()) + " days and "
                     + text(span - days) + " seconds)";
    result.data = json_text(json::object{
      {"total_seconds",
       whole ? json::value(static_cast<std::int64_t>(seconds)) : json::value(seconds)},
      {"days", static_cast<std::int64_t>(days.count())},
      {"start", from.text()},
      {"end", to.text()},
    });
    return result;
  }

  const date_question& question_;
  chrono::sys_time<micros> now_;
  calendar calendar_;
};

answer<tool_result> answered(const date_question& question, const clerk& c) {
  if (question.operation == "now")
    return c.answer_now();
  if (question.operation == "convert")
    return c.answer_convert();
  if (question.operation == "add")
    return c.answer_add();
  if (question.operation == "diff")
    return c.answer_diff();
  if (question.operation == "weekday")
    return c.answer_weekday();
  return date_problem{"operation must be now, convert, add, diff or weekday"};
}

}  // namespace

tool_result answer_date(const date_question& question,
                        std::chrono::sys_time<std::chrono::microseconds> now,
                        const zone_offset& zones) {
  auto result = answered(question, clerk{question, now, zones});
  if (!result)
    return error_result(result.error().text);
  return std::move(*result);
}

}  // namespace persona_runtime
