#include "domain/tier/model_catalog.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace persona_runtime {
namespace {

model_catalog shipped() {
  std::ifstream file{PERSONA_SOURCE_DIR "/config/models.yaml"};
  std::ostringstream text;
  text << file.rdbuf();
  auto catalog = model_catalog::parse(text.str(), "models.yaml");
  if (!catalog)
    FAIL(catalog.error().detail);
  return *catalog;
}

std::string problem_in(const std::string& text) {
  const auto catalog = model_catalog::parse(text, "t.yaml");
  REQUIRE_FALSE(catalog.has_value());
  CHECK(catalog.error().code == errc::validation_error);
  return catalog.error().detail;
}

const std::string tail = "source: us, date: 2026-01-01}\n";

}  // namespace

TEST_CASE("AC-CMP-04 the shipped table has the seven prices", "[domain][tier]") {
  struct row {
    const char* provider;
    const char* model;
    double in;
    double out;
  };
  const auto catalog = shipped();
  for (const auto& r :
       std::vector<row>{{"anthropic", "claude-sonnet-4-6", 0.30, 1.50},
                        {"anthropic", "claude-haiku-4-5", 0.08, 0.40},
                        {"deepseek", "deepseek-chat", 0.014, 0.028},
                        {"groq", "llama-3.1-8b-instant", 0.005, 0.008},
                        {"nvidia", "llama-3.3-nemotron-super-49b-v1.5", 0.040, 0.040},
                        {"nvidia", "nemotron-3-super-120b-a12b", 0.060, 0.120},
                        {"nvidia", "nemotron-3-nano-omni-30b-a3b-reasoning", 0.020, 0.040}}) {
    INFO(r.model);
    const auto price = catalog.entry(r.provider, r.model).price.value();
    CHECK(price.prompt == r.in);
    CHECK(price.completion == r.out);
  }
  CHECK(cost_cents(catalog.entry("nvidia", "nvidia/llama-3.3-nemotron-super-49b-v1.5"), 1000, 1000)
          .value()
        == Approx(0.08));
}

TEST_CASE("what Anthropic keeps of a prompt has prices of its own", "[domain][tier]") {
  const auto catalog = shipped();
  for (const auto* model : {"claude-sonnet-4-6", "claude-haiku-4-5"}) {
    INFO(model);
    const auto price = catalog.entry("anthropic", model).price.value();
    CHECK(price.cache_read.value() == Approx(price.prompt / 10));
    CHECK(price.cache_write.value() == Approx(price.prompt * 1.25));
  }
  CHECK_FALSE(catalog.entry("deepseek", "deepseek-chat").price->cache_read);
}

TEST_CASE("AC-CMP-04 a model that is not in the table has no price", "[domain][tier]") {
  const auto catalog = shipped();
  CHECK_FALSE(catalog.entry("nvidia", "stabilityai/x").price);
  CHECK_FALSE(catalog.entry("nobody", "m").price);
  CHECK_FALSE(catalog.entry("nvidia", "nvidia/nvidia/llama-3.3-nemotron-super-49b-v1.5").price);
  CHECK_FALSE(catalog.entry("openai", "no-such-model").context_window);
}

TEST_CASE("every row of the shipped table says where it comes from", "[domain][tier]") {
  const auto catalog = shipped();
  for (const auto& row : catalog.rows()) {
    INFO(row.provider << '/' << row.model);
    CHECK_FALSE(row.source.empty());
    CHECK(row.date.size() == 10);
  }
}

TEST_CASE("prices that are to be verified are the three that are uncertain", "[domain][tier]") {
  CHECK(shipped().unverified()
        == std::vector<std::string>{"nvidia/llama-3.3-nemotron-super-49b-v1.5",
                                    "nvidia/nemotron-3-super-120b-a12b",
                                    "nvidia/nemotron-3-nano-omni-30b-a3b-reasoning"});
  CHECK(problem_in("models:\n  - {provider: p, model: m, basis: rumour, " + tail)
        == "t.yaml:2: `basis` is published or verify-at-deploy");
}

TEST_CASE("rows of the operator's table go before the shipped ones", "[domain][tier]") {
  const auto own = *model_catalog::parse(
    "models:\n"
    "  - {provider: anthropic, model: claude-sonnet-4-6, in: 9, out: 10, "
      + tail + "  - {provider: acme, model: m, in: 1, out: 2, window: 5000, " + tail,
    "own.yaml");
  const auto both = shipped().with(own);
  CHECK(both.rows().size() == shipped().rows().size() + 1);
  CHECK(both.entry("anthropic", "claude-sonnet-4-6").price == model_price{9, 10});
  CHECK_FALSE(both.entry("anthropic", "claude-sonnet-4-6").context_window);
  CHECK(both.entry("anthropic", "claude-haiku-4-5").price.has_value());
  CHECK(both.entry("acme", "m").context_window == 5'000u);
  REQUIRE(both.find("acme", "acme/m") != nullptr);
  CHECK(both.find("acme", "m")->source == "us");
  CHECK(both.find("acme", "n") == nullptr);
}

TEST_CASE("stand-ins cost nothing and have a window, whatever their model", "[domain][tier]") {
  const auto catalog = shipped();
  for (const auto* provider : {"rehearsal", "scripted"}) {
    const auto entry = catalog.entry(provider, "any/file.json");
    CHECK(entry.price == model_price{0, 0});
    CHECK(entry.context_window == 128'000u);
    CHECK(entry.counts_exactly);
  }
}

TEST_CASE("AC-CAP-01 native tool calling of the providers that are built", "[domain][tier]") {
  const auto catalog = shipped();
  const auto native = [&](const char* provider, const char* model) {
    return catalog.entry(provider, model).native_tools;
  };
  CHECK(native("openai", "whatever"));
  for (const auto* model :
       {"deepseek-chat", "deepseek-v3", "deepseek-v3.2", "deepseek-v4", "deepseek-r1-0528"}) {
    CHECK(native("deepseek", model));
  }
  CHECK_FALSE(native("deepseek", "deepseek-reasoner"));
  for (const auto* model : {"llama-3.3-70b-versatile", "llama-3.1-8b-instant",
                            "meta-llama/llama-4-scout-17b-16e-instruct", "qwen/qwen3-32b"}) {
    CHECK(native("groq", model));
  }
  CHECK_FALSE(native("groq", "gemma2-9b-it"));
  CHECK_FALSE(native("together", "meta-llama/Llama-3-70b"));
  CHECK(native("nvidia", "nvidia/nemotron-3-super-120b-a12b"));
  CHECK(native("nvidia", "nemotron-3-super-120b-a12b"));
  CHECK_FALSE(native("nvidia", "vila"));
  CHECK_FALSE(native("nobody", "m"));
}

TEST_CASE("a model's own row goes before its provider's, field by field", "[domain][tier]") {
  const auto catalog = model_catalog::parse(
    "models:\n"
    "  - {provider: p, model: '*', in: 1, out: 2, window: 10, native_tools: true, "
      + tail + "  - {provider: p, model: a/b, window: 20, native_tools: false, " + tail,
    "t.yaml");
  REQUIRE(catalog.has_value());
  const auto entry = catalog->entry("p", "p/a/b");
  CHECK(entry.model == "a/b");
  CHECK(entry.label() == "p/a/b");
  CHECK(entry.price == model_price{1, 2});
  CHECK(entry.context_window == 20u);
  CHECK_FALSE(entry.native_tools);
}

TEST_CASE("AC-IR-09 quality and latency go together and are those of one model", "[domain][tier]") {
  const auto table =
    model_catalog::parse("models:\n  - {provider: p, model: m, quality: 0.7, latency_ms: 300, "
                           + tail + "  - {provider: p, model: n, " + tail,
                         "t.yaml");
  REQUIRE(table.has_value());
  CHECK(table->traits() == model_traits_table{{"p/m", {0.7, 300}}});
  const std::string head = "models:\n  - {provider: p, model: m, ";
  CHECK(problem_in(head + "quality: 0.7, " + tail)
        == "t.yaml:2: `quality` and `latency_ms` go together");
  CHECK(problem_in(head + "quality: 1.1, latency_ms: 1, " + tail).find("`quality`")
        != std::string::npos);
  CHECK(problem_in(head + "quality: 1, latency_ms: -1, " + tail).find("`latency_ms`")
        != std::string::npos);
}

TEST_CASE("a table with a fault is refused with file and line", "[domain][tier]") {
  const std::string head = "models:\n  - {provider: p, model: m, ";
  CHECK(problem_in(head + "price: 3, " + tail) == "t.yaml:2: unknown key `price`");
  CHECK(problem_in(head + "in: 3, " + tail) == "t.yaml:2: `in` and `out` go together");
  CHECK(problem_in(head + "cache_read: 1, " + tail)
        == "t.yaml:2: `cache_read` and `cache_write` stand beside `in` and `out`");
  CHECK(problem_in(head + "in: 1, out: 1, cache_write: -1, " + tail).find("`cache_write`")
        != std::string::npos);
  CHECK(problem_in(head + "in: -1, out: 1, " + tail).find("`in`") != std::string::npos);
  CHECK(problem_in(head + "in: nan, out: 1, " + tail).find("`in`") != std::string::npos);
  CHECK(problem_in(head + "in: 1e9, out: 1, " + tail).find("`in`") != std::string::npos);
  CHECK(problem_in(head + "window: 0, " + tail).find("`window`") != std::string::npos);
  CHECK(problem_in(head + "window: 1.5, " + tail).find("`window`") != std::string::npos);
  CHECK(problem_in(head + "native_tools: maybe, " + tail).find("true or false")
        != std::string::npos);
  CHECK(problem_in(head + "date: 2026-01-01}\n").find("`source`") != std::string::npos);
  CHECK(problem_in(head + "model: n, " + tail).find("t.yaml:2: ") == 0);
  CHECK(problem_in(head + tail + "  - {provider: p, model: m, " + tail)
        == "t.yaml:3: p/m stands twice");
  CHECK(problem_in("models:\n  - just text\n") == "t.yaml:2: a model is a mapping");
}

TEST_CASE("a table that is no table is refused", "[domain][tier]") {
  CHECK(problem_in("").find("`models`") != std::string::npos);
  CHECK(problem_in("- 1\n").find("`models`") != std::string::npos);
  CHECK(problem_in("models: {}\n").find("`models`") != std::string::npos);
  CHECK(problem_in("models: []\nother: 1\n").find("`models`") != std::string::npos);
  CHECK(problem_in("models: [\n").find("t.yaml:") == 0);
  CHECK(problem_in(std::string(2u << 20, ' ')).find("larger") != std::string::npos);
  CHECK(problem_in("models: " + std::string(100'000, '[')).size() <= 512);
  std::string many = "models:\n";
  for (int i = 0; i < 4097; ++i) {
    many += "  - {provider: p, model: m" + std::to_string(i) + ", " + tail;
  }
  CHECK(problem_in(many).find("more than 4096") != std::string::npos);
}

}  // namespace persona_runtime
