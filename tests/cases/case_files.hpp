#pragma once
// The files of recorded cases, and the figures that tell how much of them was compared.

#include "tests/cases/expectation.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace persona_runtime::test {

/// Of tests/`path`.
[[nodiscard]] std::string file_text(const std::string& path);

/// Of tests/cases/`folder`, in order. `folder` is "agentic" or "chat".
[[nodiscard]] std::vector<std::string> case_names(const std::string& folder);
[[nodiscard]] boost::json::object scenario_named(const std::string& folder,
                                                 const std::string& name);
[[nodiscard]] boost::json::array recorded_rows(const std::string& folder, const std::string& name);

/// From tests/cases/`file`: "name: reason" per line; '#' begins a comment.
[[nodiscard]] std::set<std::string> left_out_cases(const std::string& file);

/// Recorded rows by kind.
struct row_counts {
  std::map<std::string, std::size_t> compared;
  std::map<std::string, std::size_t> left_out;

  void add(const boost::json::array& recorded, const row_book& book, bool whole_case_left_out);
};

/// As they stand in the golden file.
[[nodiscard]] std::string figures_of(std::size_t cases, std::size_t left_out,
                                     const row_counts& counts, const deviation_table& table);

/// Whole rows are too long to be read in a test's output, so they are appended to `file`, in the
/// form of the table of deviations. Fails the test unless `entries` is empty.
void report_difference(const std::string& file, const std::string& entries);

}  // namespace persona_runtime::test
