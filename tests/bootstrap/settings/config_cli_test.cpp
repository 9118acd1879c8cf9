#include "bootstrap/cli/config.hpp"
#include "bootstrap/settings/settings_table.hpp"
#include "tests/bootstrap/settings/models_fixture.hpp"
#include "tests/support/scratch_directory.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace persona_runtime {
namespace {

using test::contains;

configuration a_configuration(const std::string& file, const test::variables& variables = {}) {
  const environment env{variables};
  configuration config;
  config.data = {"/usr/share/persona-runtime", "installed"};
  config.file = file.empty() ? "" : "runtime.yaml";
  config.loaded = load_settings({"runtime.yaml", file, env});
  config.catalog = test::a_catalog();
  const auto no_files = [](const std::string&) -> result<std::string> {
    return failure{errc::validation_error, "no files here"};
  };
  config.models = build_models({config.loaded, env, config.catalog, no_files});
  return config;
}

std::string file_text(const std::string& name) {
  std::ifstream in{std::string{PERSONA_SOURCE_DIR "/"} + name};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct printed {
  int exit_code;
  std::string out;
  std::string err;
};

printed explain(const configuration& config) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = cli::explain_config(config, out, err);
  return {code, out.str(), err.str()};
}

printed check(const configuration& config) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = cli::check_config(config, out, err);
  return {code, out.str(), err.str()};
}

}  // namespace

// To accept a change on purpose: run this test with PERSONA_UPDATE_GOLDEN=1 and read the diff.
TEST_CASE("config explain prints what the golden file says", "[bootstrap][cli]") {
  const auto golden = "tests/golden/config_explain.txt";
  const auto now = explain(a_configuration("")).out;
  if (std::getenv("PERSONA_UPDATE_GOLDEN") != nullptr) {
    std::ofstream{std::string{PERSONA_SOURCE_DIR "/"} + golden} << now;
  }
  CHECK(now == file_text(golden));
}

TEST_CASE("AC-CFG-03 config explain shows values, where they came from, and no secret",
          "[bootstrap][cli]") {
  const auto said = explain(
    a_configuration("limits: {steps_max: 50}\n"
                    "tiers: {mid: {provider: openai, model: gpt-4o, api_key: hunter2}}\n"
                    "tools: [{name: count, description: d, kind: command, command: [wc, -w]}]\n",
                    {{"PERSONA_API_RATE_LIMIT_RUNS", "5"},
                     {"PERSONA_SMALL_MODELS", "groq/fast,openai/x"},
                     {"PERSONA_GROQ_API_KEY", "hunter3"}}));
  CHECK(said.exit_code == 0);
  CHECK(contains(said.out, "limits.steps_max = 50  (runtime.yaml:1)"));
  CHECK(contains(said.out, "limits.steps_default = 20  (default)"));
  CHECK(contains(said.out, "rates.runs_per_minute = 5  (PERSONA_API_RATE_LIMIT_RUNS)"));
  CHECK(contains(said.out, "tiers.mid.api_key = ***  (runtime.yaml:2)"));
  CHECK(contains(said.out, "tools[0].command = [wc, -w]  (runtime.yaml:3)"));
  CHECK(contains(said.out, "tier mid  (runtime.yaml:2)"));
  CHECK(contains(said.out, "openai/gpt-4o: window 128000, reply cap 4096, price 1/2 cents"));
  CHECK(contains(said.out, "warning: tier small: openai/x is left out"));
  CHECK_FALSE(contains(said.out + said.err, "hunter"));
}

TEST_CASE("config check: 0 when all is well, 1 and every problem otherwise", "[bootstrap][cli]") {
  const auto good = check(a_configuration("limits: {steps_max: 50}\n"));
  CHECK(good.exit_code == 0);
  CHECK(good.out == "runtime.yaml: all is well, 0 tiers have a model\n");
  const auto bad = check(a_configuration("limits:\n  steps_mx: 50\nlisten: here\n",
                                         {{"PERSONA_MID_MODELS", "nothing"}}));
  CHECK(bad.exit_code == 1);
  CHECK(bad.out.empty());
  CHECK(
    contains(bad.err, "runtime.yaml:2: limits.steps_mx: unknown key; did you mean `steps_max`?"));
  CHECK(contains(bad.err, "runtime.yaml:3: listen: "));
  CHECK(contains(bad.err, "PERSONA_MID_MODELS: "));
  CHECK(explain(a_configuration("nothing: 1\n")).exit_code == 1);
}

TEST_CASE("AC-CFG-07 a tier that is off is explained, and fails the check", "[bootstrap][cli]") {
  const auto config = a_configuration("", {{"PERSONA_MID_PROVIDER", "rehearsal"},
                                           {"PERSONA_FRONTIER_MODELS", "groq/fast"},
                                           {"PERSONA_GROQ_API_KEY", " "}});
  const auto said = explain(config);
  CHECK(said.exit_code == 0);
  CHECK(contains(said.out, "tier frontier  (off): served by mid\n"
                           "    PERSONA_GROQ_API_KEY: tier frontier: the key is set but blank"));
  CHECK(contains(said.out, "tier mid  (PERSONA_MID_PROVIDER)"));
  CHECK(contains(said.out, "tier small  (not configured): served by mid\n"));
  const auto checked = check(config);
  CHECK(checked.exit_code == 1);
  CHECK(contains(checked.err, "PERSONA_GROQ_API_KEY: tier frontier: "));
}

TEST_CASE("every key stands in docs/configuration.md", "[bootstrap][docs]") {
  const auto docs = file_text("docs/configuration.md");
  for (const auto& key : settings_table()) {
    INFO(key.key);
    CHECK(docs.find("`" + std::string{key.key} + "`") != std::string::npos);
    if (!key.variable.empty()) {
      CHECK(docs.find("`" + std::string{key.variable} + "`") != std::string::npos);
    }
  }
}

TEST_CASE("the configuration that is shipped is valid", "[bootstrap][cli]") {
  configuration_request request;
  request.file = PERSONA_SOURCE_DIR "/config/runtime.yaml";
  request.env = environment{{{"PERSONA_SHARE", PERSONA_SOURCE_DIR "/config"}}};
  const auto config = load_configuration(request);
  REQUIRE(config.has_value());
  for (const auto& problem : config->problems())
    FAIL(describe(problem));
  CHECK(config->models.setup.table->tiers.empty());
  request.file = PERSONA_SOURCE_DIR "/config/none.yaml";
  CHECK(load_configuration(request).has_error());
}

TEST_CASE("the operator's table of models goes before the shipped one", "[bootstrap][cli]") {
  const auto scratch = testing::scratch_directory{};
  const auto path = (scratch.path() / "own.yaml").string();
  configuration_request request;
  request.file = PERSONA_SOURCE_DIR "/config/runtime.yaml";
  request.env = environment{{{"PERSONA_SHARE", PERSONA_SOURCE_DIR "/config"},
                             {"PERSONA_MODEL_TABLE", path},
                             {"PERSONA_MID_MODELS", "openai/gpt-4o,openai/gpt-4o-mini"},
                             {"PERSONA_OPENAI_API_KEY", "k"}}};
  const auto missing = load_configuration(request);
  REQUIRE(missing.has_value());
  REQUIRE(missing->problems().size() == 1);
  CHECK(missing->problems()[0].where == "PERSONA_MODEL_TABLE");

  std::ofstream{path}
    << "models:\n  - {provider: openai, model: gpt-4o, in: 7, out: 8, "
       "window: 100000, native_tools: true, source: contract, date: 2026-01-01}\n";
  const auto config = load_configuration(request);
  REQUIRE(config.has_value());
  CHECK(config->problems().empty());
  const auto said = explain(*config);
  CHECK(contains(said.out, "openai/gpt-4o: window 100000, reply cap 4096, price 7/8 cents per 1k "
                           "(contract, 2026-01-01)"));
  CHECK(contains(said.out, "openai/gpt-4o-mini: window 128000, reply cap 4096, price 0.015/0.06 "
                           "cents per 1k (reference, 2026-06-13)"));
}

TEST_CASE("a block of the process's environment becomes an environment", "[bootstrap][cli]") {
  const char* const block[] = {"PERSONA_A=1=2", "=odd", "noequals", "PERSONA_B=", nullptr};
  const auto env = environment_of(block);
  CHECK(env.raw("PERSONA_A") == "1=2");
  CHECK(env.raw("PERSONA_B") == "");
  CHECK_FALSE(env.get("PERSONA_B"));
  CHECK_FALSE(env.raw("NOEQUALS"));
  CHECK_FALSE(environment_of(nullptr).raw("X"));
}

}  // namespace persona_runtime
