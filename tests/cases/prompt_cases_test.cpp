// The recorded prompts: which sections in which order, and what each budget leaves out. Our texts
// take as many tokens as the recorded ones did, so budgets meet.

#include "domain/persona/parse_persona.hpp"
#include "domain/prompt/build_prompt.hpp"
#include "domain/skill/activation.hpp"
#include "tests/cases/case_text.hpp"
#include "tests/cases/of_tokens.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_rows.hpp"
#include "tests/support/shared_tokenizer.hpp"

#include <fstream>
#include <map>
#include <sstream>

namespace persona_runtime {
namespace {

namespace json = boost::json;

const text_counter counter = [](std::string_view text) { return shared_tokenizer().count(text); };

std::map<std::string, std::size_t> recorded_sizes() {
  auto sizes = std::map<std::string, std::size_t>{};
  for (const auto& row : json_rows("text/labels.jsonl"))
    sizes[std::string{row.at("name").as_string()}] = row.at("tokens").to_number<std::size_t>();
  return sizes;
}

struct sized_texts {
  prompt_texts texts;
  test::label_list labels;
};

/// Texts as large as those that the recorded rows name, and the short ones as they stand there.
const sized_texts& all_texts() {
  static const auto made = [] {
    const auto sizes = recorded_sizes();
    auto out = sized_texts{};
    const auto text = [&](const std::string& begin, const std::string& label) {
      auto wording = test::of_tokens(shared_tokenizer(), begin, sizes.at(label));
      out.labels.emplace_back("⟦" + label + "⟧", wording);
      return wording;
    };
    auto& floor = out.texts.floor;
    floor.opener = "You are {name}, {role}.";
    floor.prohibitions = "You must NOT:";
    floor.self_facts = "Relevant facts about yourself:";
    floor.worldview = "Your views:";
    floor.episodic = "From earlier conversations:";
    floor.workspace = text("Files go", "FILE_WORKSPACE_CONVENTIONS");
    floor.produced_files = text("Check", "PRODUCED_FILES_VERIFICATION");
    floor.app_discovery = text("Look", "MCP_SEARCH_GUIDANCE");
    floor.footer = text("Stay", "FOOTER");
    out.texts.skills.preamble = text("Go by", "SUBORDINATION_PREAMBLE");
    for (const auto& [tag, name] :
         {std::pair{"no", "Norwegian"}, std::pair{"de", "German"}, std::pair{"fr", "French"},
          std::pair{"es", "Spanish"}, std::pair{"ar", "Arabic"}})
      text("Reply in " + std::string{name}, "REPLY_LANGUAGE " + std::string{tag});
    floor.language = test::replaced(out.labels.back().second, "Arabic", "{language}");
    return out;
  }();
  return made;
}

persona persona_of(const json::value& row) {
  const auto parsed = parse_persona(json::serialize(row.at("persona")));
  REQUIRE(parsed.has_value());
  return *parsed->value;
}

std::vector<memory_line> lines_of(const json::value& retrieved, const char* store) {
  auto out = std::vector<memory_line>{};
  const auto* lines = retrieved.as_object().if_contains(store);
  if (lines == nullptr)
    return out;
  for (const auto& item : lines->as_array()) {
    const auto* whole = item.if_object();
    const auto* text = whole == nullptr ? nullptr : whole->if_contains("text");
    const auto* tag = whole == nullptr ? nullptr : whole->if_contains("epistemic");
    out.push_back({shared_text{test::text_of(text == nullptr ? item : *text)},
                   tag == nullptr ? std::string{} : test::text_of(*tag), true});
  }
  return out;
}

prompt_item item_of(role from, std::string text) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{std::move(text)};
  return make_item(std::make_shared<const message>(std::move(m)), counter);
}

std::string text_or_nothing(const json::value& row, const char* name) {
  const auto& value = row.at(name);
  return value.is_null() ? std::string{} : test::text_of(value);
}

prompt_parts parts_of(const json::value& row) {
  const auto& texts = all_texts().texts;
  const auto language = text_or_nothing(row, "reply_language");
  auto parts = prompt_parts{};
  parts.frame = make_frame(persona_of(row), texts.floor, {language, {}}, counter);
  const auto& retrieved = row.at("retrieved");
  parts.memory =
    make_memory_sections({lines_of(retrieved, "self_facts"), lines_of(retrieved, "worldview"),
                          lines_of(retrieved, "episodic")},
                         texts.floor, "n", counter);
  parts.skill_index = make_section(text_or_nothing(row, "skill_index"), counter);
  if (const auto content = text_or_nothing(row, "skill_content"); !content.empty())
    parts.skills = make_section(active_skills_text({content}, texts.skills), counter);
  for (const auto& m : row.at("history").as_array())
    parts.history.push_back(
      item_of(m.at("role").as_string() == "user" ? role::user : role::assistant,
              test::text_of(m.at("content"))));
  parts.user = item_of(role::user, test::text_of(row.at("user")));
  parts.tokens_max = row.at("max_tokens").to_number<std::uint64_t>();
  return parts;
}

/// In the form of the recorded rows.
json::object shown(const built_prompt& built) {
  auto messages = json::array{};
  auto tokens = json::array{};
  for (const auto& m : built.messages) {
    auto one = test::shown_text(test::with_labels(m->content.str(), all_texts().labels));
    one["role"] = name_of(m->from);
    messages.push_back(one);
    tokens.push_back(static_cast<std::int64_t>(shared_tokenizer().count(m->content.view())));
  }
  return {{"messages", messages},
          {"tokens", tokens},
          {"total_tokens", static_cast<std::int64_t>(built.report.tokens)}};
}

/// A recorded outcome without what depends on the wording.
json::object comparable(const json::value& recorded) {
  auto out = json::object{};
  for (const auto* field : {"messages", "tokens", "total_tokens"})
    out[field] = recorded.at(field);
  for (auto& m : out["messages"].as_array()) {
    auto& one = m.as_object();
    if (test::has_label(json::serialize(one))) {
      one.erase("len");
      one.erase("sha");
    }
  }
  return out;
}

struct prompt_table {
  std::map<std::int64_t, json::value> differing;
  std::map<std::int64_t, std::string> left_out;
};

prompt_table listed() {
  auto in = std::ifstream{PERSONA_SOURCE_DIR "/tests/cases/deviations.json"};
  auto text = std::stringstream{};
  text << in.rdbuf();
  const auto table = json::parse(text.str()).at("prompts");
  auto out = prompt_table{};
  for (const auto& entry : table.at("changes").as_array()) {
    REQUIRE(entry.at("because").as_string().starts_with("D-"));
    out.differing[entry.at("row").as_int64()] = entry.at("out");
  }
  for (const auto& entry : table.at("left_out").as_array()) {
    for (const auto& row : entry.at("rows").as_array())
      out.left_out[row.as_int64()] = entry.at("because").as_string();
  }
  return out;
}

TEST_CASE("the recorded prompts", "[cases][domain][prompt]") {
  auto table = listed();
  auto rows = 0;
  for (const auto& row : json_rows("text/prompt.jsonl")) {
    const auto id = row.at("id").as_int64();
    INFO("row " << id << ": " << row.at("about").as_string());
    ++rows;
    if (!table.left_out.extract(id).empty())
      continue;
    const auto built = shown(build_prompt(parts_of(row)));
    const auto differs = table.differing.extract(id);
    if (differs.empty()) {
      INFO(json::serialize(built));
      CHECK(built == comparable(row.at("out")));
    } else {
      INFO(json::serialize(built));
      CHECK(built == comparable(differs.mapped()));
      CHECK(differs.mapped() != row.at("out"));
    }
  }
  CHECK(rows == 49);
  CHECK(table.differing.empty());  // a listed row that is not there
  CHECK(table.left_out.empty());
}

}  // namespace
}  // namespace persona_runtime
