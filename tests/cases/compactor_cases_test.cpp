// The recorded compactions: when a context is too long, and what stays of it.

#include "domain/run/compactor.hpp"
#include "tests/cases/case_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_rows.hpp"
#include "tests/support/shared_tokenizer.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr auto messages_of_floor = std::size_t{1};

/// What we keep where that is listed to differ, by row.
std::map<std::int64_t, json::array> listed_results() {
  auto in = std::ifstream{PERSONA_SOURCE_DIR "/tests/cases/deviations.json"};
  auto text = std::stringstream{};
  text << in.rdbuf();
  const auto table = json::parse(text.str());
  auto results = std::map<std::int64_t, json::array>{};
  for (const auto& entry : table.at("compactions").as_array()) {
    const auto because = std::string_view{entry.at("because").as_string()};
    REQUIRE((because.starts_with("D-") || because.starts_with("contract §")));
    results[entry.at("row").as_int64()] = entry.at("result").as_array();
  }
  return results;
}

role role_of(std::string_view name) {
  for (const auto r : {role::system, role::user, role::assistant, role::tool}) {
    if (name_of(r) == name)
      return r;
  }
  FAIL("no such role: " << name);
  return role::user;
}

message_list context_of(const json::value& row) {
  auto context = message_list{};
  for (const auto& item : row.at("context").as_array()) {
    auto m = message{};
    m.from = role_of(item.at("role").as_string());
    m.content = shared_text{test::text_of(item.at("content"))};
    m.size = size_of(shared_tokenizer(), m.from, m.content.view());
    context.push_back(std::make_shared<const message>(std::move(m)));
  }
  return context;
}

std::uint64_t summed_size(const message_list& context) {
  auto total = std::uint64_t{0};
  for (const auto& m : context)
    total += m->size.followed;
  return context.empty() ? 0 : total - context.back()->size.followed + context.back()->size.alone;
}

/// What is left, in the form of the recorded results.
json::array result_of(const message_list& context, const fold_range& middle, bool folds,
                      const std::string& summary) {
  auto out = json::array{};
  for (auto i = std::size_t{0}; i < context.size(); ++i) {
    if (folds && i == middle.first)
      out.push_back(json::object{{"from", nullptr},
                                 {"role", "system"},
                                 {"text", "Earlier in this run: " + summary},
                                 {"metadata", {{"kind", "step_compaction"}}}});
    if (!folds || i < middle.first || i >= middle.last)
      out.push_back(
        json::object{{"from", static_cast<std::int64_t>(i)}, {"role", name_of(context[i]->from)}});
  }
  return out;
}

TEST_CASE("the recorded compactions", "[cases][domain][run]") {
  auto differing = listed_results();
  auto rows = 0;
  for (const auto& row : json_rows("text/compactor.jsonl")) {
    const auto id = row.at("id").as_int64();
    INFO("row " << id << ": " << row.at("about").as_string());
    const auto context = context_of(row);
    const auto tokens = summed_size(context);
    CHECK(tokens == row.at("rendered_tokens").to_number<std::uint64_t>());
    CHECK(tokens == shared_tokenizer().count(render(context, 0, context.size())));

    // A budget below nothing is nothing: ours has no sign.
    const auto budget = std::max<std::int64_t>(0, row.at("budget").as_int64());
    const auto full =
      should_fold(context.size(), tokens, static_cast<std::uint64_t>(budget), messages_of_floor);
    CHECK(full == row.at("should_compact").as_bool());
    const auto middle = middle_of(context, messages_of_floor);
    CHECK(static_cast<std::int64_t>(middle.count()) == row.at("middle_len").as_int64());
    auto indexes = json::array{};
    for (auto i = middle.first; i < middle.last; ++i)
      indexes.push_back(static_cast<std::int64_t>(i));
    CHECK(indexes == row.at("middle_indexes").as_array());

    const auto folds = full && middle.count() > 0;
    const auto result =
      result_of(context, middle, folds, std::string{row.at("summary").as_string()});
    ++rows;
    const auto listed = differing.extract(id);
    if (listed.empty()) {
      CHECK(result == row.at("result").as_array());
      CHECK(folds != row.at("unchanged").as_bool());
    } else {
      CHECK(result == listed.mapped());
      CHECK(result != row.at("result").as_array());
    }
  }
  CHECK(rows == 16);
  CHECK(differing.empty());  // a listed row that is not there
}

}  // namespace
}  // namespace persona_runtime
