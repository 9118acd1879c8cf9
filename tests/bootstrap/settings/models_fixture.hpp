#pragma once
// A configuration from texts, for tests of the models.

#include "bootstrap/settings/build_models.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <string>

namespace persona_runtime::test {

using variables = std::map<std::string, std::string>;

inline model_catalog a_catalog() {
  const auto catalog = model_catalog::parse(R"(models:
  - {provider: openai, model: "*", native_tools: true, source: us, date: 2026-01-01}
  - {provider: openai, model: gpt-4o, in: 1, out: 2, window: 128000, source: us, date: 2026-01-01}
  - {provider: groq, model: fast, in: 0.5, out: 1, window: 8000, source: us, date: 2026-01-01}
  - {provider: nvidia, model: nemo, window: 9000, native_tools: true, source: us, date: 2026-01-01}
  - {provider: rehearsal, model: "*", in: 0, out: 0, window: 128000, source: us, date: 2026-01-01}
  - {provider: scripted, model: "*", in: 0, out: 0, window: 128000, source: us, date: 2026-01-01}
)",
                                            "test");
  REQUIRE(catalog.has_value());
  return *catalog;
}

/// What `env` and the text of a file give. Key files: "good.key" and "blank.key" exist.
inline built_models build(const variables& env, const std::string& file = "") {
  const environment snapshot{env};
  const auto loaded = load_settings({"runtime.yaml", file, snapshot});
  for (const auto& problem : loaded.problems)
    FAIL(describe(problem));
  const auto catalog = a_catalog();
  const auto read_key = [](const std::string& path) -> result<std::string> {
    if (path == "good.key")
      return std::string{"key-from-file\n"};
    if (path == "blank.key")
      return std::string{" \n"};
    return failure{errc::validation_error, path + ": no such file"};
  };
  return build_models({loaded, snapshot, catalog, read_key});
}

/// The same where nothing is wrong.
inline model_setup setup_of(const variables& env, const std::string& file = "") {
  auto built = build(env, file);
  for (const auto& problem : built.problems)
    FAIL(describe(problem));
  return std::move(built.setup);
}

/// The only problem.
inline config_problem problem_of(const variables& env, const std::string& file = "") {
  const auto built = build(env, file);
  for (const auto& problem : built.problems)
    UNSCOPED_INFO(describe(problem));
  REQUIRE(built.problems.size() == 1);
  return built.problems.front();
}

inline std::map<std::string, std::string> context_of(const config_problem& problem) {
  return {problem.context.begin(), problem.context.end()};
}

/// "frontier: openai/a groq/b; mid: …"
inline std::string summary(const model_setup& setup) {
  std::string out;
  for (const auto& tier : setup.table->tiers) {
    out += (out.empty() ? "" : "; ") + tier.name + ':';
    for (const auto& member : tier.members)
      out += ' ' + member.label();
  }
  return out;
}

inline bool contains(const std::string& text, std::string_view part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace persona_runtime::test
