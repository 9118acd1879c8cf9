#include "tests/cases/label_sizes.hpp"

#include "tests/support/json_rows.hpp"

#include <map>

namespace persona_runtime::test {

std::size_t recorded_tokens(const std::string& label) {
  static const auto sizes = [] {
    auto found = std::map<std::string, std::size_t>{};
    for (const auto& row : json_rows("text/labels.jsonl"))
      found[std::string{row.at("name").as_string()}] = row.at("tokens").to_number<std::size_t>();
    return found;
  }();
  return sizes.at(label);
}

}  // namespace persona_runtime::test
