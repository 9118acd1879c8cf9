// The recorded agentic runs (AGT-01 and what is beside it): what the reference did, changed by the
// listed deviations, is what we do.

#include "tests/cases/agentic_case.hpp"
#include "tests/cases/expectation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_rows.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace persona_runtime {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test::deviation_table;

constexpr auto first_tokens_plain = std::uint64_t{127};

std::string file_text(const std::string& path) {
  auto in = std::ifstream{std::string{PERSONA_SOURCE_DIR} + "/tests/" + path};
  auto text = std::stringstream{};
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> case_names() {
  auto names = std::vector<std::string>{};
  for (const auto& entry : fs::directory_iterator{PERSONA_SOURCE_DIR "/tests/cases/agentic/inputs"})
    names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

/// "name: reason" per line; '#' begins a comment.
std::set<std::string> left_out_cases() {
  auto names = std::set<std::string>{};
  auto lines = std::istringstream{file_text("cases/left_out.txt")};
  for (std::string line; std::getline(lines, line);) {
    if (const auto colon = line.find(": "); !line.starts_with('#') && colon != std::string::npos)
      names.insert(line.substr(0, colon));
  }
  return names;
}

json::array recorded_rows(const std::string& name) {
  auto rows = json::array{};
  for (auto& row : json_rows("agentic/expected/" + name + ".jsonl"))
    rows.push_back(std::move(row));
  return rows;
}

std::uint64_t first_tokens(const json::array& recorded) {
  for (const auto& row : recorded) {
    if (test::kind_of_row(row.as_object()) == "model_call step")
      return row.at("context_tokens").to_number<std::uint64_t>();
  }
  return first_tokens_plain;
}

struct row_counts {
  std::map<std::string, std::size_t> compared;
  std::map<std::string, std::size_t> left_out;

  void add(const json::array& recorded, bool whole_case_left_out) {
    for (const auto& row : recorded) {
      const auto out = whole_case_left_out || test::is_left_out(row.as_object());
      ++(out ? left_out : compared)[test::kind_of_row(row.as_object())];
    }
  }
};

void append_counts(std::string& out, const char* what,
                   const std::map<std::string, std::size_t>& counts) {
  auto total = std::size_t{0};
  for (const auto& [kind, count] : counts) {
    out.append(what).append(" ").append(kind).append(": ").append(std::to_string(count)) += '\n';
    total += count;
  }
  out.append(what).append(" in all: ").append(std::to_string(total)) += '\n';
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

case_run run_case(deviation_table& table, const std::string& name) {
  const auto scenario =
    json::parse(file_text("cases/agentic/inputs/" + name + ".json")).as_object();
  const auto recorded = recorded_rows(name);
  auto expected = table.expected(name, scenario, recorded);
  return {std::move(expected), test::play_agentic(scenario, first_tokens(recorded))};
}

/// Whole rows are too long to be read in a test's output, so they stand in a file beside it.
void report_difference(const std::string& entries) {
  if (!entries.empty())
    std::ofstream{"case_differences.jsonl", std::ios::app} << entries;
  INFO("what differs is in case_differences.jsonl, in the form of deviations.json");
  CHECK(entries == "");
}

TEST_CASE("AGT-01 the recorded runs, with the listed deviations", "[cases]") {
  auto table = deviation_table::listed();
  auto counts = row_counts{};
  const auto left_out = left_out_cases();
  auto cases = std::size_t{0};
  fs::remove("case_differences.jsonl");
  for (const auto& name : case_names()) {
    INFO(name);
    const auto out = left_out.contains(name);
    counts.add(recorded_rows(name), out);
    if (out)
      continue;
    ++cases;
    try {
      const auto [expected, ours] = run_case(table, name);
      report_difference(test::difference(name, expected, ours.rows));
      check_usage(ours);
    } catch (const std::exception& e) {
      FAIL_CHECK(e.what());
    }
  }
  CHECK(table.unused() == std::vector<std::string>{});
  auto text = std::string{};
  text += "cases compared: " + std::to_string(cases) + '\n';
  text += "cases left out: " + std::to_string(left_out.size()) + '\n';
  append_counts(text, "compared", counts.compared);
  append_counts(text, "left out", counts.left_out);
  text += "listed changes: " + std::to_string(table.changes()) + '\n';
  text += "rows in listed changes: " + std::to_string(table.rows_changed()) + '\n';
  CHECK(text == file_text("golden/case_rows.txt"));
}

TEST_CASE("a recorded row that is altered anywhere is noticed", "[cases]") {
  auto table = deviation_table::listed();
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
    return deviation_table{R"({"rules": [], "changes": [)" + change + "]}"};
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
  const auto names = case_names();
  const auto left_out = left_out_cases();
  CHECK(left_out.size() == 5);
  for (const auto& name : left_out)
    CHECK(std::ranges::find(names, name) != names.end());
}

}  // namespace
}  // namespace persona_runtime
