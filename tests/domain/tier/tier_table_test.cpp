#include "domain/tier/tier_table.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace persona_runtime {
namespace {

tier_table a_table(const std::vector<std::string>& names) {
  tier_table table;
  for (const auto& name : names)
    table.tiers.push_back({name, {model_entry{"openai", name, {}, {}}}});
  return table;
}

std::string served(const tier_table& table, std::string_view name) {
  const auto* tier = table.resolve(name);
  return tier == nullptr ? "none" : tier->name;
}

}  // namespace

TEST_CASE("AC-TIER-02 a tier that is not configured is served by small, mid or frontier",
          "[domain][tier]") {
  struct row {
    std::vector<std::string> configured;
    std::string frontier;
    std::string mid;
    std::string small;
  };
  const std::vector<row> rows{
    {{"frontier", "mid", "small"}, "frontier", "mid", "small"},
    {{"frontier", "mid"}, "frontier", "mid", "mid"},
    {{"frontier", "small"}, "frontier", "small", "small"},
    {{"mid", "small"}, "small", "mid", "small"},
    {{"frontier"}, "frontier", "frontier", "frontier"},
    {{"mid"}, "mid", "mid", "mid"},
    {{"small"}, "small", "small", "small"},
    {{}, "none", "none", "none"},
  };
  for (const auto& r : rows) {
    const auto table = a_table(r.configured);
    CHECK(served(table, "frontier") == r.frontier);
    CHECK(served(table, "mid") == r.mid);
    CHECK(served(table, "small") == r.small);
  }
}

TEST_CASE("AC-TIER-02 any other name is found, or falls back", "[domain][tier]") {
  CHECK(served(a_table({"frontier", "local"}), "local") == "local");
  CHECK(served(a_table({"frontier", "local"}), "giant") == "frontier");
  CHECK(served(a_table({"local"}), "mid") == "none");
  CHECK(served(a_table({"mid"}), "") == "mid");
}

TEST_CASE("AC-CMP-04 a call costs its tokens at the model's price", "[domain][tier]") {
  model_entry model;
  model.price = model_price{0.040, 0.040};
  CHECK(cost_cents(model, 1000, 1000).value() == Approx(0.08));
  model.price = model_price{0.30, 1.50};
  CHECK(cost_cents(model, 2000, 500).value() == Approx(1.35));
  CHECK(cost_cents(model, 0, 0) == 0.0);
}

TEST_CASE("prompt tokens from and to a cache have prices of their own", "[domain][tier]") {
  auto model = model_entry{};
  model.price = model_price{1, 2};
  const auto usage = token_usage{1'000, 500, false, 600, 300};
  CHECK(cost_cents(model, usage).value() == Approx(2.0));  // no such prices: like any prompt
  model.price = model_price{1, 2, 0.1, 1.25};
  CHECK(cost_cents(model, usage).value() == Approx(0.1 + 0.06 + 0.375 + 1.0));
  CHECK(cost_cents(model, token_usage{1'000, 500, false}) == cost_cents(model, 1'000, 500));
  CHECK(cost_cents(model, token_usage{1'000, 0, false, 5'000, 5'000}).value() == Approx(0.1));
  CHECK(prompt_price_max(*model.price) == 1.25);
  CHECK(prompt_price_max({1, 2, 0.1}) == 1);
  CHECK_FALSE(cost_cents(model_entry{}, usage));
}

TEST_CASE("D-27 an unknown price gives no cost", "[domain][tier]") {
  CHECK_FALSE(cost_cents(model_entry{}, 1000, 1000));
}

TEST_CASE("D-7 the context budget is the window less reply cap and schemas", "[domain][tier]") {
  model_entry model;
  model.context_window = 128'000;
  CHECK(context_budget(model, 0) == 123'904);
  CHECK(context_budget(model, 1'000) == 122'904);
  CHECK(context_budget(model, 123'903) == 1);
  CHECK(context_budget(model, 123'904) == 1);
  CHECK(context_budget(model, UINT64_MAX) == 1);
}

TEST_CASE("D-7 the context budget of an unknown window is 4096, of a tiny one 1",
          "[domain][tier]") {
  model_entry model;
  CHECK(context_budget(model, 500) == 4096);
  model.context_window = 4096;
  CHECK(context_budget(model, 0) == 1);
  model.context_window = 4097;
  CHECK(context_budget(model, 0) == 1);
  model.context_window = 4098;
  CHECK(context_budget(model, 0) == 2);
}

TEST_CASE("a walk that stands behind the last member uses the last one", "[domain][tier]") {
  auto table = a_table({"mid"});
  table.tiers[0].members.push_back({"openai", "second", {}, {}});
  CHECK(table.model_at("mid", 0)->model == "mid");
  CHECK(table.model_at("mid", 1)->model == "second");
  CHECK(table.model_at("mid", 7)->model == "second");
  CHECK(table.model_at("unheard-of", 0)->model == "mid");
  CHECK(tier_table{}.model_at("mid", 0) == nullptr);
}

TEST_CASE("a member is found by its label", "[domain][tier]") {
  const auto tier = a_table({"mid"}).tiers[0];
  REQUIRE(tier.find("openai/mid") == &tier.members[0]);
  CHECK(tier.find("mid") == nullptr);
}

TEST_CASE("our count is raised for a model that counts otherwise", "[domain][tier]") {
  auto model = model_entry{"openai", "m", {}, {}};
  model.counts_exactly = true;
  CHECK(model.at_most(1'000) == 1'000);
  model.counts_exactly = false;
  CHECK(model.at_most(1'000) == 1'050);
  CHECK(model.at_most(1) == 2);
  CHECK(model.at_most(0) == 0);
}

}  // namespace persona_runtime
