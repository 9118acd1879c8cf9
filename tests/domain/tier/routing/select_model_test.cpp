// Which model of a tier is asked first (spec routing §21).

#include "domain/tier/routing/select_model.hpp"
#include "tests/support/catch.hpp"

namespace persona_runtime {
namespace {

using Catch::Matchers::WithinAbs;
using texts = std::vector<std::string>;

struct row {
  const char* provider;
  const char* model;
  double in, out, latency_ms, quality;
  bool vision;
  std::uint32_t window;
};

// The specification's static table.
constexpr auto static_table = std::array<row, 11>{{
  {"anthropic", "claude-3.5-sonnet", 0.30, 1.50, 400, 0.88, true, 200'000},
  {"anthropic", "claude-3.5-haiku", 0.08, 0.40, 250, 0.72, true, 200'000},
  {"openai", "gpt-4o", 0.25, 1.00, 450, 0.86, true, 128'000},
  {"openai", "gpt-4o-mini", 0.015, 0.06, 300, 0.70, true, 128'000},
  {"google", "gemini-2.5-pro", 0.10, 1.00, 500, 0.89, true, 1'000'000},
  {"google", "gemini-2.5-flash", 0.03, 0.25, 300, 0.78, true, 1'000'000},
  {"deepseek", "deepseek-chat", 0.027, 0.11, 600, 0.76, false, 128'000},
  {"deepseek", "deepseek-reasoner", 0.055, 0.219, 900, 0.81, false, 128'000},
  {"nvidia", "llama-3.3-nemotron-super-49b-v1.5", 0.30, 0.60, 300, 0.70, false, 131'072},
  {"nvidia", "nemotron-3-super-120b-a12b", 1.50, 7.50, 600, 0.82, false, 1'000'000},
  {"nvidia", "nemotron-3-nano-omni-30b-a3b-reasoning", 0.15, 0.30, 300, 0.66, true, 32'768},
}};

/// What is known about the models that a test has made.
model_traits_table& known_traits() {
  static auto all = model_traits_table{};
  return all;
}

model_entry entry_of(const row& r) {
  auto m = model_entry{};
  m.provider = r.provider;
  m.model = r.model;
  m.price = model_price{r.in, r.out};
  m.vision = r.vision;
  m.context_window = r.window;
  known_traits()[m.label()] = {r.quality, r.latency_ms};
  return m;
}

model_entry entry_of(const char* name, double cents_per_1k, double latency_ms, double quality) {
  return entry_of({"lab", name, cents_per_1k, cents_per_1k, latency_ms, quality, true, 100'000});
}

tier_entry tier_with(std::vector<model_entry> members) {
  return {"mid", std::move(members)};
}

routing_context of_tokens(std::uint64_t tokens) {
  auto context = routing_context{};
  context.estimated_input_tokens = tokens;
  return context;
}

persona_routing weighing(double cost, double quality, double latency) {
  auto wishes = persona_routing{};
  wishes.weights = {cost, quality, latency};
  return wishes;
}

selection_result<model_selection> select(const tier_entry& tier, const routing_context& context,
                                         const persona_routing& wishes, const money_spent& spent,
                                         const measured_latency& measured = {}) {
  return select_model(tier, context, wishes, spent, known_traits(), measured);
}

std::string best(const tier_entry& tier, const persona_routing& wishes = {},
                 const measured_latency& measured = {}) {
  return select(tier, of_tokens(1'000), wishes, {}, measured)->model;
}

TEST_CASE("AC-IR-02 the worked example of three models", "[domain][tier]") {
  const auto tier =
    tier_with({entry_of(static_table[0]), entry_of(static_table[2]), entry_of(static_table[6])});
  const auto s = select(tier, of_tokens(1'000), {}, {});
  REQUIRE(s.has_value());
  CHECK(s->candidates
        == texts{"deepseek/deepseek-chat", "openai/gpt-4o", "anthropic/claude-3.5-sonnet"});
  CHECK(s->axes == std::map<std::string, double>{{"cost", 1}, {"quality", 0.76}, {"latency", 0}});
  CHECK_FALSE(s->engaged);
  CHECK(dominant_factor(s->weights) == "quality");
}

TEST_CASE("AC-IR-02 all rows of the table in their order", "[domain][tier]") {
  auto members = std::vector<model_entry>{};
  for (const auto& r : static_table)
    members.push_back(entry_of(r));
  const auto s = select(tier_with(members), of_tokens(1'000), {}, {});
  REQUIRE(s.has_value());
  CHECK(s->candidates
        == texts{"google/gemini-2.5-flash", "google/gemini-2.5-pro", "openai/gpt-4o",
                 "openai/gpt-4o-mini", "anthropic/claude-3.5-haiku", "anthropic/claude-3.5-sonnet",
                 "deepseek/deepseek-chat", "nvidia/nemotron-3-nano-omni-30b-a3b-reasoning",
                 "nvidia/llama-3.3-nemotron-super-49b-v1.5", "deepseek/deepseek-reasoner",
                 "nvidia/nemotron-3-super-120b-a12b"});
}

TEST_CASE("AC-IR-02 quality wins between equals, cost where it weighs most", "[domain][tier]") {
  CHECK(best(tier_with({entry_of("plain", 1, 100, 0.60), entry_of("good", 1, 100, 0.95)}))
        == "lab/good");
  const auto tier =
    tier_with({entry_of("dear", 2.0, 100, 0.95), entry_of("cheap", 0.05, 100, 0.6)});
  CHECK(best(tier, weighing(0.9, 0.05, 0.05)) == "lab/cheap");
}

TEST_CASE("AC-IR-03 ties: the cheaper one, then the name, in any order", "[domain][tier]") {
  const auto a = entry_of("a", 1, 100, 0.8);
  const auto b = entry_of("b", 1, 100, 0.8);
  CHECK(best(tier_with({b, a})) == "lab/a");
  CHECK(best(tier_with({a, b})) == "lab/a");
  const auto nothing = weighing(0, 0, 0);
  const auto cheap = entry_of("z", 0.5, 100, 0.1);
  CHECK(best(tier_with({a, cheap}), nothing) == "lab/z");
}

TEST_CASE("AC-IR-04 measured latency goes before the table's", "[domain][tier]") {
  const auto tier = tier_with({entry_of("fast", 1, 100, 0.5), entry_of("slow", 1, 500, 0.5)});
  const auto wishes = weighing(0, 0, 1);
  CHECK(best(tier, wishes) == "lab/fast");
  CHECK(best(tier, wishes,
             [](std::string_view label) {
               return label == "lab/slow" ? std::optional{10.0} : std::nullopt;
             })
        == "lab/slow");
}

TEST_CASE("AC-IR-01 when nothing can be scored the order of configuration counts",
          "[domain][tier]") {
  const auto known = entry_of("known", 1, 100, 0.5);
  const auto reason_for = [](const tier_entry& tier, const routing_context& context) {
    const auto s = select(tier, context, {}, {}).value();
    CHECK(s.engaged);
    CHECK(s.model == tier.members.front().label());
    CHECK(s.candidates.empty());
    CHECK(s.weights.empty());
    CHECK_FALSE(dominant_factor(s.weights));
    return s.reason.value();
  };
  CHECK(reason_for(tier_with({known}), {}) == "not_a_multi_model_tier");
  auto bare = model_entry{"lab", "bare", {}, {}};
  CHECK(reason_for(tier_with({bare, bare}), {}) == "metadata_miss");
  auto blind = known;
  blind.vision = false;
  auto image = routing_context{};
  image.requires_vision = true;
  CHECK(reason_for(tier_with({blind, blind}), image) == "capability_filtered");
  CHECK(reason_for(tier_with({known, known}), of_tokens(100'001)) == "capability_filtered");
  CHECK_FALSE(select(tier_with({known, known}), of_tokens(100'000), {}, {})->engaged);

  auto strict = persona_routing{};
  strict.rules_on_miss = false;
  const auto failed = select(tier_with({bare, bare}), {}, strict, {});
  REQUIRE_FALSE(failed.has_value());
  CHECK(kind_of(failed.error()) == "no_metadata");
  CHECK(describe(failed.error()).find("tier=mid") != std::string::npos);
}

TEST_CASE("AC-IR-01 a model of which nothing is known is not scored", "[domain][tier]") {
  auto bare = model_entry{"lab", "bare", {}, {}};
  const auto s =
    select(tier_with({bare, entry_of("known", 1, 100, 0.5)}), of_tokens(1'000), {}, {});
  CHECK(s->model == "lab/known");
  CHECK(s->candidates == texts{"lab/known"});
  CHECK(s->axes == std::map<std::string, double>{{"cost", 1}, {"quality", 0.5}, {"latency", 1}});
}

TEST_CASE("AC-IR-05 the cap of a turn leaves out what costs more", "[domain][tier]") {
  auto wishes = persona_routing{};
  wishes.cents_per_turn_max = 0.5;
  const auto dear = entry_of("dear", 1, 100, 0.9);  // 1.5 cents for 1,000 tokens and a reply
  const auto failed = select(tier_with({dear, dear}), of_tokens(1'000), wishes, {});
  REQUIRE_FALSE(failed.has_value());
  CHECK(kind_of(failed.error()) == "budget_exhausted");
  CHECK(failed.error().cheapest_cents == 1.5);
  CHECK(best(tier_with({dear, entry_of("cheap", 0.001, 100, 0.1)}), wishes) == "lab/cheap");
  wishes.cents_per_turn_max = 1.5;  // as much as the cap is not too much
  CHECK(best(tier_with({dear, dear}), wishes) == "lab/dear");
}

TEST_CASE("AC-IR-06 the nearer a cap, the more cost weighs", "[domain][tier]") {
  const auto base = routing_weights{0.4, 0.5, 0.1};
  const auto at = [&base](double spent, std::optional<double> cap) {
    return under_pressure(base, budget_pressure(spent, cap));
  };
  CHECK(at(79.9, 100) == base);
  CHECK(at(80, 100) == base);
  CHECK(at(50, 0) == base);
  CHECK(at(50, std::nullopt) == base);
  const auto is_near = [](const routing_weights& w, double cost, double quality, double latency) {
    CHECK_THAT(w.cost, WithinAbs(cost, 1e-9));
    CHECK_THAT(w.quality, WithinAbs(quality, 1e-9));
    CHECK_THAT(w.latency, WithinAbs(latency, 1e-9));
  };
  is_near(at(90, 100), 0.7, 0.25, 0.05);
  is_near(at(95, 100), 0.85, 0.125, 0.025);
  is_near(at(100, 100), 1, 0, 0);
  is_near(at(150, 100), 1, 0, 0);

  auto wishes = persona_routing{};
  wishes.cents_per_session_max = 100;
  wishes.cents_per_day_max = 1'000;
  const auto tier = tier_with({entry_of("good", 1, 100, 0.95), entry_of("cheap", 0.5, 100, 0.1)});
  CHECK(select(tier, of_tokens(1'000), wishes, {10, 10})->model == "lab/good");
  CHECK(select(tier, of_tokens(1'000), wishes, {100, 10})->model == "lab/cheap");
  CHECK(select(tier, of_tokens(1'000), wishes, {10, 1'000})->weights.at("cost") == 1);
}

TEST_CASE("AC-IR-07 the chosen model is asked first, the others keep their order",
          "[domain][tier]") {
  const auto tier =
    tier_with({entry_of("m0", 1, 1, 1), entry_of("m1", 1, 1, 1), entry_of("m2", 1, 1, 1)});
  CHECK(asking_order(tier, "lab/m2", false) == texts{"lab/m2", "lab/m0", "lab/m1"});
  CHECK(asking_order(tier, "lab/m0", false).empty());
  CHECK(asking_order(tier, "lab/unheard-of", false).empty());
  CHECK(asking_order(tier, {}, false).empty());
}

TEST_CASE("AC-MM-14 an image goes only to models that take images", "[domain][tier]") {
  auto blind = entry_of("blind", 1, 1, 1);
  blind.vision = false;
  const auto tier = tier_with({blind, entry_of("m1", 1, 1, 1), entry_of("m2", 1, 1, 1)});
  CHECK(asking_order(tier, {}, true) == texts{"lab/m1", "lab/m2"});
  CHECK(asking_order(tier, "lab/m2", true) == texts{"lab/m2", "lab/m1"});
  CHECK(asking_order(tier, {}, false).empty());
}

}  // namespace
}  // namespace persona_runtime
