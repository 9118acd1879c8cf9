#include "bootstrap/cli/explain_prompt.hpp"

#include "bootstrap/cli/json_lines.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/prompt/build_prompt.hpp"
#include "domain/skill/activation.hpp"
#include "domain/text/utf8.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <ostream>
#include <stdexcept>

namespace persona_runtime::cli {
namespace {

namespace json = boost::json;

/// Stands for the fresh one of every turn, so that equal questions have equal answers.
constexpr std::string_view shown_nonce = "00000000000000000000000000000000";

/// A question that cannot be answered. Never leaves this file.
struct bad_question : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string text_field(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (value == nullptr)
    return {};
  if (!value->is_string())
    throw bad_question{"a text has a part \"" + std::string{name} + "\" that is no string"};
  return std::string{value->get_string()};
}

std::string text_of(const json::value& value, std::string_view what) {
  if (const auto* plain = value.if_string())
    return std::string{*plain};
  const auto* parts = value.if_object();
  if (parts == nullptr)
    throw bad_question{'"' + std::string{what} + "\" must be a string"};
  auto out = text_field(*parts, "prefix");
  const auto repeat = text_field(*parts, "repeat");
  auto times = std::int64_t{1};
  if (const auto* given = parts->if_contains("times"))
    times = given->is_int64() ? given->get_int64() : -1;
  if (times < 0 || static_cast<std::uint64_t>(times) > question_bytes_max
      || repeat.size() * static_cast<std::size_t>(times) > question_bytes_max)
    throw bad_question{'"' + std::string{what} + "\" is longer than 16 MiB"};
  for (; times > 0; --times)
    out += repeat;
  return out + text_field(*parts, "suffix");
}

const json::value* given(const json::object& asked, std::string_view name) {
  const auto* value = asked.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string optional_text(const json::object& asked, std::string_view name) {
  const auto* value = given(asked, name);
  return value == nullptr ? std::string{} : text_of(*value, name);
}

const json::array& list_in(const json::object& asked, std::string_view name) {
  static const auto none = json::array{};
  const auto* value = given(asked, name);
  if (value == nullptr)
    return none;
  if (!value->is_array())
    throw bad_question{'"' + std::string{name} + "\" must be a list"};
  return value->get_array();
}

persona_ptr persona_of(const json::object& asked) {
  const auto* document = given(asked, "persona");
  if (document == nullptr || !document->is_object())
    throw bad_question{"\"persona\" must be a persona document"};
  auto parsed = parse_persona(json::serialize(*document));
  if (!parsed)
    throw bad_question{"persona: " + describe(parsed.error().problems.at(0), {})};
  return parsed->value;
}

/// A memory as a text, or as {text, epistemic?, by_author?}. Without `by_author` it counts as the
/// author's.
memory_line line_of(const json::value& item, std::string_view store) {
  const auto* whole = item.if_object();
  if (whole == nullptr || !whole->contains("text"))
    return {shared_text{text_of(item, store)}, {}, true};
  auto out = memory_line{shared_text{text_of(whole->at("text"), "text")}, {}, true};
  out.tag = optional_text(*whole, "epistemic");
  if (const auto* author = given(*whole, "by_author"))
    out.by_author = author->is_bool() && author->get_bool();
  return out;
}

retrieved_memory memory_of(const json::object& asked) {
  auto out = retrieved_memory{};
  const auto* value = given(asked, "retrieved");
  if (value == nullptr)
    return out;
  const auto* stores = value->if_object();
  if (stores == nullptr)
    throw bad_question{"\"retrieved\" must be an object of lists"};
  for (const auto& [store, lines] : *stores) {
    auto* to = store == "self_facts"  ? &out.self_facts
               : store == "worldview" ? &out.worldview
               : store == "episodic"  ? &out.episodic
                                      : nullptr;
    if (to == nullptr)
      throw bad_question{"\"retrieved\" knows self_facts, worldview and episodic, not \""
                         + std::string{store} + '"'};
    for (const auto& item : list_in(*stores, store))
      to->push_back(line_of(item, store));
  }
  return out;
}

role role_of(const json::object& m) {
  const auto name = optional_text(m, "role");
  for (const auto r : {role::user, role::assistant, role::system, role::tool}) {
    if (name_of(r) == name)
      return r;
  }
  throw bad_question{"a message's \"role\" must be user, assistant, system or tool"};
}

prompt_item item_of(role from, std::string text, const text_counter& count) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{std::move(text)};
  return make_item(std::make_shared<const message>(std::move(m)), count);
}

/// A summary of what was said before is a system message in front.
void read_history(const json::object& asked, prompt_parts& parts, const text_counter& count) {
  for (const auto& m : list_in(asked, "history")) {
    if (!m.is_object())
      throw bad_question{"\"history\" must be a list of messages"};
    const auto from = role_of(m.get_object());
    auto item = item_of(from, optional_text(m.get_object(), "content"), count);
    if (from == role::system && parts.history.empty() && parts.summary.message == nullptr)
      parts.summary = std::move(item);
    else
      parts.history.push_back(std::move(item));
  }
}

std::uint64_t budget_of(const json::object& asked) {
  const auto* value = given(asked, "max_tokens");
  if (value == nullptr)
    return prompt_parts{}.tokens_max;
  if (const auto* number = value->if_int64())
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, *number));
  throw bad_question{"\"max_tokens\" must be a whole number"};
}

void refuse_others(const json::object& asked) {
  // What else a recorded row holds says nothing about the prompt.
  constexpr std::array<std::string_view, 12> known{
    "id",    "persona",    "retrieved",     "history",        "skill_index", "user",
    "about", "max_tokens", "skill_content", "reply_language", "tokenizer",   "out"};
  for (const auto& [name, value] : asked) {
    if (!value.is_null() && std::ranges::find(known, std::string_view{name}) == known.end())
      throw bad_question{"unknown field \"" + std::string{name.substr(0, 64)} + '"'};
  }
}

prompt_parts parts_of(const json::object& asked, const prompt_explainer& with) {
  refuse_others(asked);
  const auto count = [&](std::string_view text) { return with.counter.count(text); };
  const auto language = optional_text(asked, "reply_language");
  auto parts = prompt_parts{};
  parts.frame = make_frame(*persona_of(asked), with.texts.floor, {language, {}}, count);
  parts.memory = make_memory_sections(memory_of(asked), with.texts.floor, shown_nonce, count);
  parts.skill_index = make_section(optional_text(asked, "skill_index"), count);
  if (auto active = optional_text(asked, "skill_content"); !active.empty())
    parts.skills = make_section(active_skills_text({std::move(active)}, with.texts.skills), count);
  read_history(asked, parts, count);
  parts.user = item_of(role::user, optional_text(asked, "user"), count);
  parts.tokens_max = budget_of(asked);
  return parts;
}

json::array dropped_from(const prompt_report& report) {
  auto out = json::array{};
  if (report.episodic_dropped)
    out.emplace_back("episodic");
  if (report.worldview_dropped)
    out.emplace_back("worldview");
  if (report.self_facts_dropped)
    out.emplace_back("self_facts");
  return out;
}

json::object shown(const built_prompt& built, std::size_t history_begin, const tokenizer& counter) {
  auto messages = json::array{};
  auto tokens = json::array{};
  for (const auto& m : built.messages) {
    messages.push_back(json::object{{"role", name_of(m->from)},
                                    {"len", character_count(m->content.view())},
                                    {"text", m->content.view()}});
    tokens.push_back(counter.count(m->content.view()));
  }
  auto dropped = dropped_from(built.report);
  for (auto i = std::size_t{0}; i < built.report.history_dropped; ++i)
    dropped.emplace_back("history[" + std::to_string(history_begin + i) + ']');
  auto out = json::object{};
  out["messages"] = std::move(messages);
  out["dropped"] = std::move(dropped);
  out["tokens"] = std::move(tokens);
  out["total_tokens"] = built.report.tokens;
  return out;
}

json::object answered(const json::object& asked, const prompt_explainer& with) {
  try {
    const auto parts = parts_of(asked, with);
    const auto in_front = parts.summary.message == nullptr ? 0u : 1u;
    return shown(build_prompt(parts), in_front, with.counter);
  } catch (const bad_question& why) {
    return line_error(why.what());
  }
}

}  // namespace

int explain_prompt(const prompt_explainer& with, const persona& p, std::string_view message,
                   std::ostream& out) {
  constexpr std::size_t lines_max = 3;
  const auto count = [&](std::string_view text) { return with.counter.count(text); };
  auto parts = prompt_parts{};
  parts.frame = make_frame(p, with.texts.floor, {}, count);
  parts.memory =
    make_memory_sections(author_memory(p, lines_max), with.texts.floor, shown_nonce, count);
  parts.user = item_of(role::user, std::string{message}, count);
  const auto built = build_prompt(parts);
  for (const auto& m : built.messages) {
    out << "--- " << name_of(m->from) << ", " << with.counter.count(m->content.view())
        << " tokens\n"
        << m->content.view() << '\n';
  }
  out << "--- " << built.report.tokens << " tokens in all\n";
  return 0;
}

int explain_prompt_jsonl(const prompt_explainer& with, std::istream& in, std::ostream& out) {
  return answer_lines(in, out, [&](const json::object& asked) { return answered(asked, with); });
}

}  // namespace persona_runtime::cli
