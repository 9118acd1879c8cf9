#include "domain/yaml/timestamp.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

TEST_CASE("a time keeps its instant and its offset", "[domain][yaml]") {
  struct row {
    std::string_view text;
    std::int64_t at_ms;
    std::int32_t offset_minutes;
    std::string_view written;
  };
  auto given =
    GENERATE(row{"1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"},
             row{"1970-01-01T00:00:01.5z", 1'500, 0, "1970-01-01T00:00:01.500Z"},
             row{"1970-01-01 02:00 +2", 0, 120, "1970-01-01T02:00:00+02:00"},
             row{"1970-01-01t00:00:00-05:30", 19'800'000, -330, "1970-01-01T00:00:00-05:30"},
             row{"1970-01-01T01:00:00+0100", 0, 60, "1970-01-01T01:00:00+01:00"},
             row{"2026-03-02T18:40:00+01:00", 1'772'473'200'000, 60, "2026-03-02T18:40:00+01:00"},
             row{"2024-02-29T00:00:00.0009Z", 1'709'164'800'000, 0, "2024-02-29T00:00:00Z"},
             row{"1969-12-31T23:59:59.999Z", -1, 0, "1969-12-31T23:59:59.999Z"},
             row{"0001-01-01T00:00:00Z", -62'135'596'800'000, 0, "0001-01-01T00:00:00Z"});
  CAPTURE(given.text);
  auto read = parse_time(given.text);
  REQUIRE(read.has_value());
  CHECK_FALSE(read->naive);
  CHECK(read->value.at.value == given.at_ms);
  CHECK(read->value.offset_minutes == given.offset_minutes);
  CHECK(format_time(read->value) == given.written);
  CHECK(parse_time(given.written)->value == read->value);
}

TEST_CASE("a date or a time without an offset is naive", "[domain][yaml]") {
  for (auto text : {"2026-04-15", "2026-04-15T10:30:00", "2026-04-15 10:30"}) {
    CAPTURE(text);
    auto read = parse_time(text);
    REQUIRE(read.has_value());
    CHECK(read->naive);
  }
}

TEST_CASE("what is no time is refused", "[domain][yaml]") {
  for (auto text : {"",
                    "now",
                    "2026",
                    "2026-13-01",
                    "2026-02-29",
                    "2026-00-10",
                    "2026-04-31T00:00:00Z",
                    "0000-01-01T00:00:00Z",
                    "2026-04-15T24:00:00Z",
                    "2026-04-15T10:60:00Z",
                    "2026-04-15T10:30:60Z",
                    "2026-04-15T10:30:00+24:00",
                    "2026-04-15T10:30:00+02:00x",
                    "2026-04-15T10:30:00 UTC",
                    "2026-04-15T",
                    "2026-04-15T10",
                    "2026-04-15T10:30:00+",
                    "2026-04-15T10:30:00Zx",
                    "26-04-15T10:30:00Z",
                    "2026-04-15T10:30:00+1:2"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}
