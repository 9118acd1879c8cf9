// Recorded histories. A call of the reference's manager folds and shows at once; ours folds after
// a turn and shows before the next one, so both happen in that order here (D-15).

#include "domain/conversation/history.hpp"
#include "tests/cases/rule_rows.hpp"
#include "tests/support/catch.hpp"

namespace persona_runtime {
namespace {

namespace json = boost::json;

void add_messages(conversation& c, std::int64_t count) {
  for (auto i = std::int64_t{0}; i < count; ++i) {
    const auto number = c.messages.size();
    c.messages.push_back({number % 2 == 0 ? role::user : role::assistant,
                          "m" + std::to_string(number), zoned_instant{}});
  }
}

json::array shown(const message_list& history) {
  auto out = json::array{};
  for (const auto& m : history) {
    auto metadata = json::object{};
    if (m->kind == message_kind::history_summary)
      metadata["kind"] = "compacted_summary";
    out.push_back(json::object{
      {"role", name_of(m->from)}, {"text", m->content.view()}, {"metadata", std::move(metadata)}});
  }
  return out;
}

json::object fold_and_show(conversation& c, const history_rules& rules,
                           const std::string& segment) {
  auto summarised = json::array{};
  if (const auto due = due_fold(c, rules)) {
    auto slice = json::array{};
    for (auto i = due->first; i < due->last; ++i)
      slice.emplace_back(text_of(c.messages[i]));
    summarised.push_back(std::move(slice));
    REQUIRE(apply_fold(c, *due, joined_summary(c.compacted_summary, segment)));
  }
  const auto history = prompt_history(
    c, "Earlier in this conversation: ", [](role, std::string_view) { return message_size{}; });
  return {{"turn_count", c.messages.size()},
          {"summarised", std::move(summarised)},
          {"out", shown(history)},
          {"compacted_up_to", c.compacted_up_to},
          {"compacted_summary", c.compacted_summary}};
}

TEST_CASE("HIST-03 the recorded histories", "[cases][domain]") {
  auto file =
    test::rule_rows{"text/history.jsonl",
                    {"about", "compact_every", "keep_recent", "messages", "compacted_up_to",
                     "compacted_summary", "summariser", "then_add_per_call", "constructor_error"}};
  for (const auto& row : file.rows()) {
    const auto rules = history_rules{row.at("compact_every").to_number<std::uint32_t>(),
                                     row.at("keep_recent").to_number<std::uint32_t>()};
    const auto refused = row.as_object().contains("constructor_error");
    CHECK(checked(rules).has_error() == refused);
    auto c = conversation{};
    add_messages(c, row.at("messages").to_number<std::int64_t>());
    c.compacted_up_to = row.at("compacted_up_to").to_number<std::uint32_t>();
    c.compacted_summary = std::string{row.at("compacted_summary").as_string()};
    auto ours = json::array{};
    for (auto call = std::size_t{0}; call < row.at("calls").as_array().size(); ++call) {
      if (call > 0)
        add_messages(c, row.at("then_add_per_call").to_number<std::int64_t>());
      ours.push_back(fold_and_show(c, rules, std::string{row.at("summariser").as_string()}));
    }
    file.compare(row, "calls", ours);
  }
  file.finish();
}

}  // namespace
}  // namespace persona_runtime
