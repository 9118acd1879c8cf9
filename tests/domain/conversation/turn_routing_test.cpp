// Which tier a turn goes to, as its operator and its persona want it.

#include "tests/support/catch.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/turn_driver.hpp"

namespace persona_runtime {
namespace {

using namespace test;
using texts = std::vector<std::string>;

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

model_entry priced(const char* name, double cents_per_1k) {
  auto m = lab_model(name);
  m.price = model_price{cents_per_1k, cents_per_1k};
  m.context_window = 200'000;
  return m;
}

/// A frontier of three models, of which the last is the one to ask, and a persona that wants that.
turn_options intelligent() {
  auto options = turn_options{};
  options.tiers = three_tiers();
  options.tiers.tiers[0].members = {priced("dear", 10), lab_model("unknown"), priced("good", 1)};
  options.who.routing.intelligent = true;
  options.adjust = [](turn_rules& rules) {
    const auto label = [](const char* name) { return lab_model(name).label(); };
    rules.traits = std::make_shared<const model_traits_table>(
      model_traits_table{{label("dear"), {0.9, 500}}, {label("good"), {0.8, 100}}});
  };
  return options;
}

std::string done_of(const turn_driver& t) {
  const auto body = t.body();
  const auto at = body.find(R"("type":"done")");
  REQUIRE(at != std::string::npos);
  return body.substr(at, body.find('\n', at) - at);
}

TEST_CASE("TURN-31 a persona that wants it is asked of the model that suits it",
          "[domain][conversation]") {
  auto t = turn_driver{intelligent()};
  CHECK(t.request().walk.member == 2);
  t.model_says("Three.");
  const auto log = t.log();
  const auto good = lab_model("good").label();
  REQUIRE(log.routing);
  CHECK(log.routing->model == good);
  CHECK(log.routing->model_candidates == texts{good, lab_model("dear").label()});
  CHECK(log.routing->score_vector.at("latency") == 1);
  CHECK(log.routing->weights_used.at("quality") == 0.5);
  CHECK(log.model_name == "good");
  CHECK(log.tier_model_chosen == "good");
  const auto done = done_of(t);
  CHECK(done.find(R"("routing":{"chosen_model":")" + good
                  + R"(","dominant_factor":"quality","model_fallback_engaged":false,)"
                  + R"("model_fallback_reason":null})")
        != std::string::npos);
  CHECK(done.find("score") == std::string::npos);
  CHECK(done.find("budget") == std::string::npos);
}

TEST_CASE("TURN-31 nobody else is told of it, and its order is that of the configuration",
          "[domain][conversation]") {
  auto options = intelligent();
  options.who.routing.intelligent = false;
  auto t = turn_driver{options};
  CHECK(t.request().walk.member == 0);
  t.model_says("Three.");
  CHECK(done_of(t).find("routing") == std::string::npos);
  CHECK(t.log().routing->model_candidates.empty());
}

TEST_CASE("TURN-31 where nothing is known of the models, the end says so",
          "[domain][conversation]") {
  auto options = intelligent();
  options.adjust = {};
  auto t = turn_driver{options};
  CHECK(t.request().walk.member == 0);
  t.model_says("Three.");
  CHECK(done_of(t).find(R"("dominant_factor":null,"model_fallback_engaged":true,)"
                        R"("model_fallback_reason":"metadata_miss")")
        != std::string::npos);
  options.who.routing.rules_on_miss = false;
  const auto strict = turn_driver{options};
  CHECK(strict.sent.empty());
  CHECK(strict.last<turn_fact::failed>().kind == "no_metadata");
}

TEST_CASE("TURN-32 what the conversation has cost, with the caps that are set and no other",
          "[domain][conversation]") {
  auto options = intelligent();
  options.who.routing.cents_per_session_max = 25;
  options.spent.session_cents = 2;
  auto t = turn_driver{options};
  t.model_says("Three.", {1'000, 500, false});
  CHECK(done_of(t).find(R"("budget":{"session_spent_cents":3.5,"max_cents_per_session":25})")
        != std::string::npos);

  options.who.routing.cents_per_session_max.reset();
  auto uncapped = turn_driver{options};
  uncapped.model_says("Three.");
  CHECK(done_of(uncapped).find("budget") == std::string::npos);
  options.who.routing.cents_per_session_max = 25;
  options.who.routing.intelligent = false;
  auto off = turn_driver{options};
  off.model_says("Three.");
  CHECK(done_of(off).find("budget") == std::string::npos);
}

TEST_CASE("TURN-33 a cap of the day is kept by reservations and refuses no turn (D-26)",
          "[domain][conversation]") {
  auto options = intelligent();
  options.who.routing.cents_per_day_max = 5;
  auto t = turn_driver{options};
  t.model_says("Three.", {1'000, 500, false});
  CHECK(t.state.status == message_status::complete);
  CHECK(done_of(t).find(R"("budget":{"session_spent_cents":1.5,"max_cents_per_day":5})")
        != std::string::npos);
}

TEST_CASE("a turn falls over in its own order, and a round begins with its first model again",
          "[domain][conversation]") {
  auto t = turn_driver{intelligent()};
  const auto refused = error_with(model_error_class::authentication);
  t.model_fails_in_tier(refused);
  REQUIRE(t.open_call);
  CHECK(t.open_call->what->walk.member == 0);
  CHECK(t.last<fact::fell_over>().to == lab_model("dear").label());
  t.model_fails_in_tier(refused);
  CHECK(t.open_call->what->walk.member == 1);
  t.model_calls({wants("search")});
  t.tool_returns(0, "found");
  CHECK(t.request().walk.member == 2);
  t.model_says("Three.");
  CHECK(t.answer() == "Three.");

  auto gives_up = turn_driver{intelligent()};
  for (auto i = 0; i < 3; ++i)
    gives_up.model_fails_in_tier(refused);
  CHECK(gives_up.state.status == message_status::error);
  CHECK(gives_up.sent.size() == 3);
}

TEST_CASE("a model that was not sent the call does not count in a turn's usage",
          "[domain][conversation]") {
  auto t = turn_driver{intelligent()};
  t.model_fails_in_tier(not_sent(model_error_class::authentication, "the key was refused"));
  const auto served = t.request().walk.member;
  t.model_says("Three.");
  const auto& tally = t.state.desk.tally;
  CHECK(tally.total().calls == 1);
  CHECK(tally.by_model().size() == 1);
  CHECK(served == 0);
}

TEST_CASE("models that are left alone are passed over in the turn's own order",
          "[domain][conversation]") {
  auto options = intelligent();
  options.adjust = [before = options.adjust](turn_rules& rules) {
    before(rules);
    rules.is_up = [](std::string_view, std::uint32_t member) { return member != 2; };
  };
  auto t = turn_driver{options};
  CHECK(t.request().walk.member == 0);
  CHECK(t.last<fact::reserved>().model == lab_model("dear").label());
  CHECK(t.count("fell_over") == 0);
  t.model_says("Three.");
  CHECK(t.state.status == message_status::complete);
}

TEST_CASE("a message that is too long for a model goes to one with a larger window",
          "[domain][conversation]") {
  auto options = turn_options{};
  auto small = lab_model("small window");
  small.context_window = 1'000;
  small.reply_tokens_max = 500;
  auto large = lab_model("large window");
  large.context_window = 200'000;
  options.tiers.tiers[0].members = {small, large};
  options.text.assign(5'000, 'a');
  auto t = turn_driver{options};
  CHECK(t.request().walk.member == 1);
  CHECK(t.last<fact::reserved>().model == large.label());
  t.model_says("Long.");
  CHECK(t.state.status == message_status::complete);

  options.tiers.tiers[0].members.pop_back();
  const auto alone = turn_driver{options};
  CHECK(alone.last<turn_fact::failed>().kind == "context_overflow");
}

TEST_CASE("what is the request's own fault falls over in no order", "[domain][conversation]") {
  auto t = turn_driver{intelligent()};
  t.model_fails_in_tier(error_with(model_error_class::provider_error, 400));
  CHECK(t.sent.size() == 1);
  CHECK(t.state.status == message_status::error);
}

TEST_CASE("AC-MM-14 within a tier an image goes to the models that take images",
          "[domain][conversation]") {
  auto options = turn_options{};
  auto seeing = lab_model("seeing");
  seeing.vision = true;
  options.tiers.tiers[0].members = {lab_model("blind"), seeing, lab_model("blind too")};
  options.images.push_back({"harbour.png", image_type::png, {}});
  auto t = turn_driver{options};
  CHECK(t.request().walk.member == 1);
  t.model_fails_in_tier(error_with(model_error_class::authentication));
  CHECK(t.sent.size() == 1);
  CHECK(t.state.status == message_status::error);
}

}  // namespace
}  // namespace persona_runtime
