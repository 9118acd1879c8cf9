#pragma once
// Recorded rows of pure rules: what is compared field by field, what is left out by name, and what
// is listed to differ (tests/cases/rule_rows.json). How much was compared is pinned in
// tests/golden/rule_rows.txt.

#include "domain/conversation/message_tables.hpp"
#include "domain/tier/tier_table.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::test {

/// The rows of one file. Call compare() for every field of every row, then finish().
class rule_rows {
public:
  /// `inputs` are the fields that a row gives to the rule.
  rule_rows(std::string file, std::set<std::string> inputs);

  [[nodiscard]] const std::vector<boost::json::value>& rows() const { return rows_; }

  /// Ours must be what was recorded, or what is listed instead of it.
  void compare(const boost::json::value& row, const std::string& field,
               const boost::json::value& ours);

  /// Every field is an input, compared or left out; every listed difference was there.
  void finish();

private:
  std::string file_;
  std::set<std::string> inputs_;
  std::set<std::string> left_out_;
  std::vector<boost::json::value> rows_;
  std::map<std::string, boost::json::value> listed_;  // by "row field"
  std::map<std::string, std::size_t> compared_;       // by field
  std::size_t differing_ = 0;
};

/// A JSON text with its numbers exact to the last bit, as doubles: Boost.JSON rounds long ones.
[[nodiscard]] boost::json::value exact_json(std::string_view text);

/// The same with every number as a double.
[[nodiscard]] boost::json::value plain_numbers(boost::json::value value);

/// The personas and registries that rows name. `registry` null: "none".
[[nodiscard]] persona recorded_persona(const std::string& name);
[[nodiscard]] const tier_table* recorded_registry(const std::string& name);

}  // namespace persona_runtime::test
