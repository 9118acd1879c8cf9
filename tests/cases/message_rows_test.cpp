// Recorded verdicts about messages and answers, with the tables of config/routing/reference.yaml.

#include "bootstrap/cli/explain_message.hpp"
#include "tests/cases/rule_rows.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tables.hpp"

namespace persona_runtime {
namespace {

namespace json = boost::json;
using cli::verdict_json;

const declared_capabilities all_capabilities{
  {"web_research", "document_drafting"},
  {"web_search", "web_fetch", "file_write", "file_read", "image_generation"}};
const declared_capabilities few_capabilities{{"document_drafting"}, {"web_search"}};

json::object critical(std::string_view message) {
  const auto& signals = reference_tables().signals;
  auto out = json::object{};
  for (const auto* name : {"mira", "plain", "nora"}) {
    const auto words = keywords_of(test::recorded_persona(name), signals.keywords);
    out[name] = is_identity_sensitive(message, words, signals);
  }
  return out;
}

TEST_CASE("AC-CLS-01 the recorded verdicts about messages", "[cases][domain]") {
  const auto& tables = reference_tables();
  auto file = test::rule_rows{"router/messages.jsonl", {"message"}};
  for (const auto& row : file.rows()) {
    const auto message = std::string_view{row.at("message").as_string()};
    const auto turn = context_of_turn(message, 0, false, {}, tables.signals);
    file.compare(row, "est_tokens", turn.estimated_input_tokens);
    file.compare(row, "boilerplate", turn.is_boilerplate);
    file.compare(row, "critical", critical(message));
    file.compare(row, "ambiguity_first",
                 verdict_json(detect_ambiguity(message, {}, tables.ambiguity)));
    file.compare(row, "ambiguity_later",
                 verdict_json(detect_ambiguity(message, {false, true}, tables.ambiguity)));
    file.compare(row, "ambiguity_after_question",
                 verdict_json(detect_ambiguity(message, {true, true}, tables.ambiguity)));
    file.compare(row, "task_all",
                 verdict_json(detect_task(message, tables.tasks, all_capabilities)));
    file.compare(row, "task_few",
                 verdict_json(detect_task(message, tables.tasks, few_capabilities)));
  }
  file.finish();
}

TEST_CASE("LOG-08 the recorded verdicts about answers", "[cases][domain]") {
  auto file = test::rule_rows{"router/output_detectors.jsonl", {"output", "available"}};
  for (const auto& row : file.rows()) {
    auto available = std::vector<std::string>{};
    for (const auto& name : row.at("available").as_array())
      available.emplace_back(name.as_string());
    auto ours = json::array{};
    for (const auto& name : refused_tools(std::string_view{row.at("output").as_string()}, available,
                                          reference_tables().refusals))
      ours.emplace_back(name);
    file.compare(row, "refusals", ours);
  }
  file.finish();
}

TEST_CASE("AC-CLS-03 the recorded keywords of personas", "[cases][domain]") {
  auto file = test::rule_rows{"router/keywords.jsonl", {"persona"}};
  for (const auto& row : file.rows()) {
    const auto name = std::string{row.at("persona").as_string()};
    auto ours = json::array{};
    for (const auto& word :
         keywords_of(test::recorded_persona(name), reference_tables().signals.keywords))
      ours.emplace_back(word);
    file.compare(row, "keywords", ours);
  }
  file.finish();
}

}  // namespace
}  // namespace persona_runtime
