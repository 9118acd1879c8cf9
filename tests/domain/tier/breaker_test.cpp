#include "domain/tier/breaker.hpp"
#include "tests/domain/tier/model_errors.hpp"
#include "tests/support/catch.hpp"

namespace persona_runtime {
namespace {

using namespace testing;
using enum breaker_verdict;

constexpr auto noon = instant{noon_ms};

instant later(std::int64_t ms) {
  return {noon.value + ms};
}

const auto down = an_error(model_error_class::provider_error, 503);

breaker open_at(instant now) {
  auto b = breaker{};
  for (auto i = 0; i < 5; ++i)
    b.on_failure(down, now);
  return b;
}

}  // namespace

TEST_CASE("a breaker opens after five failures in a row", "[domain][tier]") {
  auto b = breaker{};
  for (auto i = 0; i < 4; ++i)
    b.on_failure(down, noon);
  CHECK(b.ask(noon) == pass);
  b.on_success();
  for (auto i = 0; i < 4; ++i)
    b.on_failure(down, noon);
  CHECK(b.state() == breaker_state::closed);
  b.on_failure(down, noon);
  CHECK(b.state() == breaker_state::open);
  CHECK(b.ask(later(4'999)) == wait);
  CHECK(b.retry_at() == later(5'000));
}

TEST_CASE("one probe at a time closes a breaker", "[domain][tier]") {
  auto b = open_at(noon);
  CHECK(b.look(later(5'000)) == probe);
  CHECK(b.ask(later(5'000)) == probe);
  CHECK(b.ask(later(5'001)) == wait);
  CHECK(b.ask(later(500'000)) == wait);
  b.on_success();
  CHECK(b.ask(later(500'000)) == pass);
}

TEST_CASE("pauses double up to a minute, and begin anew", "[domain][tier]") {
  auto b = open_at(noon);
  auto now = noon;
  for (const auto pause : {5, 10, 20, 40, 60, 60}) {
    const auto due = instant{now.value + pause * 1'000};
    CHECK(b.look({due.value - 1}) == wait);
    REQUIRE(b.ask(due) == probe);
    b.on_failure(down, due);
    now = due;
  }
  const auto due = b.retry_at();
  REQUIRE(b.ask(due) == probe);
  b.on_success();
  for (auto i = 0; i < 5; ++i)
    b.on_failure(down, due);
  CHECK(b.retry_at() == instant{due.value + 5'000});
}

TEST_CASE("an abandoned probe leaves its place to the next", "[domain][tier]") {
  auto b = open_at(noon);
  REQUIRE(b.ask(later(5'000)) == probe);
  b.on_abandoned();
  CHECK(b.ask(later(5'000)) == probe);
}

TEST_CASE("a probe that is answered with a fault of the request found somebody", "[domain][tier]") {
  auto b = open_at(noon);
  REQUIRE(b.ask(later(5'000)) == probe);
  b.on_failure(an_error(model_error_class::provider_error, 400), later(5'001));
  CHECK(b.state() == breaker_state::closed);
}

TEST_CASE("what began before a breaker opened does not close it", "[domain][tier]") {
  auto b = open_at(noon);
  b.on_success();
  CHECK(b.ask(noon) == wait);
  b.on_failure(down, later(4'000));
  CHECK(b.retry_at() == later(5'000));
}

TEST_CASE("a refused key shuts a breaker for good", "[domain][tier]") {
  for (const auto status : {401, 403}) {
    auto b = breaker{};
    b.on_failure(an_error(model_error_class::authentication, status), noon);
    CHECK(b.ask(later(1'000'000'000)) == shut);
    b.on_success();
    CHECK(b.ask(later(1'000'000'000)) == shut);
  }
}

TEST_CASE("pacing and bad requests do not count", "[domain][tier]") {
  using enum model_error_class;
  CHECK(weight_of(an_error(rate_limit, 429)) == failure_weight::none);
  CHECK(weight_of(an_error(rate_limit, 429, "insufficient_quota")) == failure_weight::none);
  CHECK(weight_of(an_error(provider_error, 400)) == failure_weight::none);
  CHECK(weight_of(an_error(provider_error, 413)) == failure_weight::none);
  CHECK(weight_of(an_error(provider_error, 422)) == failure_weight::none);
  CHECK(weight_of(an_error(vision_not_supported)) == failure_weight::none);
  CHECK(weight_of(an_error(rate_limit, 402, "insufficient_quota")) == failure_weight::counts);
  CHECK(weight_of(an_error(model_not_found, 404)) == failure_weight::counts);
  CHECK(weight_of(an_error(backend_timeout)) == failure_weight::counts);
  CHECK(weight_of(an_error(provider_error, 0, "broken_stream")) == failure_weight::counts);
  for (const auto status : {409, 500, 502, 503, 504, 529})
    CHECK(weight_of(an_error(provider_error, status)) == failure_weight::counts);
  auto b = breaker{};
  for (auto i = 0; i < 50; ++i)
    b.on_failure(an_error(rate_limit, 429), noon);
  CHECK(b.state() == breaker_state::closed);
}

}  // namespace persona_runtime
