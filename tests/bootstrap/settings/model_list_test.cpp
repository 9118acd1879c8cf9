#include "bootstrap/settings/model_list.hpp"
#include "bootstrap/settings/providers.hpp"
#include "tests/bootstrap/settings/models_fixture.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <string>

namespace persona_runtime {
namespace {

using test::context_of;

const list_place place{"mid", "PERSONA_MID_MODELS"};
using slots = std::vector<model_slot>;

slots parsed(std::string_view text) {
  auto list = parse_model_list(text, place);
  REQUIRE(list.has_value());
  return *list;
}

config_problem refused(std::string_view text) {
  const auto list = parse_model_list(text, place);
  REQUIRE(list.has_error());
  return list.error();
}

}  // namespace

TEST_CASE("5.5 a list is read in order, split at the first slash", "[bootstrap][settings]") {
  CHECK(parsed("anthropic/claude-sonnet-4-6") == slots{{"anthropic", "claude-sonnet-4-6"}});
  CHECK(parsed("  anthropic/a , openai/b  ") == slots{{"anthropic", "a"}, {"openai", "b"}});
  CHECK(parsed("together/meta-llama/Llama-3-70b") == slots{{"together", "meta-llama/Llama-3-70b"}});
  CHECK(parsed("nvidia/nemotron-3-super-120b-a12b")
        == slots{{"nvidia", "nemotron-3-super-120b-a12b"}});
  CHECK(parsed("openai / a") == slots{{"openai", "a"}});
  CHECK(parsed("scripted//tmp/a.json") == slots{{"scripted", "/tmp/a.json"}});
}

TEST_CASE("AC-CFG-10 every fault of a list has its reason, tier, value and position",
          "[bootstrap][settings]") {
  struct row {
    const char* value;
    const char* reason;
    const char* position;
  };
  for (const auto& r : std::vector<row>{{"openai/x,,", "empty_csv_entry", "1"},
                                        {",openai/gpt-4o", "empty_csv_entry", "0"},
                                        {"openai/x, ", "empty_csv_entry", "1"},
                                        {"gpt-4o", "missing_slash", "0"},
                                        {"openai/x,opnai/y", "unknown_provider", "1"},
                                        {"OpenAI/x", "unknown_provider", "0"},
                                        {"/x", "unknown_provider", "0"},
                                        {"openai/", "empty_model", "0"},
                                        {"openai/ ,x", "empty_model", "0"}}) {
    INFO(r.value);
    const auto problem = refused(r.value);
    CHECK(problem.error == "MalformedTierModelsError");
    CHECK(problem.where == "PERSONA_MID_MODELS");
    auto context = context_of(problem);
    CHECK(context["reason"] == r.reason);
    CHECK(context["position"] == r.position);
    CHECK(context["tier"] == "mid");
    CHECK(context["value"] == r.value);
  }
}

TEST_CASE("AC-CFG-10 a blank list has no position", "[bootstrap][settings]") {
  for (const auto* blank : {"", "  ", "\t\n"}) {
    auto context = context_of(refused(blank));
    CHECK(context["reason"] == "empty_after_strip");
    CHECK_FALSE(context.contains("position"));
  }
}

TEST_CASE("AC-CFG-11 local providers cannot stand in a list", "[bootstrap][settings]") {
  const auto problem = refused("deepseek/deepseek-chat,ollama/llama2");
  CHECK(problem.error == "LocalProviderInModelsListError");
  auto context = context_of(problem);
  CHECK(context["position"] == "1");
  CHECK(context["hint"].find("PERSONA_<TIER>_PROVIDER=ollama") != std::string::npos);
  CHECK(context["hint"].find("not a cross-provider fallback peer") != std::string::npos);
  CHECK(context_of(refused("local/x"))["hint"].find("PERSONA_LOCAL_MODEL_ID") != std::string::npos);
}

TEST_CASE("a provider spelled nearly right is suggested", "[bootstrap][settings]") {
  CHECK(refused("opnai/x").text.find("did you mean `openai`?") != std::string::npos);
}

TEST_CASE("a list has at most 64 models", "[bootstrap][settings]") {
  std::string list = "openai/m";
  for (int i = 1; i < 64; ++i)
    list += ",openai/m";
  CHECK(parsed(list).size() == 64);
  CHECK(refused(list + ",openai/m").text.find("64") != std::string::npos);
  CHECK(parse_model_list(std::vector<std::string>(65, "openai/m"), place).has_error());
}

TEST_CASE("a list of the file is checked like one of a variable", "[bootstrap][settings]") {
  const auto good = parse_model_list(std::vector<std::string>{"openai/a", " groq/b/c "}, place);
  REQUIRE(good.has_value());
  CHECK(*good == slots{{"openai", "a"}, {"groq", "b/c"}});
  const auto bad = parse_model_list(std::vector<std::string>{"openai/a", "b"}, place);
  REQUIRE(bad.has_error());
  CHECK(context_of(bad.error())["position"] == "1");
}

TEST_CASE("AC-CFG-05 default base URLs", "[bootstrap][settings]") {
  CHECK(find_provider("anthropic")->base_url.find("/v1") == std::string_view::npos);
  for (const auto& provider : providers()) {
    if (provider.wire != provider_wire::openai || provider.name == "cloudflare")
      continue;
    INFO(provider.name);
    CHECK(provider.base_url.ends_with("/v1/"));
  }
  CHECK(find_provider("bogus") == nullptr);
}

}  // namespace persona_runtime
