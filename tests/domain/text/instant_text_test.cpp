#include "domain/text/instant_text.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

TEST_CASE("instant: written in one form, and read back", "[domain][text]") {
  struct row {
    std::int64_t ms;
    const char* text;
  };
  for (const auto& [ms, text] :
       {row{0, "1970-01-01T00:00:00Z"}, row{1'795'249'530'000, "2026-11-21T08:25:30Z"},
        row{1'795'249'530'007, "2026-11-21T08:25:30.007000Z"},
        row{-1, "1969-12-31T23:59:59.999000Z"}, row{-61'590'672'000'000, "0018-04-09T00:00:00Z"}}) {
    CAPTURE(text);
    CHECK(to_text({ms}) == text);
    REQUIRE(instant_of(text));
    CHECK(instant_of(text)->value == ms);
  }
}

TEST_CASE("instant: what to_text cannot have written is none", "[domain][text]") {
  for (const char* text :
       {"", "Z", "2026-11-21", "2026-11-21T07:32:10", "2026-11-21T07:32:10+00:00",
        "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T0a:00:00Z",
        "2026-11-21T07:32:10ZZ", "now"}) {
    CAPTURE(text);
    CHECK_FALSE(instant_of(text));
  }
}
