#include "bootstrap/settings/reload_rules.hpp"
#include "tests/bootstrap/settings/models_fixture.hpp"

namespace persona_runtime {
namespace {

using namespace test;

const variables key{{"PERSONA_GROQ_API_KEY", "k"}, {"PERSONA_OPENAI_API_KEY", "k"}};

configuration read(const std::string& file, const variables& env = key) {
  auto config = configuration{};
  const auto snapshot = environment{env};
  config.loaded = load_settings({"runtime.yaml", file, snapshot});
  config.catalog = a_catalog();
  const auto no_files = [](const std::string& path) -> result<std::string> {
    return failure{errc::validation_error, path + ": no such file"};
  };
  config.models = build_models({config.loaded, snapshot, config.catalog, no_files});
  return config;
}

std::vector<std::string> waiting(const std::string& started, const std::string& fresh) {
  return needing_restart(read(started).loaded, read(fresh).loaded);
}

using texts = std::vector<std::string>;

const auto two_tiers = std::string{"tiers:\n"
                                   "  mid: {models: [groq/fast]}\n"
                                   "  small: {models: [openai/gpt-4o]}\n"};

}  // namespace

TEST_CASE("reload: keys that take a restart are named, models are not", "[bootstrap][reload]") {
  CHECK(waiting("", "").empty());
  CHECK(waiting(two_tiers, "tiers: {mid: {models: [openai/x], max_tokens: 9}}\n").empty());
  CHECK(waiting("timeouts: {call: 1m}\n", "timeouts: {connect: 1s, first_token: 2s}\n").empty());
  CHECK(waiting("", "routing: {hedging: true}\n").empty());
  CHECK(waiting("", "routing: {hedging: true, shadow: true}\n") == texts{"routing.shadow"});
  CHECK(waiting("listen: 127.0.0.1:1\n", "listen: 127.0.0.1:2\n") == texts{"listen"});
  CHECK(waiting("data: ./a\n", "") == texts{"data"});
  CHECK(waiting("", "timeouts: {tool: 1s}\nlimits: {steps_max: 9}\n")
        == texts{"limits.steps_max", "timeouts.tool"});
  const auto tool =
    std::string{"tools: [{name: t, description: d, kind: command, command: [wc]}]\n"};
  CHECK(waiting("", tool) == texts{"tools"});
}

TEST_CASE("reload: a changed secret is named and not shown", "[bootstrap][reload]") {
  const auto with_key = [](char digit) {
    return "auth: {keys: [{name: a, owner: o, sha256: " + std::string(64, digit) + "}]}\n";
  };
  CHECK(waiting(with_key('a'), with_key('b')) == texts{"auth.keys"});
  CHECK(waiting(with_key('a'), with_key('a')).empty());
}

TEST_CASE("reload: a tier that works must not be off afterwards", "[bootstrap][reload]") {
  const auto running = read(two_tiers);
  const auto& now = running.models.setup;
  REQUIRE(summary(now) == "mid: groq/fast; small: openai/gpt-4o");
  CHECK(against_reload(now, read(two_tiers)).empty());
  CHECK(against_reload(now, read("tiers: {mid: {models: [groq/other]}}\n")).empty());
  CHECK(against_reload(now, read("")).size() == 1);  // it may be half written

  const auto broken = against_reload(
    now, read("tiers: {mid: {models: [nowhere/x]}, small: {models: [openai/gpt-4o]}}\n"));
  REQUIRE(broken.size() == 1);
  CHECK(broken[0].tier == "mid");
  CHECK(contains(describe(broken[0]), "runtime.yaml:1: tier mid: "));
  const auto fresh_one =
    read("tiers: {frontier: {models: [nowhere/x]}, small: {models: [openai/gpt-4o]}}\n");
  CHECK(against_reload(now, fresh_one).empty());  // it never worked
  CHECK(against_reload(now, read("tires: {}\n")).size() == 1);
}

}  // namespace persona_runtime
