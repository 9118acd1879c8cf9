#pragma once
// The routing tables of config/routing/, read once per test program.

#include "domain/conversation/message_tables.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace persona_runtime {

/// Throws with every problem when the file is missing or wrong.
inline message_tables read_tables(const std::string& name) {
  std::ifstream in{PERSONA_SOURCE_DIR "/config/routing/" + name + ".yaml"};
  std::stringstream text;
  text << in.rdbuf();
  auto tables = parse_message_tables(text.str());
  if (tables)
    return *tables;
  std::string all = name + ".yaml:";
  for (const auto& p : tables.error())
    all += '\n' + describe(p, name);
  throw std::runtime_error(all);
}

/// What the recorded rows were made with.
inline const message_tables& reference_tables() {
  static const auto tables = read_tables("reference");
  return tables;
}

/// What is shipped.
inline const message_tables& default_tables() {
  static const auto tables = read_tables("default");
  return tables;
}

}  // namespace persona_runtime
