#pragma once
// Figures of a scenario: a table for people, JSON for programs.

#include <string>
#include <vector>

namespace persona_runtime::bench {

struct figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::string target;  // in words; empty: none
};

struct report {
  std::string title;
  std::vector<figure> figures;
  std::vector<std::string> losses;  // anything here makes the program end with 1

  void add(std::string name, double value, std::string unit = {}, std::string target = {}) {
    figures.push_back({std::move(name), value, std::move(unit), std::move(target)});
  }
};

void print_table(const report& what);
/// False when the file cannot be written.
bool write_json(const report& what, const std::string& file);

}  // namespace persona_runtime::bench
