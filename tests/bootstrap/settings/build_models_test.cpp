#include "tests/bootstrap/settings/models_fixture.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using namespace test;
using std::chrono::milliseconds;

const variables mid_triplet{{"PERSONA_MID_PROVIDER", "openai"},
                            {"PERSONA_MID_MODEL", "gpt-4o"},
                            {"PERSONA_MID_API_KEY", "k-mid"}};

variables with(variables base, const variables& more) {
  for (const auto& [name, value] : more)
    base[name] = value;
  return base;
}

const endpoint& only(const model_setup& setup) {
  REQUIRE(setup.endpoints.size() == 1);
  REQUIRE(setup.endpoints[0].size() == 1);
  return setup.endpoints[0][0];
}

}  // namespace

TEST_CASE("nothing configured gives no tier and no complaint", "[bootstrap][models]") {
  CHECK(setup_of({}).table->tiers.empty());
  CHECK(
    setup_of({{"PERSONA_OPENAI_API_KEY", "k"}, {"PERSONA_MID_MODELS", "  "}}).table->tiers.empty());
  CHECK(setup_of({{"PERSONA_MID_PROVIDER", " "}}).table->tiers.empty());  // blank is unset
}

TEST_CASE("AC-CFG-01 the defaults of one model", "[bootstrap][models]") {
  const auto at = only(setup_of(mid_triplet));
  CHECK(at.base_url == "https://api.openai.com/v1/");
  CHECK(at.timeouts.first_token == milliseconds{60'000});
  CHECK(at.timeouts.between_tokens == milliseconds{60'000});
  CHECK(at.temperature == 0.0);
  CHECK(at.extra_body.empty());
  CHECK(setup_of(mid_triplet).table->tiers[0].members[0].reply_tokens_max == 4096);
  CHECK(
    contains(summary(setup_of({{"PERSONA_API_KEY", "k"}})), "mid: anthropic/claude-sonnet-4-6"));
}

TEST_CASE("AC-CFG-02 a tier takes nothing of another provider's key", "[bootstrap][models]") {
  const auto setup = setup_of(with(mid_triplet, {{"PERSONA_PROVIDER", "groq"},
                                                 {"PERSONA_MODEL", "fast"},
                                                 {"PERSONA_API_KEY", "k-groq"},
                                                 {"PERSONA_BASE_URL", "http://groq.test/"}}));
  CHECK(summary(setup) == "mid: openai/gpt-4o");
  CHECK(only(setup).api_key.reveal() == "k-mid");
  CHECK(only(setup).base_url == "https://api.openai.com/v1/");
  const auto lacking = problem_of({{"PERSONA_MID_MODELS", "openai/a"},
                                   {"PERSONA_PROVIDER", "groq"},
                                   {"PERSONA_API_KEY", "k-groq"}});
  CHECK(lacking.error == "TierNotConfiguredError");
}

TEST_CASE("AC-CFG-04 wrong values stop the start by their variable", "[bootstrap][models]") {
  CHECK(problem_of({{"PERSONA_MAX_TOKENS", "-1"}}).where == "PERSONA_MAX_TOKENS");
  CHECK(problem_of({{"PERSONA_REQUEST_TIMEOUT_S", "-1"}}).where == "PERSONA_REQUEST_TIMEOUT_S");
  CHECK(problem_of({{"PERSONA_REQUEST_TIMEOUT_S", "0"}}).where == "PERSONA_REQUEST_TIMEOUT_S");
  CHECK(problem_of({{"PERSONA_SMALL_TEMPERATURE", "-0.1"}}).where == "PERSONA_SMALL_TEMPERATURE");
  CHECK(problem_of({{"PERSONA_LOCAL_QUANTIZATION", "16bit"}}).where
        == "PERSONA_LOCAL_QUANTIZATION");
  CHECK(problem_of({{"PERSONA_MID_MAX_TOKENS", "1.5"}}).where == "PERSONA_MID_MAX_TOKENS");
  const auto bogus = problem_of(with(mid_triplet, {{"PERSONA_MID_PROVIDER", "bogus"}}));
  CHECK(context_of(bogus)["reason"] == "unknown_provider");
  CHECK(problem_of({{"PERSONA_PROVIDER", "bogus"}}).where == "PERSONA_PROVIDER");
}

TEST_CASE("AC-CFG-07 a blank key is an error of its own", "[bootstrap][models]") {
  for (const auto* blank : {"", "   ", "\t", "\n"}) {
    const auto problem =
      problem_of({{"PERSONA_MID_MODELS", "openai/a"}, {"PERSONA_OPENAI_API_KEY", blank}});
    CHECK(problem.error == "AuthenticationError");
    CHECK(context_of(problem)
          == variables{{"provider", "openai"}, {"env_var", "PERSONA_OPENAI_API_KEY"}});
  }
}

TEST_CASE("AC-CFG-12 the six rows of the precedence, for each tier", "[bootstrap][models]") {
  for (const std::string tier : {"FRONTIER", "MID", "SMALL"}) {
    const auto p = "PERSONA_" + tier + '_';
    const variables list{{p + "MODELS", "groq/fast"}, {"PERSONA_GROQ_API_KEY", "k-groq"}};
    const variables triplet{{p + "PROVIDER", "openai"}, {p + "MODEL", "a"}, {p + "API_KEY", "k"}};

    CHECK(setup_of(list).notices.empty());

    const auto both = setup_of(with(list, triplet));
    CHECK(contains(summary(both), "groq/fast"));
    REQUIRE(both.notices.size() == 1);
    CHECK_FALSE(both.notices[0].is_warning);
    CHECK(contains(both.notices[0].text,
                   "ignored: " + p + "API_KEY, " + p + "MODEL, " + p + "PROVIDER"));

    CHECK(problem_of(with(triplet, {{p + "MODELS", "x"}})).error == "MalformedTierModelsError");
    CHECK(contains(summary(setup_of(triplet)), "openai/a"));
    CHECK(setup_of({}).table->tiers.empty());

    auto lone = problem_of({{p + "MODEL", "a"}});
    CHECK(lone.error == "IncompleteTierConfigError");
    CHECK(context_of(lone)["missing_vars"] == p + "API_KEY, " + p + "PROVIDER");
    auto keyless = problem_of({{p + "PROVIDER", "openai"}, {p + "MODEL", "a"}});
    CHECK(keyless.error == "IncompleteTierConfigError");
    CHECK(context_of(keyless)["missing_vars"] == p + "API_KEY");
    auto key_only = problem_of({{p + "API_KEY", "k"}});
    CHECK(context_of(key_only)["missing_vars"] == p + "MODEL, " + p + "PROVIDER");
  }
}

TEST_CASE("AC-CFG-13 AC-CFG-14 a list keeps its order", "[bootstrap][models]") {
  const auto two = setup_of({{"PERSONA_FRONTIER_MODELS", "openai/a,groq/b"},
                             {"PERSONA_OPENAI_API_KEY", "k1"},
                             {"PERSONA_GROQ_API_KEY", "k2"}});
  CHECK(summary(two) == "frontier: openai/a groq/b");
  CHECK(two.endpoints[0][1].api_key.reveal() == "k2");
  const auto one = setup_of({{"PERSONA_MID_MODELS", "openai/a"}, {"PERSONA_OPENAI_API_KEY", "k"}});
  CHECK(summary(one) == "mid: openai/a");
}

TEST_CASE("AC-CFG-08 AC-CFG-15 models without a key are left out with a warning each",
          "[bootstrap][models]") {
  const auto setup = setup_of({{"PERSONA_MID_MODELS", "openai/a,groq/b,together/c"},
                               {"PERSONA_TOGETHER_API_KEY", "k"},
                               {"PERSONA_MID_CONTEXT_WINDOW", "9000"}});
  CHECK(summary(setup) == "mid: together/c");
  REQUIRE(setup.notices.size() == 2);
  CHECK(contains(setup.notices[0].text, "PERSONA_OPENAI_API_KEY"));
  CHECK(contains(setup.notices[0].text, "1 of 3"));
  CHECK(contains(setup.notices[1].text, "PERSONA_GROQ_API_KEY"));
  CHECK(setup.notices[0].is_warning);
}

TEST_CASE("AC-CFG-16 a list without any key: what it says", "[bootstrap][models]") {
  const auto problem = problem_of({{"PERSONA_MID_MODELS", "openai/a,groq/b"}});
  CHECK(problem.tier == "mid");
  CHECK(problem.error == "TierNotConfiguredError");
  CHECK(context_of(problem)
        == variables{{"tier", "mid"},
                     {"configured_models", "openai/a,groq/b"},
                     {"missing_providers", "openai,groq"},
                     {"consulted_env_vars", "PERSONA_OPENAI_API_KEY,PERSONA_GROQ_API_KEY"}});
}

TEST_CASE("AC-CFG-07 AC-CFG-16 a broken tier is off and the others are built",
          "[bootstrap][models]") {
  const auto off_with = [](const variables& broken, const std::string& file = "") {
    const auto setup = setup_of(with(mid_triplet, broken), file);
    CHECK(summary(setup) == "mid: openai/gpt-4o");
    REQUIRE(setup.off.size() == 1);
    CHECK(setup.off[0].tier == "frontier");
    REQUIRE(setup.off[0].problems.size() == 1);
    REQUIRE(setup.notices.size() == 1);
    CHECK(setup.notices[0].is_warning);
    CHECK(contains(setup.notices[0].text, "tier frontier is off, served by mid: "));
    return setup.off[0].problems[0];
  };
  const variables listed{{"PERSONA_FRONTIER_MODELS", "groq/a"}};
  CHECK(off_with(listed).error == "TierNotConfiguredError");
  const auto blank = off_with(with(listed, {{"PERSONA_GROQ_API_KEY", " "}}));
  CHECK(blank.error == "AuthenticationError");
  CHECK(context_of(blank) == variables{{"provider", "groq"}, {"env_var", "PERSONA_GROQ_API_KEY"}});
  CHECK(off_with({{"PERSONA_FRONTIER_MODELS", "groq"}}).error == "MalformedTierModelsError");
  CHECK(off_with({{"PERSONA_FRONTIER_MODEL", "m"}}).error == "IncompleteTierConfigError");
  CHECK(
    off_with(with(listed, {{"PERSONA_GROQ_API_KEY", "k"}, {"PERSONA_FRONTIER_MAX_TOKENS", "0"}}))
      .where
    == "PERSONA_FRONTIER_MAX_TOKENS");
  const auto in_file = off_with({}, "tiers:\n  frontier:\n    models: [groq/a, 'x/y']\n");
  CHECK(contains(describe(in_file), "runtime.yaml:3: tier frontier: entry 2 of the list"));
}

TEST_CASE("AC-CFG-16 when every configured tier is broken, all their problems stop the start",
          "[bootstrap][models]") {
  const auto built = build(
    {{"PERSONA_FRONTIER_MODELS", "groq"}, {"PERSONA_MID_MODEL", "m"}, {"PERSONA_API_KEY", "k"}});
  CHECK(built.setup.table->tiers.empty());
  CHECK(built.setup.off.empty());
  REQUIRE(built.problems.size() == 2);
  CHECK(built.problems[0].tier == "frontier");
  CHECK(built.problems[1].tier == "mid");
}

TEST_CASE("a server of Ollama that wants a key gets it", "[bootstrap][models]") {
  const variables llama{{"PERSONA_MID_PROVIDER", "ollama"}, {"PERSONA_MID_MODEL", "m"}};
  CHECK(only(setup_of(llama)).api_key.empty());
  CHECK(only(setup_of(with(llama, {{"PERSONA_MID_API_KEY", "t"}}))).api_key.reveal() == "t");
  CHECK(only(setup_of(with(llama, {{"PERSONA_OLLAMA_API_KEY", "p"}}))).api_key.reveal() == "p");
}

TEST_CASE("AC-CFG-17 tiers are configured one by one", "[bootstrap][models]") {
  const auto setup = setup_of(with(mid_triplet, {{"PERSONA_FRONTIER_MODELS", "openai/a,groq/b"},
                                                 {"PERSONA_OPENAI_API_KEY", "k1"},
                                                 {"PERSONA_GROQ_API_KEY", "k2"}}));
  CHECK(summary(setup) == "frontier: openai/a groq/b; mid: openai/gpt-4o");
  CHECK(setup.table->resolve("small") == setup.table->resolve("mid"));
}

TEST_CASE("AC-CFG-18 one model without a tier serves all three", "[bootstrap][models]") {
  const auto setup = setup_of({{"PERSONA_PROVIDER", "groq"},
                               {"PERSONA_MODEL", "fast"},
                               {"PERSONA_API_KEY", "k"},
                               {"PERSONA_BASE_URL", "http://127.0.0.1:9/v1/"},
                               {"PERSONA_CONTEXT_WINDOW", "5000"}});
  CHECK(summary(setup) == "frontier: groq/fast; mid: groq/fast; small: groq/fast");
  for (const auto& tier : setup.endpoints)
    CHECK(tier[0].base_url == "http://127.0.0.1:9/v1/");
  CHECK(setup.table->tiers[2].members[0].context_window == 5'000u);
  CHECK(contains(problem_of({{"PERSONA_PROVIDER", "groq"}}).text, "PERSONA_MODEL"));
  CHECK(contains(problem_of({{"PERSONA_PROVIDER", "groq"}, {"PERSONA_MODEL", "m"}}).text,
                 "PERSONA_API_KEY"));
}

TEST_CASE("AC-CFG-19 an extra body must be an object and reaches the endpoint",
          "[bootstrap][models]") {
  const auto body = R"({"top_k": 3})";
  CHECK(only(setup_of(with(mid_triplet, {{"PERSONA_MID_EXTRA_BODY", body}}))).extra_body == body);
  CHECK(only(setup_of(with(mid_triplet, {{"PERSONA_EXTRA_BODY", body}}))).extra_body == body);
  for (const auto* wrong : {"text", "[1]", "3", "{", "\"{}\""}) {
    CHECK(problem_of(with(mid_triplet, {{"PERSONA_MID_EXTRA_BODY", wrong}})).where
          == "PERSONA_MID_EXTRA_BODY");
  }
  const auto file =
    "tiers: {mid: {provider: openai, model: a, api_key: k, extra_body: {a: [1]}}}\n";
  CHECK(only(setup_of({}, file)).extra_body == R"({"a":[1]})");
}

TEST_CASE("what is inherited: tier, then provider, then global, then built in",
          "[bootstrap][models]") {
  const auto timeout = [](const variables& more) {
    return only(setup_of(with(mid_triplet, more))).timeouts.between_tokens;
  };
  CHECK(timeout({{"PERSONA_REQUEST_TIMEOUT_S", "77"}}) == milliseconds{77'000});
  CHECK(timeout({{"PERSONA_REQUEST_TIMEOUT_S", "77"}, {"PERSONA_OPENAI_REQUEST_TIMEOUT_S", "5"}})
        == milliseconds{5'000});
  CHECK(
    timeout({{"PERSONA_OPENAI_REQUEST_TIMEOUT_S", "5"}, {"PERSONA_MID_REQUEST_TIMEOUT_S", "0.5"}})
    == milliseconds{500});
  const auto at = only(setup_of(with(mid_triplet, {{"PERSONA_MID_REQUEST_TIMEOUT_S", "3"}}),
                                "timeouts: {connect: 1s, call: 2m, first_token: 9s}\n"));
  CHECK(at.timeouts.connect == milliseconds{1'000});
  CHECK(at.timeouts.call == milliseconds{120'000});
  CHECK(at.timeouts.first_token == milliseconds{3'000});
  CHECK(only(setup_of(with(mid_triplet, {{"PERSONA_TEMPERATURE", "0.7"}}))).temperature == 0.7);
  const auto capped = setup_of(with(mid_triplet, {{"PERSONA_OPENAI_MAX_TOKENS", "100"}}));
  CHECK(capped.table->tiers[0].members[0].reply_tokens_max == 100);
}

TEST_CASE("AC-CFG-09 base URLs: tier, provider, global of the same provider, built in",
          "[bootstrap][models]") {
  const auto url = [](const variables& more) {
    return only(setup_of(with(mid_triplet, more))).base_url;
  };
  CHECK(url({{"PERSONA_OPENAI_BASE_URL", "http://p.test/v1"}}) == "http://p.test/v1");
  CHECK(
    url({{"PERSONA_OPENAI_BASE_URL", "http://p.test"}, {"PERSONA_MID_BASE_URL", "http://t.test"}})
    == "http://t.test");
  CHECK(url({{"PERSONA_PROVIDER", "openai"}, {"PERSONA_BASE_URL", "http://g.test"}})
        == "http://g.test");
  CHECK(problem_of(with(mid_triplet, {{"PERSONA_MID_BASE_URL", "127.0.0.1:80"}})).where
        == "PERSONA_MID_BASE_URL");
  const variables list{{"PERSONA_MID_MODELS", "openai/a,groq/b"},
                       {"PERSONA_OPENAI_API_KEY", "k"},
                       {"PERSONA_GROQ_API_KEY", "k"},
                       {"PERSONA_GROQ_BASE_URL", "http://groq.test/"}};
  const auto each = setup_of(list);
  CHECK(each.endpoints[0][0].base_url == "https://api.openai.com/v1/");
  CHECK(each.endpoints[0][1].base_url == "http://groq.test/");
  const auto all = setup_of(with(list, {{"PERSONA_MID_BASE_URL", "http://gateway.test/"}}));
  CHECK(all.endpoints[0][0].base_url == "http://gateway.test/");
  CHECK(all.endpoints[0][1].base_url == "http://gateway.test/");
  const auto ignored = setup_of(
    with(list, {{"PERSONA_MID_BASE_URL", "http://old.test/"}, {"PERSONA_MID_MODEL", "old"}}));
  CHECK(ignored.endpoints[0][0].base_url == "https://api.openai.com/v1/");
}

TEST_CASE("AC-CFG-06 variables that change later change nothing", "[bootstrap][models]") {
  auto env = mid_triplet;
  const environment snapshot{env};
  env["PERSONA_MID_MODEL"] = "other";
  CHECK(snapshot.get("PERSONA_MID_MODEL") == "gpt-4o");
  CHECK(environment{{{"persona_x", "low"}, {"PERSONA_X", "high"}}}.get("Persona_X") == "high");
}

TEST_CASE("a provider that is not built yet stops the start by name", "[bootstrap][models]") {
  const auto problem =
    problem_of({{"PERSONA_MID_MODELS", "openai/a,cloudflare/x"}, {"PERSONA_OPENAI_API_KEY", "k"}});
  CHECK(problem.where == "PERSONA_MID_MODELS");
  CHECK(contains(problem.text, "provider cloudflare is not built into this version yet"));
  for (const std::string name : {"local", "cloudflare"}) {
    CHECK(
      contains(problem_of({{"PERSONA_SMALL_PROVIDER", name}, {"PERSONA_SMALL_MODEL", "m"}}).text,
               "provider " + name + " is not built"));
  }
  const auto in_file = problem_of({}, "tiers:\n  mid:\n    models: [cloudflare/a]\n");
  CHECK(in_file.where == "runtime.yaml:3");
}

TEST_CASE("stand-ins need neither key nor URL", "[bootstrap][models]") {
  CHECK(summary(setup_of({{"PERSONA_MID_PROVIDER", "rehearsal"}})) == "mid: rehearsal/rehearsal");
  const auto setup =
    setup_of({{"PERSONA_MID_PROVIDER", "scripted"}, {"PERSONA_MID_MODEL", "cases/a.json"}});
  CHECK(only(setup).wire_model == "cases/a.json");
  CHECK(only(setup).base_url.empty());
  CHECK(setup.table->tiers[0].members[0].price == model_price{0, 0});
  CHECK(contains(problem_of({{"PERSONA_MID_PROVIDER", "scripted"}}).text, "PERSONA_MID_MODEL"));
  CHECK(setup_of({{"PERSONA_PROVIDER", "rehearsal"}}).table->tiers.size() == 3);
}

TEST_CASE("Q-07 the catalogue's prefix comes back on NVIDIA's wire", "[bootstrap][models]") {
  for (const auto* model : {"nvidia/nemo", "nvidia/nvidia/nemo"}) {
    const auto setup = setup_of({{"PERSONA_MID_MODELS", model}, {"PERSONA_NVIDIA_API_KEY", "k"}});
    CHECK(only(setup).wire_model == "nvidia/nemo");
    CHECK(summary(setup) == "mid: nvidia/nemo");
    CHECK(setup.table->tiers[0].members[0].context_window == 9'000u);
  }
  const auto other =
    setup_of({{"PERSONA_MID_MODELS", "nvidia/meta/llama"}, {"PERSONA_NVIDIA_API_KEY", "k"}});
  CHECK(only(other).wire_model == "meta/llama");
}

TEST_CASE("the file gives tiers, the environment wins over it", "[bootstrap][models]") {
  const std::string file = "tiers:\n"
                           "  frontier: {models: [openai/a, groq/b], max_tokens: 500}\n"
                           "  mid: {provider: openai, model: gpt-4o, api_key: k-file, "
                           "base_url: 'http://f.test/', request_timeout_s: 2}\n";
  const variables keys{{"PERSONA_OPENAI_API_KEY", "k1"}, {"PERSONA_GROQ_API_KEY", "k2"}};
  const auto setup = setup_of(keys, file);
  CHECK(summary(setup) == "frontier: openai/a groq/b; mid: openai/gpt-4o");
  CHECK(setup.table->tiers[0].members[1].reply_tokens_max == 500);
  CHECK(setup.endpoints[1][0].api_key.reveal() == "k-file");
  CHECK(setup.endpoints[1][0].base_url == "http://f.test/");
  CHECK(setup.endpoints[1][0].timeouts.first_token == milliseconds{2'000});
  CHECK(setup.sources == std::vector<std::string>{"runtime.yaml:2", "runtime.yaml:3"});

  const auto keyed = setup_of(with(keys, {{"PERSONA_MID_API_KEY", "k-env"}}), file);
  CHECK(keyed.endpoints[1][0].api_key.reveal() == "k-env");
  CHECK(summary(setup_of(with(keys, {{"PERSONA_MID_MODEL", "a"}}), file))
        == "frontier: openai/a groq/b; mid: openai/a");
  const auto listed = setup_of(with(keys, {{"PERSONA_MID_MODELS", "groq/fast"}}), file);
  CHECK(summary(listed) == "frontier: openai/a groq/b; mid: groq/fast");
  CHECK(listed.endpoints[1][0].api_key.reveal() == "k2");
  CHECK(listed.endpoints[1][0].base_url == "https://api.groq.com/openai/v1/");
  // Another provider: what the file says about its own does not go along.
  const auto other =
    setup_of(with(keys, {{"PERSONA_MID_PROVIDER", "groq"}, {"PERSONA_MID_MODEL", "fast"}}), file);
  CHECK(other.endpoints[1][0].api_key.reveal() == "k2");
  CHECK(other.endpoints[1][0].base_url == "https://api.groq.com/openai/v1/");
}

TEST_CASE("keys of the file: in place, in a file, for one provider only", "[bootstrap][models]") {
  const auto from = [](const std::string& rest) {
    return "tiers:\n  mid: {provider: openai, model: a, " + rest + "}\n";
  };
  CHECK(only(setup_of({}, from("api_key_file: good.key"))).api_key.reveal() == "key-from-file");
  CHECK(contains(problem_of({}, from("api_key_file: blank.key")).text, "holds no key"));
  CHECK(contains(problem_of({}, from("api_key_file: gone.key")).text, "no such file"));
  CHECK(problem_of({}, from("api_key_file: gone.key")).where == "runtime.yaml:2");
  CHECK(contains(problem_of({}, from("api_key: \"a\\nb\"")).text, "control"));
  CHECK_FALSE(contains(problem_of({}, from("api_key: \"hunter2\\nb\"")).text, "hunter2"));
  const auto list = "tiers: {mid: {models: [openai/a, openai/b], api_key: k}}\n";
  CHECK(setup_of({}, list).endpoints[0][1].api_key.reveal() == "k");
  CHECK(setup_of({{"PERSONA_MID_API_KEY", "e"}}, list).endpoints[0][1].api_key.reveal() == "e");
  const std::string mixed = "tiers: {mid: {models: [openai/gpt-4o, groq/fast]}}\n";
  const auto ignoring =
    setup_of({{"PERSONA_MID_API_KEY", "e"}, {"PERSONA_GROQ_API_KEY", "g"}}, mixed);
  CHECK(summary(ignoring) == "mid: groq/fast");
  CHECK(contains(ignoring.notices.at(0).text, "PERSONA_MID_API_KEY is ignored"));
  CHECK(contains(problem_of({}, "tiers: {mid: {models: [openai/a, groq/b], api_key: k}}\n").text,
                 "several providers"));
}

TEST_CASE("AC-ENV-01 three triplets give three tiers in order", "[bootstrap][models]") {
  variables env;
  for (const std::string tier : {"SMALL", "FRONTIER", "MID"}) {
    env["PERSONA_" + tier + "_PROVIDER"] = "groq";
    env["PERSONA_" + tier + "_MODEL"] = "m-" + tier;
    env["PERSONA_" + tier + "_API_KEY"] = "k";
  }
  CHECK(summary(setup_of(env))
        == "frontier: groq/m-FRONTIER; mid: groq/m-MID; small: groq/m-SMALL");
}

TEST_CASE("the flag --rehearsal plays the tiers that have no model", "[bootstrap][models]") {
  auto setup = setup_of(mid_triplet);
  add_rehearsal(setup, a_catalog(), {});
  CHECK(summary(setup)
        == "frontier: rehearsal/rehearsal; mid: openai/gpt-4o; small: rehearsal/rehearsal");
  REQUIRE(setup.endpoints.size() == 3);
  CHECK(setup.endpoints[1][0].api_key.reveal() == "k-mid");
  CHECK(setup.sources[0] == "--rehearsal");
}

}  // namespace persona_runtime
