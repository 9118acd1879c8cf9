#include "tests/bootstrap/settings/models_fixture.hpp"

namespace persona_runtime {
namespace {

using namespace test;

variables a_tier(const variables& more) {
  variables env{{"PERSONA_MID_PROVIDER", "openai"},
                {"PERSONA_MID_MODEL", "unheard-of"},
                {"PERSONA_MID_API_KEY", "k"}};
  for (const auto& [name, value] : more)
    env[name] = value;
  return env;
}

const variables six{
  {"PERSONA_MID_COST_INPUT_PER_1K", "1.5"},      {"PERSONA_MID_COST_OUTPUT_PER_1K", "7.5"},
  {"PERSONA_MID_FIRST_TOKEN_LATENCY_MS", "600"}, {"PERSONA_MID_THROUGHPUT_TOKENS_PER_SEC", "30"},
  {"PERSONA_MID_CONTEXT_WINDOW", "1000000"},     {"PERSONA_MID_TOOL_STRENGTH", "strong"}};

variables six_with(const std::string& name, const std::string& value) {
  auto env = six;
  env["PERSONA_MID_" + name] = value;
  return env;
}

std::optional<tier_metadata> metadata(const variables& more) {
  return setup_of(a_tier(more)).table->tiers.at(0).metadata;
}

const model_entry& entry(const model_setup& setup) {
  return setup.table->tiers.at(0).members.at(0);
}

}  // namespace

TEST_CASE("AC-TIER-06 six variables make metadata, five do not", "[bootstrap][models]") {
  CHECK(metadata(six)
        == tier_metadata{1.5, 7.5, 600, 30, 1'000'000, tool_strength::strong, false, true});
  for (const auto& [name, value] : six) {
    auto five = six;
    five.erase(name);
    INFO(name);
    CHECK_FALSE(metadata(five));
  }
}

TEST_CASE("AC-TIER-06 a malformed variable gives no metadata and a warning",
          "[bootstrap][models]") {
  for (const auto& [name, value] : variables{{"COST_INPUT_PER_1K", "not-a-float"},
                                             {"COST_OUTPUT_PER_1K", "-1"},
                                             {"FIRST_TOKEN_LATENCY_MS", "-0.1"},
                                             {"CONTEXT_WINDOW", "0"},
                                             {"TOOL_STRENGTH", "excellent"}}) {
    INFO(name);
    const auto setup = setup_of(a_tier(six_with(name, value)));
    CHECK_FALSE(setup.table->tiers.at(0).metadata);
    REQUIRE_FALSE(setup.notices.empty());
    CHECK(setup.notices.back().is_warning);
    CHECK(contains(setup.notices.back().text, "PERSONA_MID_" + name));
  }
}

TEST_CASE("AC-TIER-07 words that are true, and all others", "[bootstrap][models]") {
  for (const auto* word : {"1", "true", "True", "TRUE", "yes", "on", "ON"}) {
    CHECK(metadata(six_with("REASONING_CAPABLE", word)).value().reasoning_capable);
  }
  for (const auto* word : {"0", "false", "no", "off", "banana"}) {
    CHECK_FALSE(metadata(six_with("REASONING_CAPABLE", word)).value().reasoning_capable);
    CHECK_FALSE(
      metadata(six_with("COST_VERIFIED_AT_DEPLOY", word)).value().cost_verified_at_deploy);
  }
}

TEST_CASE("AC-TIER-04 metadata follows the fall-back", "[bootstrap][models]") {
  const auto setup = setup_of(a_tier(six));
  REQUIRE(metadata_for(setup, "frontier") != nullptr);
  CHECK(metadata_for(setup, "frontier") == metadata_for(setup, "mid"));
  CHECK(metadata_for(setup_of({}), "mid") == nullptr);
  CHECK(metadata_for(setup_of(a_tier({})), "mid") == nullptr);
}

TEST_CASE("the file gives metadata too", "[bootstrap][models]") {
  const std::string file =
    "tiers: {mid: {provider: openai, model: m, api_key: k, cost_input_per_1k_tokens: 1, "
    "cost_output_per_1k_tokens: 2, first_token_latency_ms: 3, throughput_tokens_per_sec: 4, "
    "context_window: 50000, tool_strength: medium, reasoning_capable: true}}\n";
  CHECK(setup_of({}, file).table->tiers.at(0).metadata
        == tier_metadata{1, 2, 3, 4, 50'000, tool_strength::medium, true, true});
}

TEST_CASE("a context window alone is enough", "[bootstrap][models]") {
  const auto known = setup_of(a_tier({{"PERSONA_MID_CONTEXT_WINDOW", "32000"}}));
  CHECK(entry(known).context_window == 32'000u);
  CHECK(known.notices.empty());
  CHECK_FALSE(known.table->tiers.at(0).metadata);
  const auto by_file = setup_of(a_tier({}), "tiers: {mid: {context_window: 16000}}\n");
  CHECK(entry(by_file).context_window == 16'000u);
  const auto by_both = setup_of(a_tier({{"PERSONA_MID_CONTEXT_WINDOW", "32000"}}),
                                "tiers: {mid: {context_window: 16000}}\n");
  CHECK(entry(by_both).context_window == 32'000u);
}

TEST_CASE("an unknown context window is a warning that says what to set", "[bootstrap][models]") {
  const auto setup = setup_of(a_tier({}));
  CHECK_FALSE(entry(setup).context_window);
  REQUIRE(setup.notices.size() == 1);
  CHECK(setup.notices[0].is_warning);
  CHECK(contains(setup.notices[0].text, "PERSONA_MID_CONTEXT_WINDOW"));
  const auto small = setup_of(a_tier({{"PERSONA_MID_CONTEXT_WINDOW", "4096"}}));
  REQUIRE(small.notices.size() == 1);
  CHECK(contains(small.notices[0].text, "no room"));
}

TEST_CASE("the operator's price goes before the table's in a tier of one model",
          "[bootstrap][models]") {
  const variables prices{{"PERSONA_MID_COST_INPUT_PER_1K", "3"},
                         {"PERSONA_MID_COST_OUTPUT_PER_1K", "4"}};
  CHECK(entry(setup_of(a_tier(prices))).price == model_price{3, 4});
  CHECK_FALSE(entry(setup_of(a_tier({{"PERSONA_MID_COST_INPUT_PER_1K", "3"}}))).price);
  auto list = prices;
  list["PERSONA_MID_MODELS"] = "openai/gpt-4o,openai/unheard-of";
  list["PERSONA_OPENAI_API_KEY"] = "k";
  const auto two = setup_of(list);
  CHECK(entry(two).price == model_price{1, 2});
  CHECK_FALSE(two.table->tiers[0].members[1].price);
}

}  // namespace persona_runtime
