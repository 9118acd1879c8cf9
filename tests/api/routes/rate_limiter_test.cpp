#include "api/routes/rate_limiter.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;

namespace {

constexpr auto start = instant{1'767'225'600'000};  // the beginning of a minute

instant after(std::int64_t ms) {
  return {start.value + ms};
}

}  // namespace

TEST_CASE("HT-17 over the limit a window refuses, the next one passes", "[api][rates]") {
  auto limiter = rate_limiter{{.runs_per_minute = 2}};
  const auto alice = owner_id{"alice"};
  CHECK(limiter.count(alice, rate_class::runs, start)->remaining == 1);
  CHECK(limiter.count(alice, rate_class::runs, after(30'000))->remaining == 0);
  const auto refused = limiter.count(alice, rate_class::runs, after(30'001));
  REQUIRE(refused);
  CHECK_FALSE(refused->allowed);
  CHECK(refused->limit == 2);
  CHECK(refused->remaining == 0);
  CHECK(refused->reset_s == start.value / 1000 + 60);
  CHECK(refused->retry_after_s == 30);
  CHECK(limiter.count(alice, rate_class::runs, after(59'999))->retry_after_s == 1);
  CHECK(limiter.count(alice, rate_class::runs, after(60'000))->allowed);
}

TEST_CASE("owners and classes have windows of their own; no limit counts nothing", "[api][rates]") {
  auto limiter = rate_limiter{{.runs_per_minute = 1, .default_per_minute = 1}};
  CHECK(limiter.count({"alice"}, rate_class::runs, start)->allowed);
  CHECK_FALSE(limiter.count({"alice"}, rate_class::runs, start)->allowed);
  CHECK(limiter.count({"alice"}, rate_class::standard, start)->allowed);
  CHECK(limiter.count({"bob"}, rate_class::runs, start)->allowed);
  CHECK_FALSE(limiter.count({"bob"}, rate_class::messages, start));
  CHECK_FALSE(limiter.count({"bob"}, rate_class::none, start));
}

TEST_CASE("a limit of zero lets nothing through", "[api][rates]") {
  auto limiter = rate_limiter{{.default_per_minute = 0}};
  CHECK_FALSE(limiter.count({"a"}, rate_class::standard, start)->allowed);
}

TEST_CASE("the verdict as header lines", "[api][rates]") {
  CHECK(rate_headers({true, 5, 4, 120, 60})
        == "X-RateLimit-Limit: 5\r\nX-RateLimit-Remaining: 4\r\nX-RateLimit-Reset: 120\r\n");
}
