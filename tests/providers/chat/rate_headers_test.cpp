// Limits of a key, as the heads of answers say them.

#include "providers/chat/rate_headers.hpp"
#include "tests/support/catch.hpp"

namespace persona_runtime {
namespace {

TEST_CASE("OpenAI's headers say what is left of requests and tokens", "[providers][rate]") {
  const auto said = rate_report_of({200,
                                    {{"X-RateLimit-Limit-Requests", "6000"},
                                     {"x-ratelimit-remaining-requests", "5999"},
                                     {"x-ratelimit-reset-requests", "10ms"},
                                     {"x-ratelimit-limit-tokens", "150000"},
                                     {"x-ratelimit-remaining-tokens", "149984"},
                                     {"x-ratelimit-reset-tokens", "6m0s"}}});
  CHECK(said.requests == rate_window{6'000, 5'999, 10});
  CHECK(said.tokens == rate_window{150'000, 149'984, 360'000});
}

TEST_CASE("Anthropic's headers say the same under other names", "[providers][rate]") {
  const auto said = rate_report_of({200,
                                    {{"anthropic-ratelimit-requests-limit", "50"},
                                     {"anthropic-ratelimit-requests-remaining", "0"},
                                     {"anthropic-ratelimit-requests-reset", "2026-01-31T23:59:58Z"},
                                     {"anthropic-ratelimit-tokens-limit", "40000"}}});
  CHECK(said.requests == rate_window{50, 0, std::nullopt});
  CHECK(said.tokens == rate_window{40'000, std::nullopt, std::nullopt});
}

TEST_CASE("a head that says nothing of limits, or nonsense, says nothing", "[providers][rate]") {
  CHECK(rate_report_of({200, {}}) == rate_report{});
  const auto odd = rate_report_of({429,
                                   {{"x-ratelimit-limit-requests", "-1"},
                                    {"x-ratelimit-remaining-requests", "99999999999999999999"},
                                    {"x-ratelimit-limit-tokens", "many"},
                                    {"x-ratelimit-reset-tokens", "soon"}}});
  CHECK(odd == rate_report{});
}

TEST_CASE("durations until a reset", "[providers][rate]") {
  CHECK(reset_duration_ms("7.66s") == 7'660);
  CHECK(reset_duration_ms("2m59.56s") == 179'560);
  CHECK(reset_duration_ms("1h0m3s") == 3'603'000);
  CHECK(reset_duration_ms("1d") == 86'400'000);
  CHECK(reset_duration_ms("2") == 2'000);
  CHECK(reset_duration_ms("0s") == 0);
  for (const auto* text : {"", "s", "1x", "1m2", "-1s", "1..2s", "999999999999999d", "1 s"})
    CHECK_FALSE(reset_duration_ms(text).has_value());
}

}  // namespace
}  // namespace persona_runtime
