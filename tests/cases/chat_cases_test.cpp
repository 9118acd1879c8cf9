// The recorded chat turns: what the reference did, changed by the deviations that are listed in
// chat_deviations.json, is what we do.

#include "tests/cases/case_files.hpp"
#include "tests/cases/chat_case.hpp"
#include "tests/cases/expectation.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace persona_runtime {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test::deviation_table;

constexpr auto differences = "chat_differences.jsonl";

struct chat_run {
  json::array expected;
  json::array ours;
};

deviation_table chat_table() {
  return deviation_table::listed("chat_deviations.json", test::chat_rows());
}

chat_run run_chat(deviation_table& table, const std::string& name, const json::array& recorded) {
  const auto scenario = test::scenario_named("chat", name);
  return {table.expected(name, scenario, recorded), test::play_chat(scenario)};
}

TEST_CASE("TURN recorded chats, with the listed deviations", "[cases][chat]") {
  auto table = chat_table();
  auto counts = test::row_counts{};
  const auto left_out = test::left_out_cases("chat_left_out.txt");
  auto cases = std::size_t{0};
  fs::remove(differences);
  for (const auto& name : test::case_names("chat")) {
    INFO(name);
    const auto recorded = test::recorded_rows("chat", name);
    const auto out = left_out.contains(name);
    counts.add(recorded, test::chat_rows(), out);
    if (out)
      continue;
    ++cases;
    try {
      const auto run = run_chat(table, name, recorded);
      test::report_difference(differences, test::difference(name, run.expected, run.ours));
    } catch (const std::exception& e) {
      FAIL_CHECK(e.what());
    }
  }
  CHECK(table.unused() == std::vector<std::string>{});
  CHECK(test::figures_of(cases, left_out.size(), counts, table)
        == test::file_text("golden/chat_rows.txt"));
}

TEST_CASE("a recorded chat row that is altered anywhere is noticed", "[cases][chat]") {
  for (const auto* name : {"c004_two_tools", "c040_skill", "c030_ask_missing_param"}) {
    auto table = chat_table();
    const auto recorded = test::recorded_rows("chat", name);
    const auto ours = run_chat(table, name, recorded).ours;
    const auto scenario = test::scenario_named("chat", name);
    for (auto i = std::size_t{0}; i < recorded.size(); ++i) {
      INFO(name << " row " << i);
      auto altered = recorded;
      altered[i].as_object()["planted"] = true;
      const auto rest = test::difference(name, table.expected(name, scenario, altered), ours);
      const auto listed = table.replaces(name, i);  // its expected value stands in the table
      CHECK(rest.empty() == listed);
    }
  }
}

TEST_CASE("every chat that is left out exists and says why", "[cases][chat]") {
  const auto names = test::case_names("chat");
  CHECK(names.size() == 42);
  const auto left_out = test::left_out_cases("chat_left_out.txt");
  CHECK(left_out.size() == 9);
  for (const auto& name : left_out)
    CHECK(std::ranges::find(names, name) != names.end());
}

}  // namespace
}  // namespace persona_runtime
