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

constexpr auto chat_differences = "chat_differences.jsonl";

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
  fs::remove(chat_differences);
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
      test::report_difference(chat_differences, test::difference(name, run.expected, run.ours));
    } catch (const std::exception& e) {
      FAIL_CHECK(e.what());
    }
  }
  CHECK(table.unused() == std::vector<std::string>{});
  CHECK(test::figures_of(cases, left_out.size(), counts, table)
        == test::file_text("golden/chat_rows.txt"));
}

/// The rows of a case that nobody would miss if they were recorded otherwise.
std::vector<std::size_t> unnoticed(deviation_table& table, const std::string& name) {
  const auto scenario = test::scenario_named("chat", name);
  const auto recorded = test::recorded_rows("chat", name);
  const auto ours = run_chat(table, name, recorded).ours;
  auto rows = std::vector<std::size_t>{};
  for (auto i = std::size_t{0}; i < recorded.size(); ++i) {
    if (table.replaces(name, i))
      continue;  // its expected value stands in the table
    auto altered = recorded;
    altered[i].as_object()["planted"] = true;
    if (table.expected(name, scenario, altered) == ours)
      rows.push_back(i);
  }
  return rows;
}

TEST_CASE("a recorded chat row that is altered anywhere is noticed", "[cases][chat]") {
  const auto left_out = test::left_out_cases("chat_left_out.txt");
  auto table = chat_table();
  for (const auto& name : test::case_names("chat")) {
    INFO(name);
    if (!left_out.contains(name))
      CHECK(unnoticed(table, name) == std::vector<std::size_t>{});
  }
}

TEST_CASE("an expected value of the table that is altered is noticed", "[cases][chat]") {
  const auto listed = json::parse(test::file_text("cases/chat_deviations.json"));
  const auto changes = listed.at("changes").as_array().size();
  REQUIRE(changes > 0);
  for (auto i = std::size_t{0}; i < changes; ++i) {
    auto altered = listed;
    auto& change = altered.at("changes").at(i).as_object();
    INFO("change " << i);
    if (auto& rows = change.at("rows").as_array(); rows.empty())
      change["to"] = change.at("from");  // what was to go stays
    else
      rows.front().as_object()["planted"] = true;
    auto table = deviation_table{json::serialize(altered), test::chat_rows()};
    const auto name = std::string{change.at("case").as_string()};
    const auto run = run_chat(table, name, test::recorded_rows("chat", name));
    CHECK(run.expected != run.ours);
  }
}

TEST_CASE("every chat that is left out exists and says why", "[cases][chat]") {
  const auto names = test::case_names("chat");
  CHECK(names.size() == 42);
  const auto left_out = test::left_out_cases("chat_left_out.txt");
  CHECK(left_out.size() == 2);
  for (const auto& name : left_out)
    CHECK(std::ranges::find(names, name) != names.end());
}

}  // namespace
}  // namespace persona_runtime
