#include "bootstrap/cli/explain_message.hpp"

#include "bootstrap/cli/json_lines.hpp"
#include "domain/conversation/clarification.hpp"
#include "domain/persona/parse_persona.hpp"

#include <boost/json.hpp>

#include <ostream>
#include <set>

namespace persona_runtime::cli {
namespace {

namespace json = boost::json;

declared_capabilities everything_in(const task_table& table) {
  auto out = declared_capabilities{};
  for (const auto& row : table.triggers)
    (row.kind == capability_kind::skill ? out.skills : out.tools).insert(row.capability);
  return out;
}

declared_capabilities declared_by(const persona& p) {
  return {{p.skills.begin(), p.skills.end()}, {p.tools.begin(), p.tools.end()}};
}

bool is_critical(const message_tables& tables, const persona& p, std::string_view message) {
  return is_identity_sensitive(message, keywords_of(p, tables.signals.keywords), tables.signals);
}

json::object verdicts(const message_tables& tables, const persona& p, std::string_view message) {
  const auto turn = context_of_turn(message, 0, false, {}, tables.signals);
  return {
    {"est_tokens", turn.estimated_input_tokens},
    {"boilerplate", turn.is_boilerplate},
    {"critical", is_critical(tables, p, message)},
    {"ambiguity_first", verdict_json(detect_ambiguity(message, {}, tables.ambiguity))},
    {"ambiguity_later", verdict_json(detect_ambiguity(message, {false, true}, tables.ambiguity))},
    {"ambiguity_after_question",
     verdict_json(detect_ambiguity(message, {true, true}, tables.ambiguity))},
    {"task_all", verdict_json(detect_task(message, tables.tasks, everything_in(tables.tasks)))},
    {"task_few", verdict_json(detect_task(message, tables.tasks, declared_by(p)))}};
}

json::object answer(const message_tables& tables, const json::object& asked) {
  for (const auto& member : asked) {
    if (member.key() != "id" && member.key() != "message" && member.key() != "persona")
      return line_error("unknown field \"" + std::string{member.key().substr(0, 64)}
                        + "\"; known are id, message and persona");
  }
  const auto* message = asked.if_contains("message");
  if (message == nullptr || !message->is_string())
    return line_error("\"message\" must be a string");
  const auto* document = asked.if_contains("persona");
  if (document == nullptr || !(document->is_object() || document->is_string()))
    return line_error("\"persona\" must be a persona document");
  const auto text =
    document->is_string() ? std::string{document->get_string()} : json::serialize(*document);
  const auto loaded = parse_persona(text);
  if (!loaded)
    return line_error("persona: " + describe(loaded.error().problems.front(), ""));
  return verdicts(tables, *loaded->value, message->get_string());
}

void print(const std::optional<ambiguity_signal>& signal, autonomy level, std::ostream& out) {
  if (!signal) {
    out << "ambiguity: none\n";
    return;
  }
  out << "ambiguity: " << name_of(signal->kind) << ", the " << signal->missing_element
      << " is open (" << signal->pattern_id << " matched \"" << signal->matched_span << "\")\n"
      << "  a " << name_of(level) << " persona "
      << (asks_about(level, signal->kind) ? "asks about it" : "makes an assumption and says so")
      << '\n';
}

void print(const std::optional<task_detection>& task, std::ostream& out) {
  if (!task) {
    out << "task: none\n";
    return;
  }
  out << "task: " << task->capability << " (" << name_of(task->kind) << "), score " << task->score
      << (task->dispatchable ? "" : ", but too close to " + task->runner_up.value_or("another"))
      << '\n';
}

}  // namespace

json::value verdict_json(const std::optional<ambiguity_signal>& signal) {
  if (!signal)
    return nullptr;
  auto ask = json::object{};
  for (const auto level : {autonomy::cautious, autonomy::balanced, autonomy::decisive})
    ask[name_of(level)] = asks_about(level, signal->kind);
  return json::object{{"class", name_of(signal->kind)}, {"pattern", signal->pattern_id},
                      {"span", signal->matched_span},   {"missing", signal->missing_element},
                      {"weight", signal->weight},       {"language", signal->language},
                      {"ask", std::move(ask)}};
}

json::value verdict_json(const std::optional<task_detection>& detection) {
  if (!detection)
    return nullptr;
  auto out = std::string{};
  append_detection(out, *detection);
  return json::parse(out);
}

int explain_message(const message_tables& tables, const persona& p, std::string_view message,
                    std::ostream& out) {
  const auto turn = context_of_turn(message, 0, false, {}, tables.signals);
  out << "length: about " << turn.estimated_input_tokens << " tokens\n"
      << "boilerplate: " << (turn.is_boilerplate ? "yes" : "no") << '\n'
      << "about the persona: " << (is_critical(tables, p, message) ? "yes" : "no") << '\n';
  print(detect_ambiguity(message, {}, tables.ambiguity), p.decides, out);
  print(detect_task(message, tables.tasks, declared_by(p)), out);
  return 0;
}

int explain_message_jsonl(const message_tables& tables, std::istream& in, std::ostream& out) {
  return answer_lines(in, out,
                      [&tables](const json::object& asked) { return answer(tables, asked); });
}

}  // namespace persona_runtime::cli
