#include "tests/cases/expectation.hpp"

#include "tests/cases/case_text.hpp"
#include "tests/cases/row_rules.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

std::string text_field(const json::object& o, const char* name) {
  const auto* found = o.if_contains(name);
  return found == nullptr ? std::string{} : std::string{found->as_string()};
}

void require_reason(const std::string& because, const std::string& of) {
  if (!because.starts_with("D-") && !because.starts_with("contract §"))
    throw std::runtime_error(of + ": a deviation needs a D-number or a contract paragraph");
}

/// Lengths of the longest common subsequences of the tails of two lists.
std::vector<std::vector<std::size_t>> common_tails(const json::array& a, const json::array& b) {
  auto length = std::vector(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (auto i = a.size(); i-- > 0;) {
    for (auto j = b.size(); j-- > 0;)
      length[i][j] =
        a[i] == b[j] ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
  }
  return length;
}

}  // namespace

bool is_left_out(const json::object& recorded) {
  const auto kind = text_field(recorded, "kind");
  const auto type = text_field(recorded, "type");
  return kind.starts_with("store_")
         || (kind == "event" && (type == "memory_recall" || type.starts_with("activity_")));
}

std::string kind_of_row(const json::object& row) {
  const auto kind = text_field(row, "kind");
  if (kind == "event")
    return kind + ' ' + text_field(row, "type");
  return kind == "model_call" ? kind + ' ' + text_field(row, "purpose") : kind;
}

deviation_table deviation_table::listed() {
  auto in = std::ifstream{PERSONA_SOURCE_DIR "/tests/cases/deviations.json"};
  auto text = std::stringstream{};
  text << in.rdbuf();
  return deviation_table{text.str()};
}

deviation_table::deviation_table(std::string_view text) {
  const auto table = json::parse(text).as_object();
  for (const auto& rule : table.at("rules").as_array()) {
    const auto name = text_field(rule.as_object(), "rule");
    require_reason(text_field(rule.as_object(), "because"), name);
    if (!is_row_rule(name))
      throw std::runtime_error("no such rule: " + name);
    rules_[name] = 0;
  }
  for (const auto& item : table.at("changes").as_array()) {
    const auto& entry = item.as_object();
    auto c = change{text_field(entry, "case"),
                    text_field(entry, "because"),
                    entry.at("from").to_number<std::size_t>(),
                    entry.at("to").to_number<std::size_t>(),
                    entry.at("rows").as_array(),
                    false};
    require_reason(c.because, c.name);
    changes_.push_back(std::move(c));
  }
}

void deviation_table::apply_rules(const json::object& scenario, json::array& rows) {
  for (auto& [name, changed] : rules_)
    changed += apply_row_rule(name, scenario, rows);
}

void deviation_table::apply_changes(const std::string& name, json::array& rows) {
  auto mine = std::vector<change*>{};
  for (auto& c : changes_) {
    if (c.name == name)
      mine.push_back(&c);
  }
  std::ranges::sort(mine, std::greater{}, &change::from);  // from the end, so that places stay
  auto end = rows.size();
  for (auto* c : mine) {
    if (c->to > end || c->from > c->to)
      throw std::runtime_error(name + ": changes overlap, or go past the last row");
    end = c->from;
    const auto at = rows.begin() + static_cast<std::ptrdiff_t>(c->from);
    const auto past = rows.begin() + static_cast<std::ptrdiff_t>(c->to);
    c->used = json::array(at, past) != c->rows;
    rows_changed_ += std::max(c->to - c->from, c->rows.size());
    const auto where = rows.erase(at, past);
    rows.insert(where, c->rows.begin(), c->rows.end());
  }
}

json::array deviation_table::expected(const std::string& name, const json::object& scenario,
                                      const json::array& recorded) {
  auto rows = json::array{};
  for (const auto& row : recorded) {
    if (!is_left_out(row.as_object()))
      rows.push_back(compared_part(row.as_object()));
  }
  apply_rules(scenario, rows);
  apply_changes(name, rows);
  return rows;
}

std::vector<std::string> deviation_table::unused() const {
  auto idle = std::vector<std::string>{};
  for (const auto& [name, changed] : rules_) {
    if (changed == 0)
      idle.push_back(name);
  }
  for (const auto& c : changes_) {
    if (!c.used)
      idle.push_back(c.name + " from row " + std::to_string(c.from));
  }
  return idle;
}

std::string difference(const std::string& name, const json::array& expected,
                       const json::array& ours) {
  const auto length = common_tails(expected, ours);
  auto out = std::string{};
  auto i = std::size_t{0};
  auto j = std::size_t{0};
  while (i < expected.size() || j < ours.size()) {
    if (i < expected.size() && j < ours.size() && expected[i] == ours[j]) {
      ++i;
      ++j;
      continue;
    }
    const auto from = i;
    auto rows = json::array{};
    while ((i < expected.size() || j < ours.size())
           && !(i < expected.size() && j < ours.size() && expected[i] == ours[j])) {
      if (j == ours.size() || (i < expected.size() && length[i + 1][j] >= length[i][j + 1]))
        ++i;
      else
        rows.push_back(ours[j++]);
    }
    out += json::serialize(json::object{{"case", name},
                                        {"because", ""},
                                        {"from", static_cast<std::int64_t>(from)},
                                        {"to", static_cast<std::int64_t>(i)},
                                        {"rows", rows}});
    out += '\n';
  }
  return out;
}

}  // namespace persona_runtime::test
