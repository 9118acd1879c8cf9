#include "domain/tier/routing/route.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

using tier_names = std::vector<std::string>;

/// A tier as tests write it: "F", "M" or "S", and what sets it apart.
struct sketched_tier {
  char letter;
  std::uint32_t window = 0;  // 0: no metadata
  tool_strength tools = tool_strength::strong;
  bool vision = false;
};

std::string tier_name(char letter) {
  return letter == 'F' ? "frontier" : letter == 'M' ? "mid" : "small";
}

tier_table table_of(const std::vector<sketched_tier>& tiers) {
  auto out = tier_table{};
  for (const auto& t : tiers) {
    auto model = model_entry{};
    model.provider = "p";
    model.model = tier_name(t.letter) + "-model";
    model.vision = t.vision;
    auto entry = tier_entry{tier_name(t.letter), {model}};
    if (t.window > 0) {
      entry.metadata.emplace();
      entry.metadata->context_window = t.window;
      entry.metadata->tools = t.tools;
    }
    out.tiers.push_back(std::move(entry));
  }
  return out;
}

tier_table bare(std::string_view letters) {
  auto tiers = std::vector<sketched_tier>{};
  for (const auto letter : letters)
    tiers.push_back({letter});
  return table_of(tiers);
}

routing_context needs(bool vision, std::uint64_t tokens, bool strong = false) {
  auto c = routing_context{};
  c.requires_vision = vision;
  c.estimated_input_tokens = tokens;
  c.requires_strong_tools = strong;
  return c;
}

routing_context turn(bool first, bool boilerplate, bool identity) {
  auto c = routing_context{};
  c.is_first_turn = first;
  c.is_boilerplate = boilerplate;
  c.is_identity_sensitive = identity;
  return c;
}

const auto full_registry = table_of({{'F', 200'000, tool_strength::strong, true},
                                     {'M', 200'000, tool_strength::strong, false},
                                     {'S', 8'000, tool_strength::weak, false}});

}  // namespace

TEST_CASE("AC-L1-01 without a registry the three usual tiers, with an image too",
          "[domain][tier]") {
  CHECK(*filter_tiers(needs(true, 1'000'000, true), nullptr)
        == tier_names{"frontier", "mid", "small"});
}

TEST_CASE("AC-L1-02 vision", "[domain][tier]") {
  const auto seeing = table_of({{'F', 0, tool_strength::weak, true}, {'S'}});
  CHECK(*filter_tiers(needs(true, 1), &seeing) == tier_names{"frontier"});
  CHECK(*filter_tiers(needs(false, 1), &seeing) == tier_names{"frontier", "small"});
  const auto blind = bare("MS");
  const auto refused = filter_tiers(needs(true, 1), &blind);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == routing_failure{routing_obstacle::no_vision_tier, "mid,small"});
  CHECK_THAT(describe(refused.error()),
             Contains("configure a model") && Contains("configured_tiers=mid,small"));
  CHECK(class_name(refused.error().obstacle) == "NoVisionTierConfiguredError");
}

TEST_CASE("AC-L1-03 windows", "[domain][tier]") {
  const auto three = table_of({{'F', 200'000}, {'M', 100'000}, {'S', 8'000}});
  CHECK(filter_tiers(needs(false, 5'000), &three)->size() == 3);
  CHECK(*filter_tiers(needs(false, 50'000), &three) == tier_names{"frontier", "mid"});
  const auto unknown = table_of({{'F', 200'000}, {'M'}});
  CHECK(*filter_tiers(needs(false, 500'000), &unknown) == tier_names{"mid"});
  const auto narrow = table_of({{'F', 8'000}, {'M', 4'000}});
  const auto refused = filter_tiers(needs(false, 50'000), &narrow);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().required == "context_window>=50000");
  CHECK(reason_of(refused.error().obstacle) == "context_window_exceeded");
  CHECK_THAT(describe(refused.error()), Contains("shorten it"));
}

TEST_CASE("AC-L1-04 strong tools", "[domain][tier]") {
  const auto three = table_of({{'F', 9'000, tool_strength::strong},
                               {'M', 9'000, tool_strength::medium},
                               {'S', 9'000, tool_strength::weak}});
  CHECK(*filter_tiers(needs(false, 1, true), &three) == tier_names{"frontier"});
  const auto weak =
    table_of({{'M', 9'000, tool_strength::medium}, {'S', 9'000, tool_strength::weak}});
  const auto refused = filter_tiers(needs(false, 1, true), &weak);
  REQUIRE_FALSE(refused.has_value());
  CHECK(reason_of(refused.error().obstacle) == "no_strong_tools_tier");
  CHECK(refused.error().configured_tiers == "mid,small");
  CHECK(refused.error().required == "strong_tools");
  const auto unknown = table_of({{'F'}, {'M', 9'000, tool_strength::medium}});
  CHECK(*filter_tiers(needs(false, 1, true), &unknown) == tier_names{"frontier"});
}

TEST_CASE("AC-L1-05 one filter after the other", "[domain][tier]") {
  const auto t = table_of({{'F', 200'000, tool_strength::strong, true},
                           {'M', 8'000, tool_strength::strong, true},
                           {'S', 8'000}});
  CHECK(*filter_tiers(needs(true, 50'000), &t) == tier_names{"frontier"});
}

TEST_CASE("AC-L1-03 the table of the specification", "[domain][tier]") {
  struct row {
    bool vision;
    std::uint64_t tokens;
    bool strong;
    const char* left;  // or the tiers that the error names
    bool refused = false;
  };
  for (const auto& r :
       {row{false, 100, false, "frontier mid small"}, row{true, 100, false, "frontier"},
        row{false, 8'000, false, "frontier mid small"}, row{false, 8'001, false, "frontier mid"},
        row{false, 100, true, "frontier mid"}, row{false, 50'000, true, "frontier mid"},
        row{false, 300'000, false, "frontier,mid,small", true},
        row{true, 300'000, false, "frontier", true}}) {
    const auto left = filter_tiers(needs(r.vision, r.tokens, r.strong), &full_registry);
    REQUIRE(left.has_value() != r.refused);
    if (r.refused) {
      CHECK(left.error().configured_tiers == r.left);
      continue;
    }
    auto shown = std::string{};
    for (const auto& name : *left)
      shown += (shown.empty() ? "" : " ") + name;
    CHECK(shown == r.left);
  }
  const auto none = tier_table{};
  CHECK(filter_tiers(needs(false, 0), &none).error().configured_tiers.empty());
}

TEST_CASE("AC-L1-07 a decision survives its JSON; unknown fields do not", "[domain][tier]") {
  auto d = *route_by_rules(turn(true, false, false), &full_registry);
  d.score_vector = {{"cost", 0.1}};
  d.layer1_filter_reasons = {{"small", "window"}};
  d.model_fallback_reason = "metadata_miss";
  auto json = std::string{};
  append_decision(json, d);
  REQUIRE(routing_decision_of(json).has_value());
  CHECK(*routing_decision_of(json) == d);
  CHECK_FALSE(routing_decision_of("{\"mood\":1," + json.substr(1)).has_value());
  CHECK(routing_profile_of("voice") == routing_profile::voice);
  CHECK_FALSE(routing_profile_of("agentic"));
}

TEST_CASE("AC-HR-01 the truth table of the rules", "[domain][tier]") {
  struct row {
    const char* tiers;
    int signals;  // first 4, boilerplate 2, identity 1
    const char* rationale;
  };
  for (const auto& [tiers, signals, rationale] : {
         row{"FMS", 0, "default → mid"},
         row{"FMS", 1, "identity_sensitive → frontier"},
         row{"FMS", 2, "boilerplate → small"},
         row{"FMS", 3, "boilerplate → small"},
         row{"FMS", 4, "first_turn → frontier"},
         row{"FMS", 5, "first_turn → frontier"},
         row{"FMS", 6, "first_turn → frontier"},
         row{"FMS", 7, "first_turn → frontier"},
         row{"MS", 4, "default → mid"},
         row{"MS", 2, "boilerplate → small"},
         row{"MS", 1, "default → mid"},
         row{"MS", 0, "default → mid"},
         row{"FS", 4, "first_turn → frontier"},
         row{"FS", 2, "boilerplate → small"},
         row{"FS", 1, "identity_sensitive → frontier"},
         row{"FS", 0, "fallback → frontier"},
         row{"FM", 4, "first_turn → frontier"},
         row{"FM", 2, "default → mid"},
         row{"FM", 1, "identity_sensitive → frontier"},
         row{"FM", 0, "default → mid"},
         row{"S", 4, "fallback → small"},
         row{"S", 2, "boilerplate → small"},
         row{"S", 1, "fallback → small"},
         row{"F", 0, "fallback → frontier"},
         row{"F", 2, "fallback → frontier"},
       }) {
    const auto table = bare(tiers);
    const auto d =
      route_by_rules(turn((signals & 4) != 0, (signals & 2) != 0, (signals & 1) != 0), &table);
    REQUIRE(d.has_value());
    INFO(tiers << ' ' << signals);
    CHECK(d->rationale == rationale);
    CHECK(d->rationale.ends_with(d->tier));
    CHECK(d->layer2_score == 0);
  }
}

TEST_CASE("AC-HR-02 AC-CMP-01 the persona's wish", "[domain][tier]") {
  const auto table = bare("FMS");
  CHECK_FALSE(override_of(tier_wish::automatic, &table));
  const auto d = override_of(tier_wish::mid, &table);
  REQUIRE(d.has_value());
  CHECK(d->rationale == "persona_override → mid");
  CHECK(d->candidates_considered == tier_names{"mid"});
  CHECK(d->model == "mid-model");
  auto choice = tier_choice{tier_wish::frontier};
  choice.is_boilerplate = true;
  CHECK(*choose_tier(choice, &table) == "frontier");
  choice.is_first_turn = true;
  choice.wish = tier_wish::small;
  CHECK(*choose_tier(choice, &table) == "small");
}

TEST_CASE("AC-HR-04 the filter is of this turn only", "[domain][tier]") {
  const auto table = table_of({{'F', 0, tool_strength::weak, true}, {'M', 0, {}, true}, {'S'}});
  auto c = turn(false, true, false);
  c.requires_vision = true;
  CHECK(route_by_rules(c, &table)->tier != "small");
  c.requires_vision = false;
  CHECK(route_by_rules(c, &table)->tier == "small");
}

TEST_CASE("AC-HR-05 AC-HR-08 an image goes where it is seen", "[domain][tier]") {
  const auto table = table_of({{'F'}, {'M', 0, tool_strength::weak, true}, {'S'}});
  auto c = turn(true, false, false);
  c.requires_vision = true;
  CHECK(route_by_rules(c, &table)->tier == "mid");
  const auto blind = bare("FMS");
  CHECK(route_by_rules(c, &blind).error().configured_tiers == "frontier,mid,small");
}

TEST_CASE("AC-HR-06 the model is the tier's configured one", "[domain][tier]") {
  const auto table = bare("FMS");
  CHECK(route_by_rules(turn(true, false, false), &table)->model == "frontier-model");
  CHECK(route_by_rules(turn(true, false, false), nullptr)->model.empty());
}
