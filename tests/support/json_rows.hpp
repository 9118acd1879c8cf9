#pragma once
// Reads recorded cases: one JSON value per line feed.

#include <boost/json.hpp>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace persona_runtime {

/// The rows of tests/cases/`name`. Throws when the file is missing or broken.
inline std::vector<boost::json::value> json_rows(const std::string& name) {
  std::ifstream in{std::string{PERSONA_SOURCE_DIR} + "/tests/cases/" + name};
  if (!in)
    throw std::runtime_error("no recorded cases " + name);
  std::vector<boost::json::value> rows;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty())
      rows.push_back(boost::json::parse(line));
  }
  return rows;
}

}  // namespace persona_runtime
