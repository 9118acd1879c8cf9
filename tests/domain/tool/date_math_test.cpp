#include "domain/tool/date_math.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace std::chrono_literals;

namespace {

using micros = std::chrono::sys_time<std::chrono::microseconds>;

// 2026-03-28T23:00:00Z; in "Test/City" clocks go from +1 to +2 at 2026-03-29T01:00Z and back at
// 2026-10-25T01:00Z, as in Oslo.
constexpr auto spring = std::chrono::sys_seconds{1'774'746'000s};
constexpr auto autumn = std::chrono::sys_seconds{1'792'890'000s};
constexpr auto now = micros{1'774'738'800s};

std::optional<std::chrono::seconds> zones(std::string_view zone, std::chrono::sys_seconds at) {
  if (zone == "UTC")
    return 0s;
  if (zone == "Test/West")
    return -12'600s;
  if (zone != "Test/City")
    return std::nullopt;
  return at >= spring && at < autumn ? 7'200s : 3'600s;
}

tool_result ask(const date_question& question) {
  return answer_date(question, now, zones);
}

std::string added(std::string datetime, std::int64_t amount, std::string unit,
                  std::string zone = "Test/City") {
  auto question = date_question{"add", std::move(zone)};
  question.datetime = std::move(datetime);
  question.amount = amount;
  question.unit = std::move(unit);
  const auto result = ask(question);
  return result.is_error ? "error: " + result.content : result.content;
}

std::string converted(std::string datetime, std::string to, std::string zone = "UTC") {
  auto question = date_question{"convert", std::move(zone)};
  question.datetime = std::move(datetime);
  question.to_timezone = std::move(to);
  const auto result = ask(question);
  return result.is_error ? "error: " + result.content : result.content;
}

tool_result difference(std::string from, std::string to, std::string zone = "UTC") {
  auto question = date_question{"diff", std::move(zone)};
  question.datetime = std::move(from);
  question.end = std::move(to);
  return ask(question);
}

}  // namespace

TEST_CASE("BT-15 now tells date, time, zone and weekday", "[domain][tool][datetime]") {
  const auto utc = ask({});
  CHECK(utc.content == "2026-03-28T23:00:00+00:00 UTC (Saturday)");
  CHECK(utc.data
        == R"({"datetime":"2026-03-28T23:00:00+00:00","timezone":"UTC","weekday":"Saturday"})");
  CHECK(ask({"now", "Test/City"}).content == "2026-03-29T00:00:00+01:00 Test/City (Sunday)");
  CHECK(ask({"now", "Test/West"}).content == "2026-03-28T19:30:00-03:30 Test/West (Saturday)");
}

TEST_CASE("BT-15 an unknown zone is named", "[domain][tool][datetime]") {
  CHECK(ask({"now", "Nowhere/City"}).content
        == "unknown timezone 'Nowhere/City'; use an IANA name such as Europe/Oslo");
  CHECK(converted("2026-01-01T12:00Z", "Moon").starts_with("error: unknown timezone 'Moon'"));
  CHECK(converted("2026-01-01T12:00", "UTC", "Moon").starts_with("error: unknown timezone 'Moon'"));
}

TEST_CASE("BT-15 convert shifts by the zone's offset", "[domain][tool][datetime]") {
  CHECK(converted("2026-01-10T12:00:00Z", "Test/City")
        == "2026-01-10T13:00:00+01:00 Test/City (Saturday)");
  CHECK(converted("2026-07-10T12:00:00Z", "Test/City")
        == "2026-07-10T14:00:00+02:00 Test/City (Friday)");
  CHECK(converted("2026-07-10T12:00:00-03:30", "UTC") == "2026-07-10T15:30:00+00:00 UTC (Friday)");
}

TEST_CASE("BT-15 a time without an offset is in `timezone`", "[domain][tool][datetime]") {
  CHECK(converted("2026-07-10T12:00", "UTC", "Test/City")
        == "2026-07-10T10:00:00+00:00 UTC (Friday)");
  CHECK(converted("2026-07-10", "UTC", "Test/City") == "2026-07-09T22:00:00+00:00 UTC (Thursday)");
}

TEST_CASE("BT-15 adding minus one day subtracts", "[domain][tool][datetime]") {
  CHECK(added("2026-03-01T12:00", -1, "days") == "2026-02-28T12:00:00+01:00 (Saturday)");
  CHECK(added("2024-02-28", 1, "days", "UTC") == "2024-02-29T00:00:00+00:00 (Thursday)");
  CHECK(added("2026-01-01T00:00Z", 2, "weeks") == "2026-01-15T00:00:00+00:00 (Thursday)");
  CHECK(added("2026-01-01T00:00Z", -90, "minutes") == "2025-12-31T22:30:00+00:00 (Wednesday)");
  CHECK(added("2026-01-01T00:00:00.25Z", 1, "seconds")
        == "2026-01-01T00:00:01.250000+00:00 (Thursday)");
}

TEST_CASE("Q-20 days go by the calendar, hours as they pass", "[domain][tool][datetime]") {
  CHECK(added("2026-03-28T12:00", 1, "days") == "2026-03-29T12:00:00+02:00 (Sunday)");
  CHECK(added("2026-03-28T12:00", 24, "hours") == "2026-03-29T13:00:00+02:00 (Sunday)");
  CHECK(difference("2026-03-28T12:00", "2026-03-29T12:00", "Test/City").content
        == "82800 seconds (0 days and 82800 seconds)");
}

TEST_CASE("Times that a clock skips or shows twice", "[domain][tool][datetime]") {
  CHECK(converted("2026-03-29T02:30", "Test/City", "Test/City")
        == "2026-03-29T03:30:00+02:00 Test/City (Sunday)");
  CHECK(converted("2026-10-25T02:30", "Test/City", "Test/City")
        == "2026-10-25T02:30:00+02:00 Test/City (Sunday)");
  CHECK(added("2026-03-28T02:30", 1, "days") == "2026-03-29T03:30:00+02:00 (Sunday)");
}

TEST_CASE("diff counts seconds and whole days, with a sign", "[domain][tool][datetime]") {
  const auto forward = difference("2026-01-01", "2026-01-03T01:00");
  CHECK(forward.content == "176400 seconds (2 days and 3600 seconds)");
  CHECK(forward.data
        == R"({"total_seconds":176400,"days":2,"start":"2026-01-01T00:00:00+00:00",)"
           R"("end":"2026-01-03T01:00:00+00:00"})");
  CHECK(difference("2026-01-03T01:00", "2026-01-01").content
        == "-176400 seconds (-2 days and -3600 seconds)");
  CHECK(difference("2026-01-01T00:00:00Z", "2026-01-01T00:00:01.5Z").content
        == "1.5 seconds (0 days and 1.5 seconds)");
}

TEST_CASE("weekday of a given date", "[domain][tool][datetime]") {
  auto question = date_question{"weekday"};
  question.datetime = "2000-02-29";
  CHECK(ask(question).content == "2000-02-29T00:00:00+00:00 (Tuesday)");
  CHECK(ask(question).data == R"({"datetime":"2000-02-29T00:00:00+00:00","weekday":"Tuesday"})");
}

TEST_CASE("BT-15 what an operation lacks is named", "[domain][tool][datetime]") {
  CHECK(ask({"convert"}).content == "operation 'convert' also needs: datetime, to_timezone");
  CHECK(ask({"add"}).content == "operation 'add' also needs: datetime, amount, unit");
  CHECK(ask({"diff"}).content == "operation 'diff' also needs: datetime, end");
  CHECK(ask({"weekday"}).content == "operation 'weekday' also needs: datetime");
  CHECK(ask({"jump"}).content == "operation must be now, convert, add, diff or weekday");
  CHECK(added("2026-01-01", 1, "years")
        == "error: unit must be weeks, days, hours, minutes or seconds");
}

TEST_CASE("Texts that are no time are refused by name", "[domain][tool][datetime]") {
  for (const auto* text :
       {"", "tomorrow", "2026", "2026-13-01", "2026-02-29", "2026-1-1", "0000-01-01", "2026-01-01T",
        "2026-01-01T24:00", "2026-01-01T12", "2026-01-01T12:60", "2026-01-01T12:00:60",
        "2026-01-01T12:00:00.", "2026-01-01T12:00+25:00", "2026-01-01T12:00+02:", "2026-01-01x",
        "2026-01-01T12:00Zx", "2026-0101", "2026-01-01T1200:00"}) {
    CAPTURE(text);
    CHECK(converted(text, "UTC").find("is no ISO 8601 time") != std::string::npos);
  }
  CHECK(difference("2026-01-01", "soon").content.starts_with("end 'soon' is no ISO 8601 time"));
}

TEST_CASE("All usual ways to write a time are read", "[domain][tool][datetime]") {
  for (const auto* text : {"2026-07-10T12:00Z", "2026-07-10 12:00:00z", "20260710T120000Z",
                           "20260710T1200+0000", "2026-07-10T14:00:00.000+02",
                           "2026-07-10T14:00:00,000000000+02:00", " 2026-07-10T12:00Z "}) {
    CAPTURE(text);
    CHECK(converted(text, "UTC") == "2026-07-10T12:00:00+00:00 UTC (Friday)");
  }
}

TEST_CASE("Results out of range are refused at every size", "[domain][tool][datetime]") {
  const auto out = std::string{"error: the result is not between the years 1 and 9999"};
  CHECK(added("9999-12-31T23:59:59Z", 0, "seconds") == "9999-12-31T23:59:59+00:00 (Friday)");
  CHECK(added("9999-12-31T23:59:59Z", 1, "seconds") == out);
  CHECK(added("0001-01-01T00:00", -1, "days", "UTC") == out);
  CHECK(added("2026-01-01T00:00", 9'000'000'000'000'000, "weeks") == out);
  CHECK(added("2026-01-01T00:00", -9'000'000'000'000'000, "seconds") == out);
  CHECK(converted("9999-12-31T23:30Z", "Test/City") == out);
}
