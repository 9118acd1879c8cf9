// The recorded agentic runs (AGT-01 and what is beside it): what the reference did, changed by the
// listed deviations, is what we do.

#include "tests/cases/agentic_case.hpp"
#include "tests/cases/case_files.hpp"
#include "tests/cases/case_prompts.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <filesystem>

namespace persona_runtime {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test::deviation_table;

constexpr auto first_tokens_plain = std::uint64_t{127};
constexpr auto differences = "case_differences.jsonl";

std::uint64_t first_tokens(const json::array& recorded) {
  for (const auto& row : recorded) {
    if (test::kind_of_row(row.as_object()) == "model_call step")
      return row.at("context_tokens").to_number<std::uint64_t>();
  }
  return first_tokens_plain;
}

struct case_run {
  json::array expected;
  test::played_case ours;
};

/// D-11: what every call took, summed, whatever came of it. One that a cancel cut off adds its
/// prompt as we count it, and makes the sum an estimate (contract §6, Usage).
void check_usage(const test::played_case& played) {
  const auto calls = std::ranges::count_if(
    played.rows, [](const auto& row) { return row.at("kind").as_string() == "model_call"; });
  CHECK(played.usage.model_calls == static_cast<std::uint64_t>(calls));
  if (played.usage.estimated)
    CHECK(played.usage.prompt_tokens > played.answered.prompt);
  else
    CHECK(played.usage.prompt_tokens == played.answered.prompt);
  CHECK(played.usage.completion_tokens == played.answered.completion);
}

/// The floor as recorded: of the first request for a step.
std::string step_floor(const json::array& recorded) {
  for (const auto& row : recorded) {
    if (test::kind_of_row(row.as_object()) == "model_call step")
      return test::recorded_floor_in(row.at("messages").at(0).as_object());
  }
  return {};
}

case_run run_case(deviation_table& table, const std::string& name) {
  const auto scenario = test::scenario_named("agentic", name);
  const auto recorded = test::recorded_rows("agentic", name);
  auto expected = table.expected(name, scenario, recorded);
  return {std::move(expected), test::play_agentic(scenario, first_tokens(recorded))};
}

TEST_CASE("AGT-01 the recorded runs, with the listed deviations", "[cases]") {
  auto table = deviation_table::listed("deviations.json", test::run_rows());
  auto counts = test::row_counts{};
  const auto left_out = test::left_out_cases("left_out.txt");
  auto cases = std::size_t{0};
  auto floors = std::size_t{0};
  fs::remove(differences);
  for (const auto& name : test::case_names("agentic")) {
    INFO(name);
    const auto out = left_out.contains(name);
    const auto recorded = test::recorded_rows("agentic", name);
    counts.add(recorded, test::run_rows(), out);
    if (out)
      continue;
    ++cases;
    try {
      const auto [expected, ours] = run_case(table, name);
      test::report_difference(differences, test::difference(name, expected, ours.rows));
      check_usage(ours);
      if (const auto floor = step_floor(recorded); !floor.empty()) {
        CHECK(ours.floor == floor);
        ++floors;
      }
    } catch (const std::exception& e) {
      FAIL_CHECK(e.what());
    }
  }
  CHECK(table.unused() == std::vector<std::string>{});
  CHECK(floors == 99);
  CHECK(test::figures_of(cases, left_out.size(), counts, table)
        == test::file_text("golden/case_rows.txt"));
}

TEST_CASE("a recorded row that is altered anywhere is noticed", "[cases]") {
  auto table = deviation_table::listed("deviations.json", test::run_rows());
  const auto [expected, ours] = run_case(table, "a004_tool_final");
  REQUIRE(test::difference("a004", expected, ours.rows).empty());
  for (auto i = std::size_t{0}; i < expected.size(); ++i) {
    INFO("row " << i);
    auto altered = expected;
    altered[i].as_object()["kind"] = "altered";
    CHECK_FALSE(test::difference("a004", altered, ours.rows).empty());
    altered.erase(altered.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(test::difference("a004", altered, ours.rows).empty());
  }
}

TEST_CASE("a deviation without a reason, or that is none, is refused", "[cases]") {
  const auto table_with = [](const std::string& change) {
    return deviation_table{R"({"rules": [], "changes": [)" + change + "]}", test::run_rows()};
  };
  CHECK_THROWS(table_with(R"({"case":"x","because":"so it is","from":0,"to":1,"rows":[]})"));
  const auto scenario = json::object{{"task", "t"}, {"tools", json::array{}}};
  const auto recorded = json::array{json::object{{"n", 0}, {"kind", "end"}, {"script_used", 1}}};
  const auto as_recorded =
    R"({"case":"x","because":"D-1","from":0,"to":1,"rows":[{"kind":"end","script_used":1}]})";
  auto idle = table_with(as_recorded);
  CHECK(idle.expected("x", scenario, recorded).size() == 1);
  CHECK(idle.unused().size() == 1);
  auto past = table_with(R"({"case":"x","because":"D-1","from":1,"to":2,"rows":[]})");
  CHECK_THROWS(past.expected("x", scenario, recorded));
  auto real = table_with(R"({"case":"x","because":"D-1","from":0,"to":1,"rows":[]})");
  CHECK(real.expected("x", scenario, recorded).empty());
  CHECK(real.unused().empty());
}

TEST_CASE("every case that is left out exists and says why", "[cases]") {
  const auto names = test::case_names("agentic");
  const auto left_out = test::left_out_cases("left_out.txt");
  CHECK(left_out.empty());
  for (const auto& name : left_out)
    CHECK(std::ranges::find(names, name) != names.end());
}

}  // namespace
}  // namespace persona_runtime
