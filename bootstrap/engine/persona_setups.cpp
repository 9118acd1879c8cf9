#include "bootstrap/engine/persona_setups.hpp"

#include "bootstrap/engine/persona_rows.hpp"
#include "domain/memory/persona_drafts.hpp"
#include "domain/prompt/build_prompt.hpp"
#include "domain/skill/skill_index.hpp"
#include "domain/skill/use_skill.hpp"
#include "domain/text/question.hpp"
#include "domain/text/sha256.hpp"
#include "domain/tool/schema_tokens.hpp"
#include "domain/tool/toolbox.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

message_ptr fixed_message(const tokenizer& counter, role from, std::string text) {
  auto m = message{};
  m.from = from;
  m.size = size_of(counter, from, text);
  m.content = shared_text{std::move(text)};
  return std::make_shared<const message>(std::move(m));
}

void add_skills(run_setup& setup, const persona& p, const setup_parts& parts, const persona_id& id,
                const consent_source& consents) {
  if (parts.skills == nullptr)
    return;
  setup.skills = select_skills(p.skills, *parts.skills).skills;
  if (setup.skills.empty())
    return;
  for (const auto& s : setup.skills) {
    if (!is_trusted(s->trust) && is_approved(*s, id, consents))
      setup.skills_approved.push_back(s->name);
  }
  setup.about_skills = parts.texts.skills;
  setup.tools.push_back(use_skill_definition());
  setup.allowed.emplace_back(use_skill_name);
}

bool shows(const run_setup& setup, const skill& s) {
  return is_trusted(s.trust)
         || std::ranges::find(setup.skills_approved, s.name) != setup.skills_approved.end();
}

message_ptr floor_message(const run_setup& setup, const persona& p, const setup_parts& parts) {
  const text_counter count = [&](std::string_view text) { return parts.counter->count(text); };
  const auto& floor = parts.texts.floor;
  auto offered = std::vector<std::string>{};
  for (const auto& tool : setup.tools)
    offered.push_back(tool.name);
  const auto frame = make_frame(p, floor, {{}, offered}, count);
  const auto memory = make_memory_sections(author_memory(p, run_lines_max), floor, {}, count);
  const auto index = skill_index_text(setup.skills, parts.texts.skills.index_heading,
                                      [&](const skill& s) { return shows(setup, s); });
  return build_floor(*frame, memory, make_section(index, count),
                     make_ending(parts.texts.framing, count));
}

}  // namespace

setup_ptr make_run_setup(const persona& p, const setup_parts& parts, const persona_id& id,
                         const consent_source& consents) {
  auto setup = std::make_shared<run_setup>();
  const auto& counter = *parts.counter;
  // An engine with two tools of one name is not made, so this cannot fail.
  if (const auto tools = toolbox::make(parts.tools, p.tools))
    setup->tools = *tools->definitions();
  setup->allowed = p.tools;
  add_skills(*setup, p, parts, id, consents);
  std::ranges::sort(setup->tools, {}, &tool_definition::name);
  setup->floor = floor_message(*setup, p, parts);
  std::ranges::sort(setup->allowed);
  setup->allows_all = allows_all_tools(p);
  setup->schema_tokens = schema_tokens(counter, setup->tools);
  setup->questions_max = question_cap(p);
  setup->texts = parts.texts.run;
  if (const auto& language = p.identity.language_default; is_norwegian(language)) {
    setup->texts.generic_question = generic_question(language);
    setup->texts.question_options.clear();
    for (const auto& option : default_question("?", language).options)
      setup->texts.question_options.push_back(option.label);
  }
  setup->no_answer = fixed_message(counter, role::user, setup->texts.no_answer);
  setup->reasoning_nudge = fixed_message(counter, role::user, setup->texts.reasoning_nudge);
  setup->strong_nudge = fixed_message(counter, role::user, setup->texts.strong_nudge);
  setup->invented_tool_nudge = fixed_message(counter, role::user, setup->texts.invented_tool_nudge);
  return setup;
}

persona_rules make_persona_rules(setup_parts parts) {
  const auto shared = std::make_shared<const setup_parts>(std::move(parts));
  auto rules = persona_rules{};
  rules.make_setup = [shared](const persona_row& row) -> result<std::pair<setup_ptr, shared_text>> {
    const auto parsed = parse_persona(row.yaml);
    if (!parsed)
      return refusal_of(parsed.error());
    auto setup = make_run_setup(*parsed->value, *shared, row.id, consents_in(row));
    auto text = shared_text{encode_setup(*setup)};
    return std::pair{std::move(setup), std::move(text)};
  };
  rules.make_row = [shared](const check_persona& asked) {
    return make_persona_row(*shared, asked);
  };
  rules.change_row = [shared](const persona_row& before, const persona_change& change,
                              const asker& who) {
    return change_persona_row(*shared, before, change, who.owner);
  };
  rules.detail_of = persona_detail;
  rules.caps_of = [](const persona_row& row) {
    const auto parsed = parse_persona(row.yaml);
    return parsed ? caps_in(parsed->value->routing) : spending_caps{};
  };
  rules.skills_of = [shared](const persona_row& row) { return persona_skills_json(*shared, row); };
  if (shared->new_ulid) {
    rules.memory_of_change = [shared](const persona_row& row, const persona_change& change) {
      return change.tool.empty() ? memory_batch{}
                                 : tool_grant_memory(row, change.tool, shared->new_ulid());
    };
    rules.memory_of = [shared](const persona_row& row) {
      const auto parsed = parse_persona(row.yaml);
      return parsed ? index_persona(*parsed->value, row.id, row.owner.value, shared->now(),
                                    shared->new_ulid)
                    : memory_batch{};
    };
  }
  rules.size_of = [shared](role from, std::string_view text) {
    return size_of(*shared->counter, from, text);
  };
  rules.hash_of = sha256_text;
  rules.now = shared->now;
  return rules;
}

}  // namespace persona_runtime
