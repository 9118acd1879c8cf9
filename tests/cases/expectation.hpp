#pragma once
// What we do in a recorded case: the recorded rows, changed by the deviations that are listed in
// deviations.json and by nothing else.
//
// Rules hold in every case and carry a D-number or a contract paragraph, as single changes do. A
// change replaces the rows [from, to) of its case, counted after the rules, by `rows`. What
// changes nothing is an error, so that the table never says more than is true.

#include "tests/cases/row_rules.hpp"

#include <boost/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::test {

/// "event thinking", "model_call step", "run", …
[[nodiscard]] std::string kind_of_row(const boost::json::object& row);

class deviation_table {
public:
  /// Reads {"rules": […], "changes": […]}. Throws when it is malformed, or an entry has no reason.
  deviation_table(std::string_view text, const row_book& book);

  /// The one in tests/cases/`file`.
  [[nodiscard]] static deviation_table listed(const std::string& file, const row_book& book);

  /// What we must do in the case, without the rows that are left out. Throws when changes of the
  /// case overlap or go past its end.
  [[nodiscard]] boost::json::array expected(const std::string& name,
                                            const boost::json::object& scenario,
                                            const boost::json::array& recorded);

  /// Rules and changes that have not changed anything so far.
  [[nodiscard]] std::vector<std::string> unused() const;

  /// Whether the listed changes of the case put another row in the place of that one, or none.
  [[nodiscard]] bool replaces(const std::string& name, std::size_t row) const;

  [[nodiscard]] std::size_t changes() const { return changes_.size(); }
  [[nodiscard]] std::size_t rows_changed() const { return rows_changed_; }

private:
  struct change {
    std::string name;
    std::string because;
    std::size_t from = 0;
    std::size_t to = 0;
    boost::json::array rows;
    bool used = false;
  };
  void apply_rules(const boost::json::object& scenario, boost::json::array& rows);
  void apply_changes(const std::string& name, boost::json::array& rows);

  const row_book* book_;
  std::map<std::string, std::size_t> rules_;  // how often each has changed a row
  std::vector<change> changes_;
  std::size_t rows_changed_ = 0;
};

/// The rows that differ, as entries of the table (`because` left to its author); empty: none.
[[nodiscard]] std::string difference(const std::string& name, const boost::json::array& expected,
                                     const boost::json::array& ours);

}  // namespace persona_runtime::test
