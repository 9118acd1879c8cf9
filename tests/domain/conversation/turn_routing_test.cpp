// Which tier a turn goes to, as its operator and its persona want it.

#include "tests/support/catch.hpp"
#include "tests/support/turn_driver.hpp"

namespace persona_runtime {
namespace {

using namespace test;

tier_metadata metadata(double in, double out, double latency_ms, std::uint32_t window = 200'000) {
  auto m = tier_metadata{};
  m.cost_input_per_1k_tokens = in;
  m.cost_output_per_1k_tokens = out;
  m.first_token_latency_ms = latency_ms;
  m.context_window = window;
  m.tools = tool_strength::strong;
  return m;
}

/// What the routing specification calls registry E; only its frontier takes images.
tier_table priced_tiers() {
  auto tiers = three_tiers();
  tiers.tiers[0].metadata = metadata(1.5, 7.5, 1200);
  tiers.tiers[1].metadata = metadata(0.08, 0.40, 400);
  tiers.tiers[2].metadata = metadata(0.005, 0.008, 100, 8'000);
  tiers.tiers[0].members[0].vision = true;
  return tiers;
}

turn_options by_score() {
  auto options = turn_options{};
  options.tiers = priced_tiers();
  options.adjust = [](turn_rules& rules) { rules.routing.router = router_kind::unified; };
  return options;
}

TEST_CASE("AC-UR-12 a turn by score: the decision stands in the turn log",
          "[domain][conversation]") {
  auto options = by_score();
  auto clock = 0.0;
  options.adjust = [&clock](turn_rules& rules) {
    rules.routing.router = router_kind::unified;
    rules.routing.now_ms = [&clock] { return clock += 0.5; };
  };
  auto t = turn_driver{options};
  CHECK(t.request().tier == "mid");  // by rules a first turn is one for the frontier
  t.model_says("Three.");
  const auto log = t.log();
  REQUIRE(log.routing);
  CHECK(log.tier_used == "mid");
  CHECK(log.routing->tier == "mid");
  CHECK(log.routing->layer2_score > 0.9);
  CHECK(log.routing->rationale.starts_with("layer2: best=mid score=0.90"));
  CHECK(log.routing_latency_ms > 0);
  CHECK_FALSE(log.routing_fallback_triggered);
}

TEST_CASE("AC-UR-04 a turn by score without any metadata goes by the rules and says so",
          "[domain][conversation]") {
  auto options = by_score();
  options.tiers = three_tiers();
  auto t = turn_driver{options};
  t.model_says("Three.");
  CHECK(t.log().tier_used == "frontier");
  CHECK(t.log().routing_fallback_triggered);
  CHECK(t.log().routing_fallback_reason == "empty_metadata");
}

TEST_CASE("AC-HR-08 an image goes where images are taken, whatever the persona wishes",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.tiers = priced_tiers();
  options.images.push_back({"harbour.png", image_type::png, {}});
  options.who.routing.for_generation = tier_wish::small;
  auto t = turn_driver{options};
  CHECK(t.request().tier == "frontier");
  t.model_says("A harbour.");
  CHECK(t.log().routing_fallback_reason == "persona_override_filtered");
  CHECK(check_turn(*t.frame, t.rules).has_value());
}

TEST_CASE("an image that no tier takes is refused before the turn begins",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.images.push_back({"harbour.png", image_type::png, {}});
  options.recalls = false;
  for (const auto wish : {tier_wish::automatic, tier_wish::frontier}) {
    options.who.routing.for_generation = wish;
    const auto t = turn_driver{options};
    const auto fine = check_turn(*t.frame, t.rules);
    REQUIRE_FALSE(fine.has_value());
    CHECK(fine.error().code == errc::validation_error);
    CHECK(fine.error().detail.find("no_vision_tier") != std::string::npos);
  }
}

TEST_CASE("AC-UR-07 a message that no tier reads ends the turn and names the windows",
          "[domain][conversation]") {
  auto options = by_score();
  options.text.assign(900'000, 'a');
  const auto t = turn_driver{options};
  CHECK(t.state.status == message_status::error);
  CHECK(t.last<turn_fact::failed>().kind == "context_window_exceeded");
  CHECK(t.last<turn_fact::failed>().message.find("context_window>=225000") != std::string::npos);
  CHECK(t.sent.empty());
}

TEST_CASE("force_frontier goes before the persona's wish, and gives way to what cannot be",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.tiers = priced_tiers();
  options.who.routing.for_generation = tier_wish::small;
  options.adjust = [](turn_rules& rules) { rules.routing.force_frontier = true; };
  auto t = turn_driver{options};
  CHECK(t.request().tier == "frontier");
  t.model_says("Yes.");
  CHECK(t.log().routing->rationale == "force_frontier → frontier");

  options.tiers.tiers[0].members[0].vision = false;
  options.tiers.tiers[1].members[0].vision = true;
  options.images.push_back({"harbour.png", image_type::png, {}});
  auto image = turn_driver{options};
  CHECK(image.request().tier == "mid");
  image.model_says("A harbour.");
  CHECK(image.log().routing_fallback_reason == "force_frontier_filtered");
}

TEST_CASE("R-01 in shadow mode the other router is asked as well, and nothing else changes",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.tiers = priced_tiers();
  const auto without = turn_driver{options};
  CHECK_FALSE(without.state.desk.routing_shadow);
  options.adjust = [](turn_rules& rules) { rules.routing.shadows = true; };
  const auto t = turn_driver{options};
  CHECK(t.request().tier == "frontier");
  REQUIRE(t.state.desk.routing_shadow);
  CHECK(t.state.desk.routing_shadow->tier == "mid");
  CHECK(t.body() == without.body());
}

}  // namespace
}  // namespace persona_runtime
