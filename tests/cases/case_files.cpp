#include "tests/cases/case_files.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/json_rows.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace persona_runtime::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

void append_counts(std::string& out, const char* what,
                   const std::map<std::string, std::size_t>& counts) {
  auto total = std::size_t{0};
  for (const auto& [kind, count] : counts) {
    out.append(what).append(" ").append(kind).append(": ").append(std::to_string(count)) += '\n';
    total += count;
  }
  out.append(what).append(" in all: ").append(std::to_string(total)) += '\n';
}

}  // namespace

std::string file_text(const std::string& path) {
  auto in = std::ifstream{std::string{PERSONA_SOURCE_DIR} + "/tests/" + path};
  auto text = std::stringstream{};
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> case_names(const std::string& folder) {
  auto names = std::vector<std::string>{};
  const auto path = std::string{PERSONA_SOURCE_DIR} + "/tests/cases/" + folder + "/inputs";
  for (const auto& entry : fs::directory_iterator{path})
    names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

json::object scenario_named(const std::string& folder, const std::string& name) {
  return json::parse(file_text("cases/" + folder + "/inputs/" + name + ".json")).as_object();
}

json::array recorded_rows(const std::string& folder, const std::string& name) {
  auto rows = json::array{};
  for (auto& row : json_rows(folder + "/expected/" + name + ".jsonl"))
    rows.push_back(std::move(row));
  return rows;
}

std::set<std::string> left_out_cases(const std::string& file) {
  auto names = std::set<std::string>{};
  auto lines = std::istringstream{file_text("cases/" + file)};
  for (std::string line; std::getline(lines, line);) {
    if (const auto colon = line.find(": "); !line.starts_with('#') && colon != std::string::npos)
      names.insert(line.substr(0, colon));
  }
  return names;
}

void row_counts::add(const json::array& recorded, const row_book& book, bool whole_case_left_out) {
  for (const auto& row : recorded) {
    const auto out = whole_case_left_out || book.is_left_out(row.as_object());
    ++(out ? left_out : compared)[kind_of_row(row.as_object())];
  }
}

std::string figures_of(std::size_t cases, std::size_t left_out, const row_counts& counts,
                       const deviation_table& table) {
  auto text = std::string{};
  text += "cases compared: " + std::to_string(cases) + '\n';
  text += "cases left out: " + std::to_string(left_out) + '\n';
  append_counts(text, "compared", counts.compared);
  append_counts(text, "left out", counts.left_out);
  text += "listed changes: " + std::to_string(table.changes()) + '\n';
  text += "rows in listed changes: " + std::to_string(table.rows_changed()) + '\n';
  return text;
}

void report_difference(const std::string& file, const std::string& entries) {
  if (!entries.empty())
    std::ofstream{file, std::ios::app} << entries;
  INFO("what differs is in " << file << ", in the form of the table of deviations");
  CHECK(entries == "");
}

}  // namespace persona_runtime::test
