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

std::string text_in(const std::string& file) {
  auto in = std::ifstream{std::string{PERSONA_SOURCE_DIR} + '/' + file};
  auto text = std::stringstream{};
  text << in.rdbuf();
  return text.str();
}

/// Whether docs/deviations.md has a row of its own for what stands up to the colon.
bool is_documented(std::string_view because) {
  static const auto page = text_in("docs/deviations.md");
  const auto name = because.substr(0, because.find(':'));
  return page.find("\n| " + std::string{name} + " |") != std::string::npos;
}

void require_reason(const std::string& because, const std::string& of) {
  if (!because.starts_with("D-") && !because.starts_with("contract §") && !is_documented(because))
    throw std::runtime_error(of
                             + ": a deviation needs a D-number, a contract paragraph, or a row "
                               "in docs/deviations.md: "
                             + because);
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

std::string kind_of_row(const json::object& row) {
  const auto kind = text_field(row, "kind");
  if (kind == "event")
    return kind + ' ' + text_field(row, "type");
  return kind == "model_call" ? kind + ' ' + text_field(row, "purpose") : kind;
}

deviation_table deviation_table::listed(const std::string& file, const row_book& book) {
  return deviation_table{text_in("tests/cases/" + file), book};
}

deviation_table::deviation_table(std::string_view text, const row_book& book) : book_{&book} {
  const auto table = json::parse(text).as_object();
  for (const auto& rule : table.at("rules").as_array()) {
    const auto name = text_field(rule.as_object(), "rule");
    require_reason(text_field(rule.as_object(), "because"), name);
    if (std::ranges::find(book.rules, name, &row_book::rule::name) == book.rules.end())
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
  for (const auto& rule : book_->rules) {
    if (const auto listed = rules_.find(std::string{rule.name}); listed != rules_.end())
      listed->second += rule.apply(scenario, rows);
  }
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
    if (!book_->is_left_out(row.as_object()))
      rows.push_back(book_->compared_part(row.as_object()));
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

bool deviation_table::replaces(const std::string& name, std::size_t row) const {
  return std::ranges::any_of(
    changes_, [&](const change& c) { return c.name == name && c.from <= row && row < c.to; });
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
