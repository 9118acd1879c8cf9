#include "domain/budget/usage_meter.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

fact::reserved reserved(const std::string& model, std::uint64_t prompt, std::uint32_t reply) {
  auto r = fact::reserved{};
  r.model = model;
  r.amount = {prompt + reply, 3.0};
  r.reply_tokens_max = reply;
  r.prompt_cents = 1.0;
  return r;
}

}  // namespace

TEST_CASE("days are UTC and have names", "[domain][usage]") {
  CHECK(day_of({0}) == usage_day{0});
  CHECK(day_of({86'399'999}) == usage_day{0});
  CHECK(day_of({86'400'000}) == usage_day{1});
  CHECK(day_of({-1}) == usage_day{-1});
  CHECK(text_of(usage_day{0}) == "1970-01-01");
  CHECK(text_of(usage_day{20'779}) == "2026-11-22");
  CHECK(parse_usage_day("2026-11-22") == usage_day{20'779});
  CHECK(parse_usage_day("2024-02-29").has_value());
  for (const auto* wrong : {"", "2026-11-2", "2026-13-01", "2026-02-29", "2026/11/22", "1969-12-31",
                            "2026-11-22 ", "-026-11-22", "20x6-11-22"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_usage_day(wrong).has_value());
  }
}

TEST_CASE("usage of a run is what its settled attempts took", "[domain][usage]") {
  auto meter = usage_meter{};
  meter.note(record{reserved("openai/a", 100, 50)});
  meter.note(record{fact::settled{"openai/a", {90, 20, false}, 0.25}});
  meter.note(record{reserved("openai/a", 200, 50)});
  meter.note(record{fact::retried{"openai/a", {}}});  // under the same reservation
  meter.note(record{fact::settled{"groq/b", {150, 5, true}, std::nullopt}});
  const auto taken = meter.take({"alice"}, {"p"}, instant{86'400'000});
  REQUIRE(taken.size() == 2);
  CHECK(taken[0] == usage_entry{{"alice"}, {"p"}, {1}, "groq/b", 1, 150, 5, 0.0, 1, 1});
  CHECK(taken[1] == usage_entry{{"alice"}, {"p"}, {1}, "openai/a", 2, 90, 20, 0.25, 0, 0});
  CHECK(meter.take({"alice"}, {"p"}, {}).empty());
}

TEST_CASE("an attempt that was refused before it was sent is no call", "[domain][usage]") {
  auto meter = usage_meter{};
  meter.note(record{reserved("openai/a", 100, 50)});
  meter.note(record{fact::settled{"openai/a", {}, 0.0, false}});
  meter.note(record{fact::retried{"openai/a", {}, false}});
  meter.note(record{reserved("groq/b", 200, 50)});
  meter.note(record{fact::retried{"groq/b", {}, false}});  // under the same reservation
  meter.note(record{fact::settled{"groq/b", {150, 5, false}, 0.5}});
  const auto taken = meter.take({"alice"}, {"p"}, {});
  REQUIRE(taken.size() == 1);
  CHECK(taken[0] == usage_entry{{"alice"}, {"p"}, {0}, "groq/b", 1, 150, 5, 0.5, 0, 0});
}

TEST_CASE("a hedge counts as a call when it is settled, or when nobody settles anything",
          "[domain][usage]") {
  auto meter = usage_meter{};
  meter.note(record{reserved("openai/a", 100, 50)});
  auto hedge = reserved("groq/b", 100, 50);
  hedge.beside = true;
  meter.note(record{hedge});
  SECTION("both are settled") {
    meter.note(record{fact::settled{"openai/a", {90, 1, true}, 0.25}});
    meter.note(record{fact::settled{"groq/b", {95, 20, false}, 0.5}});
    meter.note(record{fact::finished{}});
    const auto taken = meter.take({"alice"}, {"p"}, {});
    REQUIRE(taken.size() == 2);
    CHECK(taken[0] == usage_entry{{"alice"}, {"p"}, {0}, "groq/b", 1, 95, 20, 0.5, 0, 0});
    CHECK(taken[1] == usage_entry{{"alice"}, {"p"}, {0}, "openai/a", 1, 90, 1, 0.25, 0, 1});
  }
  SECTION("it was never sent") {
    meter.note(record{fact::settled{"openai/a", {90, 20, false}, 0.25}});
    meter.note(record{fact::finished{}});
    CHECK(meter.take({"alice"}, {"p"}, {}).size() == 1);
  }
  SECTION("nobody settles them") {
    meter.note(record{fact::finished{}});
    const auto taken = meter.take({"alice"}, {"p"}, {});
    REQUIRE(taken.size() == 2);
    CHECK(taken[0] == usage_entry{{"alice"}, {"p"}, {0}, "groq/b", 1, 100, 0, 1.0, 0, 1});
    CHECK(taken[1] == usage_entry{{"alice"}, {"p"}, {0}, "openai/a", 1, 100, 0, 1.0, 0, 1});
  }
}

TEST_CASE("an attempt that nobody settles counts with its prompt", "[domain][usage]") {
  auto meter = usage_meter{};
  meter.note(record{reserved("openai/a", 100, 50)});
  SECTION("the run ends") {
    meter.note(record{fact::finished{}});
  }
  SECTION("another incarnation takes it up") {
    meter.forget();
    meter.note(record{fact::resumed{}});
  }
  SECTION("a turn ends") {
    meter.note(turn_record{turn_fact::finished{}});
  }
  SECTION("a turn is taken up") {
    meter.note(turn_record{turn_fact::taken_up{}});
    meter.note(turn_record{turn_fact::finished{}});
  }
  const auto taken = meter.take({"alice"}, {"p"}, {});
  REQUIRE(taken.size() == 1);
  CHECK(taken[0] == usage_entry{{"alice"}, {"p"}, {0}, "openai/a", 1, 100, 0, 1.0, 0, 1});
}
