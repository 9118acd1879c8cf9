#include "domain/tier/routing/latency_tracker.hpp"
#include "domain/tier/routing/unified_router.hpp"
#include "tests/support/catch.hpp"

#include <array>

using namespace persona_runtime;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// In cents, out cents, first token.
tier_metadata figures(double in, double out, double ms) {
  auto m = tier_metadata{};
  m.cost_input_per_1k_tokens = in;
  m.cost_output_per_1k_tokens = out;
  m.first_token_latency_ms = ms;
  m.context_window = 200'000;
  m.tools = tool_strength::strong;
  return m;
}

tier_entry a_tier(std::string name, std::optional<tier_metadata> metadata, bool vision = false) {
  auto model = model_entry{};
  model.provider = "p";
  model.model = name + "-model";
  model.vision = vision;
  return {std::move(name), {model}, std::move(metadata)};
}

/// Registry E of the specification.
tier_table registry_e() {
  auto small = figures(0.005, 0.008, 100);
  small.context_window = 8'000;
  small.tools = tool_strength::weak;
  return {{a_tier("frontier", figures(1.5, 7.5, 1'200), true),
           a_tier("mid", figures(0.08, 0.40, 400)), a_tier("small", small)}};
}

routing_context a_turn(std::uint64_t tokens = 0) {
  auto c = routing_context{};
  c.estimated_input_tokens = tokens;
  return c;
}

template <class Change>
routing_context a_turn(std::uint64_t tokens, Change&& change) {
  auto c = a_turn(tokens);
  change(c);
  return c;
}

const auto first = [](routing_context& c) { c.is_first_turn = true; };
const auto about_itself = [](routing_context& c) { c.is_identity_sensitive = true; };
const auto voice = [](routing_context& c) { c.profile = routing_profile::voice; };
const auto both = [](routing_context& c) { c.is_first_turn = c.is_identity_sensitive = true; };
const auto everything = [](routing_context& c) {
  c.is_first_turn = c.is_identity_sensitive = c.requires_strong_tools = c.requires_vision = true;
  c.conversation_phase = "closing";
};

Approx near(double value) {
  return Approx(value).margin(1e-5);
}

}  // namespace

TEST_CASE("AC-UR-01 the quality proxy, exactly", "[domain][tier]") {
  CHECK(quality_proxy(a_turn()) == 0.0);
  CHECK(quality_proxy(a_turn(0, first)) == 0.30);
  CHECK(quality_proxy(a_turn(0, about_itself)) == 0.30);
  CHECK(quality_proxy(a_turn(0, [](auto& c) { c.requires_strong_tools = true; })) == 0.15);
  CHECK(quality_proxy(a_turn(0, [](auto& c) { c.requires_vision = true; })) == 0.10);
  CHECK(quality_proxy(a_turn(4'000)) == 0.10);
  CHECK(quality_proxy(a_turn(8'000)) == 0.10);
  CHECK(quality_proxy(a_turn(0, [](auto& c) { c.conversation_phase = "opening"; })) == 0.05);
  CHECK(quality_proxy(a_turn(0, [](auto& c) { c.conversation_phase = "closing"; })) == 0.05);
  CHECK(quality_proxy(a_turn(0, [](auto& c) { both(c), c.requires_vision = true; })) == 0.70);
  CHECK(quality_proxy(a_turn(10'000, everything)) == 1.0);
  const auto below = quality_proxy(a_turn(0, [](auto& c) {
    first(c);
    c.requires_strong_tools = true;
    c.conversation_phase = "opening";
  }));
  CHECK(below == 0.49999999999999994);
  CHECK(quality_proxy(a_turn(4'000, [](auto& c) { first(c), c.requires_vision = true; })) == 0.5);
}

TEST_CASE("AC-UR-01 the worked example and the fixture of registry E", "[domain][tier]") {
  struct row {
    routing_context turn;
    std::array<double, 3> scores;  // frontier, mid, small
    const char* best;
    const char* by_rules;
  };
  const auto tiers = registry_e();
  const auto rows = std::array<row, 10>{{
    {a_turn(50, [](auto& c) { c.is_boilerplate = true; }),
     {0.17062, 0.72630, 0.99704},
     "small",
     "small"},
    {a_turn(100, [](auto& c) { first(c), c.conversation_phase = "opening"; }),
     {0.34025, 0.90161, 0.82139},
     "mid",
     "frontier"},
    {a_turn(200, about_itself), {0.30450, 0.87722, 0.84510}, "mid", "frontier"},
    {a_turn(250), {0.14913, 0.72752, 0.99445}, "small", "mid"},
    {a_turn(300, [](auto& c) { c.requires_vision = true; }),
     {0.19375, 0.77783, 0.94381},
     "frontier",
     "frontier"},
    {a_turn(500, [](auto& c) { c.requires_strong_tools = true; }),
     {0.19725, 0.80405, 0.91623},
     "mid",
     "mid"},
    {a_turn(80, voice), {0.47920, 0.79847, 0.98731}, "small", "mid"},
    {a_turn(80, [](auto& c) { voice(c), about_itself(c); }),
     {0.56920, 0.88847, 0.89731},
     "small",
     "frontier"},
    {a_turn(50'000), {0.12600, 0.45600, 0.92768}, "mid", "mid"},
    {a_turn(800, [](auto& c) { c.conversation_phase = "closing"; }),
     {0.11500, 0.75588, 0.96236},
     "small",
     "mid"},
  }};
  for (const auto& r : rows) {
    for (auto i = std::size_t{0}; i < 3; ++i) {
      const auto& tier = tiers.tiers[i];
      CHECK(score_tier(tier.name, *tier.metadata, r.turn) == near(r.scores[i]));
    }
    const auto chosen = route_by_score(r.turn, &tiers);
    REQUIRE(chosen.has_value());
    CHECK(chosen->tier == r.best);
    CHECK(route_by_rules(r.turn, &tiers)->tier == r.by_rules);
  }
}

TEST_CASE("AC-UR-01 AC-UR-10 more golden scores", "[domain][tier]") {
  const auto f = figures(2, 10, 2'000);
  CHECK(score_tier("frontier", f, a_turn()) == near(0.06));
  CHECK(score_tier("frontier", f, a_turn(0, voice)) == near(0.36));
  const auto s = figures(0.01, 0.02, 100);
  CHECK(score_tier("small", s, a_turn()) == near(0.9972));
  CHECK(score_tier("small", s, a_turn(0, voice)) == near(0.9878));
  CHECK(score_tier("frontier", figures(2, 10, 1'000), a_turn(0, about_itself)) == near(0.23));
  CHECK(score_tier("small", figures(0.01, 0.02, 200), a_turn(0, about_itself)) == near(0.8452));
  const auto middling = figures(0.3, 1.5, 800);
  CHECK(score_tier("frontier", middling, a_turn(100)) == near(0.42285));
  CHECK(score_tier("mid", middling, a_turn(100)) == near(0.67285));
  CHECK(score_tier("small", middling, a_turn(100)) == near(0.92035));
  auto thinking = figures(1, 5, 600);
  CHECK(score_tier("frontier", thinking, a_turn(0, both)) == near(0.588));
  CHECK(score_tier("frontier", thinking, a_turn(0, first)) == near(0.438));
  thinking.reasoning_capable = true;
  CHECK(score_tier("frontier", thinking, a_turn(0, both)) == near(0.638));
  CHECK(score_tier("frontier", thinking, a_turn(0, first)) == near(0.438));
  CHECK(score_tier("frontier", figures(100, 100, 99'999), a_turn()) == near(0.0));
  CHECK(score_tier("custom", figures(0, 0, 0), a_turn()) == near(0.75));
}

TEST_CASE("AC-UR-01 the same figures on every tier", "[domain][tier]") {
  const auto demanding = a_turn(0, [](auto& c) { both(c), c.requires_strong_tools = true; });
  REQUIRE(quality_proxy(demanding) == 0.75);
  const auto dear = figures(2, 10, 1'000);
  CHECK(score_tier("frontier", dear, demanding) == near(0.455));
  CHECK(score_tier("mid", dear, demanding) == near(0.455));
  CHECK(score_tier("small", dear, demanding) == near(0.205));
  const auto same = figures(0.3, 1.5, 800);
  CHECK(score_tier("small", same, a_turn()) == near(0.924));
  CHECK(score_tier("mid", same, a_turn(0, first)) == near(0.824));
  CHECK(score_tier("frontier", same, demanding) == near(0.799));
  const auto seeing =
    a_turn(0, [](auto& c) { c.requires_vision = c.requires_strong_tools = true; });
  CHECK(score_tier("small", same, seeing) == near(0.799));
  CHECK(score_tier("frontier", same, seeing) == near(0.549));
}

TEST_CASE("AC-UR-01 a large model with reasoning, and the frontier that never wins",
          "[domain][tier]") {
  auto large = figures(1.5, 7.5, 600);
  large.reasoning_capable = true;
  CHECK(score_tier("frontier", large, a_turn(0, first)) == near(0.338));
  CHECK(score_tier("frontier", large, a_turn(0, both)) == near(0.538));
  // Registry E at a quality of 0.9.
  const auto most = a_turn(4'000, [](auto& c) {
    both(c);
    c.requires_strong_tools = true;
    c.conversation_phase = "opening";
  });
  REQUIRE(quality_proxy(most) == near(0.9));
  const auto tiers = registry_e();
  CHECK(score_tier("frontier", *tiers.tiers[0].metadata, most) == near(0.526));
  CHECK(score_tier("mid", *tiers.tiers[1].metadata, most) == near(0.7504));
}

TEST_CASE("AC-UR-01 equal scores go to the earlier tier", "[domain][tier]") {
  const auto same = figures(0.3, 1.5, 800);
  const auto tiers = tier_table{{a_tier("zeta", same), a_tier("alpha", same)}};
  CHECK(route_by_score(a_turn(), &tiers)->tier == "zeta");
  const auto usual = tier_table{
    {a_tier("frontier", same, true), a_tier("mid", same, true), a_tier("small", same, true)}};
  const auto between = route_by_score(
    a_turn(0, [](auto& c) { c.requires_vision = c.requires_strong_tools = true; }), &usual);
  CHECK(between->tier == "mid");
  CHECK(between->layer2_score == near(0.799));
}

TEST_CASE("AC-UR-02 a scored decision", "[domain][tier]") {
  const auto tiers = tier_table{
    {a_tier("frontier", figures(2, 10, 2'000)), a_tier("small", figures(0.01, 0.02, 100))}};
  const auto d = route_by_score(a_turn(100), &tiers);
  REQUIRE(d.has_value());
  CHECK(d->tier == "small");
  CHECK(d->model == "small-model");
  CHECK_FALSE(d->fallback_triggered);
  CHECK(d->layer2_score > 0);
  CHECK_THAT(d->rationale, StartsWith("layer2: best=small score=0.99"));
}

TEST_CASE("AC-UR-03 missing metadata is said and is no fallback", "[domain][tier]") {
  const auto tiers =
    tier_table{{a_tier("frontier", std::nullopt), a_tier("mid", figures(0.1, 0.5, 400)),
                a_tier("small", std::nullopt)}};
  const auto d = route_by_score(a_turn(100), &tiers);
  CHECK(d->rationale == "layer2: best=mid score=0.722; missing_metadata=frontier,small");
  CHECK(d->layer2_score == near(0.72245));
  CHECK_FALSE(d->fallback_triggered);
}

TEST_CASE("AC-UR-04 without metadata the rules decide", "[domain][tier]") {
  const auto tiers = tier_table{{a_tier("frontier", std::nullopt), a_tier("mid", std::nullopt)}};
  const auto d = route_by_score(a_turn(0, first), &tiers);
  CHECK(d->tier == "frontier");
  CHECK(d->fallback_triggered);
  CHECK(d->fallback_reason == "empty_metadata");
  CHECK(d->rationale == "fallback (empty_metadata): first_turn → frontier");
  CHECK(route_by_score(a_turn(), nullptr)->fallback_reason == "empty_metadata");
}

TEST_CASE("AC-UR-05 so they do when scoring fails", "[domain][tier]") {
  const auto tiers = registry_e();
  auto options = unified_options{};
  options.score = [](auto&&...) { return std::optional<double>{}; };
  const auto d = route_by_score(a_turn(0, first), &tiers, options);
  CHECK(d->tier == "frontier");
  CHECK(d->fallback_reason == "scoring_error");
}

TEST_CASE("AC-UR-06 and when it takes too long, strictly", "[domain][tier]") {
  CHECK(scoring_time_max(routing_profile::text_default).count() == 100);
  CHECK(scoring_time_max(routing_profile::voice).count() == 30);
  const auto tiers = registry_e();
  const auto took = [&tiers](double ms) {
    auto options = unified_options{};
    options.now_ms = [ms, calls = 0]() mutable { return calls++ == 0 ? 1'000.0 : 1'000.0 + ms; };
    return *route_by_score(a_turn(), &tiers, options);
  };
  CHECK_FALSE(took(100).fallback_triggered);
  const auto late = took(150);
  CHECK(late.fallback_reason == "timeout");
  CHECK_THAT(late.rationale, Contains("[smart_path_ms=150.00; bound_ms=100.0]"));
}

TEST_CASE("AC-UR-07 what no tier can take is an error, not a fallback", "[domain][tier]") {
  const auto tiers = registry_e();
  const auto d = route_by_score(a_turn(300'000), &tiers);
  REQUIRE_FALSE(d.has_value());
  CHECK(d.error().obstacle == routing_obstacle::context_window_exceeded);
}

TEST_CASE("AC-UR-08 R-12 one warning a minute for every reason and profile", "[domain][tier]") {
  auto limiter = fallback_log_limiter{};
  const auto text = routing_profile::text_default;
  CHECK(limiter.may_log("timeout", text, 5));  // the first, also in the first minute
  CHECK_FALSE(limiter.may_log("timeout", text, 60'005));
  CHECK(limiter.may_log("timeout", text, 60'006));
  CHECK_FALSE(limiter.may_log("timeout", text, 60'007));
  CHECK(limiter.may_log("scoring_error", text, 60'007));
  CHECK(limiter.may_log("timeout", routing_profile::voice, 60'007));
}

TEST_CASE("AC-UR-09 weights sum to one", "[domain][tier]") {
  for (const auto profile : {routing_profile::text_default, routing_profile::voice}) {
    const auto w = weights_of(profile);
    CHECK(w.cost + w.quality + w.latency == near(1.0));
  }
}

TEST_CASE("R-09 a wished tier that cannot take the turn gives way, and says so", "[domain][tier]") {
  const auto tiers = registry_e();
  auto how = turn_routing{};
  how.wish = tier_wish::small;
  CHECK(route_turn(how, a_turn(100, first), &tiers)->rationale == "persona_override → small");
  const auto image = a_turn(100, [](auto& c) { c.requires_vision = true; });
  const auto d = route_turn(how, image, &tiers);
  REQUIRE(d.has_value());
  CHECK(d->tier == "frontier");
  CHECK(d->fallback_reason == "persona_override_filtered");
  CHECK_THAT(d->rationale, StartsWith("persona_override small cannot take this turn: "));
  CHECK_FALSE(route_turn(how, a_turn(300'000), &tiers).has_value());
}

TEST_CASE("R-09 a wish is judged by the tier that serves it", "[domain][tier]") {
  const auto only_small = tier_table{{a_tier("small", std::nullopt)}};
  auto how = turn_routing{};
  how.wish = tier_wish::frontier;
  const auto d = route_turn(how, a_turn(), &only_small);
  CHECK(d->tier == "frontier");
  CHECK(d->model == "small-model");
  CHECK_FALSE(d->fallback_triggered);
}

TEST_CASE("force_frontier goes before the persona's wish", "[domain][tier]") {
  const auto tiers = registry_e();
  auto how = turn_routing{router_kind::unified, true, tier_wish::small};
  CHECK(route_turn(how, a_turn(), &tiers)->rationale == "force_frontier → frontier");
  how.force_frontier = false;
  how.wish = tier_wish::automatic;
  CHECK_THAT(route_turn(how, a_turn(), &tiers)->rationale, StartsWith("layer2:"));
  how.router = router_kind::heuristic;
  CHECK(route_turn(how, a_turn(), &tiers)->rationale == "default → mid");
  CHECK(router_kind_of("unified") == router_kind::unified);
  CHECK_FALSE(router_kind_of("best"));
}

TEST_CASE("AC-LAT-01 bounds of the tracker", "[domain][tier]") {
  for (const auto alpha : {0.0, -0.1, 1.5})
    CHECK_FALSE(checked(latency_options{alpha, 5}).has_value());
  CHECK_FALSE(checked(latency_options{0.2, 0}).has_value());
  CHECK(checked(latency_options{1.0, 1}).has_value());
  auto tracker = latency_tracker{};
  CHECK_FALSE(tracker.estimate_ms("m"));
  CHECK(tracker.count("m") == 0);
  tracker.record("m", -1);
  CHECK(tracker.count("m") == 0);
  tracker.record("m", 0);
  CHECK(tracker.estimate_ms("m") == 0.0);
}

TEST_CASE("AC-LAT-02 warm-up, then an average that forgets", "[domain][tier]") {
  auto tracker = latency_tracker{};
  const auto samples = std::array<double, 7>{100, 200, 300, 400, 500, 1'000, 1'000};
  const auto estimates = std::array<double, 7>{100, 150, 200, 250, 300, 440, 552};
  const auto counts = std::array<std::uint32_t, 7>{1, 2, 3, 4, 5, 5, 5};
  for (auto i = std::size_t{0}; i < samples.size(); ++i) {
    tracker.record("m", samples[i]);
    CHECK(*tracker.estimate_ms("m") == near(estimates[i]));
    CHECK(tracker.count("m") == counts[i]);
  }
  auto quick = latency_tracker{{0.2, 1}};
  quick.record("m", 100);
  quick.record("m", 200);
  CHECK(*quick.estimate_ms("m") == near(120));
}

TEST_CASE("AC-LAT-03 models are told apart, and bounded in number", "[domain][tier]") {
  auto tracker = latency_tracker{};
  tracker.record("a", 100);
  tracker.record("a", 200);
  tracker.record("b", 50);
  CHECK(*tracker.estimate_ms("a") == 150);
  CHECK(*tracker.estimate_ms("b") == 50);
  for (auto i = 0; i < 5'000; ++i)
    tracker.record("m" + std::to_string(i), 1);
  CHECK(tracker.count("m4093") == 1);
  CHECK(tracker.count("m4094") == 0);
}
