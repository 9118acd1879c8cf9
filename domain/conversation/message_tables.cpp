#include "domain/conversation/message_tables.hpp"

#include "domain/text/unicode.hpp"
#include "domain/yaml/field_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace persona_runtime {
namespace {

using pattern_list = std::vector<pattern>;

constexpr auto whole_words = std::pair<std::string_view, std::string_view>{R"(\b()", R"()\b)"};
constexpr auto whole_text = std::pair<std::string_view, std::string_view>{R"(^\s*()", R"()\s*$)"};

std::string alternatives(const std::vector<std::string>& texts) {
  auto out = std::string{};
  for (const auto& text : texts)
    out.append(out.empty() ? "" : "|").append(text);
  return out;
}

/// A mistake in a pattern becomes a problem with the key that holds it.
pattern compiled(field_reader& in, std::string_view key, const std::string& text,
                 std::pair<std::string_view, std::string_view> around = {}) {
  // Compiled alone first, so that a stray ) cannot hide in the parentheses around it.
  auto alone = pattern::compile(text);
  if (!alone) {
    in.report(key, alone.error().detail);
    return {};
  }
  auto all = pattern::compile(std::string{around.first}.append(text).append(around.second));
  if (!all)
    in.report(key, all.error().detail);
  return all ? *all : pattern{};
}

pattern any_of_words(field_reader& in, std::string_view key) {
  const auto texts = in.texts(key);
  if (texts.empty()) {
    in.report(key, "must list at least one pattern");
    return {};
  }
  for (const auto& text : texts) {
    if (!pattern::compile(text))
      return compiled(in, key, text);
  }
  return compiled(in, key, alternatives(texts), whole_words);
}

pattern_list each_of(field_reader& in, std::string_view key) {
  auto out = pattern_list{};
  for (const auto& text : in.texts(key))
    out.push_back(compiled(in, key, text));
  return out;
}

std::set<std::string> folded_words(field_reader& in, std::string_view key) {
  auto out = std::set<std::string>{};
  for (const auto& word : in.texts(key))
    out.insert(case_folded(word));
  return out;
}

void read_signals(field_reader& in, signal_table& out) {
  out.boilerplate = any_of_words(in, "boilerplate");
  out.identity = any_of_words(in, "identity");
  in.block("keywords", [&out](field_reader& words) {
    static constexpr auto kinds =
      std::array<std::pair<std::string_view, bool>, 2>{{{"ascii", false}, {"unicode", true}}};
    out.keywords.unicode = words.one_of<bool>("words", false, kinds);
    out.keywords.letters_min =
      static_cast<std::uint32_t>(words.number("letters_min", 5, {1, 100, true}));
    out.keywords.stop_words = folded_words(words, "stop_words");
  });
}

std::optional<ambiguity_class> class_of_id(std::string_view id) {
  constexpr auto letters = std::string_view{"ABCD"};
  const auto at = id.size() > 2 && id[1] == '.' ? letters.find(id[0]) : std::string_view::npos;
  if (at == std::string_view::npos)
    return std::nullopt;
  return static_cast<ambiguity_class>(at);
}

void read_ambiguity_row(field_reader& in, ambiguity_table& out) {
  auto row = ambiguity_pattern{};
  row.id = in.required_text("id");
  if (const auto kind = class_of_id(row.id))
    row.kind = *kind;
  else
    in.report("id", "must begin with A., B., C. or D., the class of the row");
  row.weight = in.number("weight", 0, {0, 100, false});
  row.missing = in.required_text("missing");
  row.language = in.required_text("language");
  row.deictic = in.flag("deictic", false);
  const auto whole = in.optional_text("whole");
  const auto part = in.optional_text("text");
  if (whole.has_value() == part.has_value())
    in.report("id", "must have either `text`, words to look for, or `whole`, a whole message");
  else
    row.text =
      whole ? compiled(in, "whole", *whole, whole_text) : compiled(in, "text", *part, whole_words);
  row.unless_next = each_of(in, "unless_next");
  row.if_later = each_of(in, "if_later");
  row.unless_later = each_of(in, "unless_later");
  out.patterns.push_back(std::move(row));
}

void read_ambiguity(field_reader& in, ambiguity_table& out) {
  for (const auto& phrase : in.texts("overrides")) {
    if (phrase.empty())
      in.report("overrides", "holds an empty phrase, which every message contains");
    out.overrides.push_back(case_folded(phrase));
  }
  in.each("patterns", [&out](field_reader& row) { read_ambiguity_row(row, out); });
}

void read_trigger(field_reader& in, task_table& out) {
  static constexpr auto kinds = std::array<std::pair<std::string_view, capability_kind>, 2>{
    {{"skill", capability_kind::skill}, {"tool", capability_kind::tool}}};
  auto row = task_trigger{};
  row.capability = in.required_text("capability");
  row.kind = in.one_of<capability_kind>("kind", capability_kind::tool, kinds);
  row.phrases = any_of_words(in, "phrases");
  row.weight = in.optional_number("weight", {0, 100, false});
  row.dispatch_grade = in.flag("dispatch_grade", true);
  row.requires_url = in.flag("requires_url", false);
  row.requires_filename = in.flag("requires_filename", false);
  out.triggers.push_back(std::move(row));
}

void read_tasks(field_reader& in, task_table& out) {
  for (const auto& text : in.texts("vetoes"))
    out.vetoes.push_back(compiled(in, "vetoes", text, whole_words));
  out.nouns = folded_words(in, "nouns");
  out.determiners = folded_words(in, "determiners");
  out.threshold = in.number("threshold", out.threshold, {0, 1'000, false});
  out.margin = in.number("margin", out.margin, {0, 1'000, false});
  in.each("triggers", [&out](field_reader& row) { read_trigger(row, out); });
}

void read_refusals(field_reader& in, refusal_table& out) {
  // A claim and what it is about stand in one sentence, close together.
  const auto lead = std::string{R"(\b()"} + in.required_text("lead") + R"()[^.?!]{0,40}\b()";
  in.each("objects", [&](field_reader& row) {
    auto refusal = refusal_pattern{row.required_text("tool"), {}};
    refusal.text = compiled(row, "text", row.required_text("text"), {lead, R"()\b)"});
    out.push_back(std::move(refusal));
  });
}

}  // namespace

boost::system::result<message_tables, std::vector<problem>>
parse_message_tables(std::string_view yaml) {
  const auto document = parse_yaml(yaml);
  if (!document)
    return std::vector<problem>{document.error()};
  problem_list problems;
  for (const auto& notice : document->notices)
    problems.add(notice.line, notice.path, notice.text);
  auto out = message_tables{};
  if (document->root->kind != yaml_kind::mapping) {
    problems.add(document->root->line, "",
                 "must be a mapping with signals, ambiguity, tasks and "
                 "refusals");
    return problems.take();
  }
  field_reader in{*document->root, "", problems};
  for (const std::string_view key : {"signals", "ambiguity", "tasks", "refusals"}) {
    if (in.find(key) == nullptr)
      in.report(key, "is missing");
  }
  in.block("signals", [&out](field_reader& part) { read_signals(part, out.signals); });
  in.block("ambiguity", [&out](field_reader& part) { read_ambiguity(part, out.ambiguity); });
  in.block("tasks", [&out](field_reader& part) { read_tasks(part, out.tasks); });
  in.block("refusals", [&out](field_reader& part) { read_refusals(part, out.refusals); });
  in.refuse_others();
  if (!problems.empty())
    return problems.take();
  return out;
}

}  // namespace persona_runtime
