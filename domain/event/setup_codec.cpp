#include "domain/event/codec.hpp"
#include "domain/event/json_parts.hpp"
#include "domain/event/json_read.hpp"
#include "domain/text/json_text.hpp"

#include <array>
#include <utility>

namespace persona_runtime {
namespace {

using text_field = std::pair<const char*, std::string run_texts::*>;

constexpr auto text_fields = std::array<text_field, 13>{{
  {"no_answer", &run_texts::no_answer},
  {"reasoning_nudge", &run_texts::reasoning_nudge},
  {"strong_nudge", &run_texts::strong_nudge},
  {"invented_tool_nudge", &run_texts::invented_tool_nudge},
  {"step_summary_instruction", &run_texts::step_summary_instruction},
  {"step_summary_lead_in", &run_texts::step_summary_lead_in},
  {"partial_result_instruction", &run_texts::partial_result_instruction},
  {"truncated_call", &run_texts::truncated_call},
  {"unavailable_tool", &run_texts::unavailable_tool},
  {"unregistered_tool", &run_texts::unregistered_tool},
  {"outcome_unknown", &run_texts::outcome_unknown},
  {"too_many_calls", &run_texts::too_many_calls},
  {"generic_question", &run_texts::generic_question},
}};

constexpr auto effects = std::array<std::string_view, 3>{"read_only", "idempotent", "side_effect"};

using shared_message = std::pair<const char*, message_ptr run_setup::*>;
constexpr auto shared_messages = std::array<shared_message, 5>{{
  {"floor", &run_setup::floor},
  {"no_answer", &run_setup::no_answer},
  {"reasoning_nudge", &run_setup::reasoning_nudge},
  {"strong_nudge", &run_setup::strong_nudge},
  {"invented_tool_nudge", &run_setup::invented_tool_nudge},
}};

void append_prompt_message(std::string& out, const message& m) {
  auto o = json_writer{out};
  o.text("role", name_of(m.from)).text("text", m.content.view());
  append_size(o.key("size"), m.size);
  o.close();
}

message_ptr read_message(const record_reader& in) {
  auto m = message{};
  m.from = in.text("role") == "system" ? role::system : role::user;
  m.content = shared_text{in.text("text")};
  m.size = in.size("size");
  return std::make_shared<const message>(std::move(m));
}

void append_tool(std::string& out, const tool_definition& tool) {
  auto o = json_writer{out};
  o.text("name", tool.name).text("description", tool.description);
  o.json("parameters", tool.parameters);
  o.text("effect", effects.at(static_cast<std::size_t>(tool.effect)));
  o.flag("exclusive", tool.exclusive).number("timeout_ms", tool.timeout.count()).close();
}

tool_definition read_tool(const record_reader& in) {
  auto tool = tool_definition{in.text("name"), in.text("description"), in.object("parameters")};
  const auto effect = in.text("effect");
  for (auto i = std::size_t{0}; i < effects.size(); ++i) {
    if (effects[i] == effect)
      tool.effect = static_cast<tool_effect>(i);
  }
  tool.exclusive = in.flag("exclusive");
  tool.timeout = std::chrono::milliseconds{in.number<std::int64_t>("timeout_ms")};
  return tool;
}

using skill_text_field = std::pair<const char*, std::string skill_texts::*>;

constexpr auto skill_text_fields = std::array<skill_text_field, 7>{{
  {"index_heading", &skill_texts::index_heading},
  {"activated", &skill_texts::activated},
  {"preamble", &skill_texts::preamble},
  {"not_approved", &skill_texts::not_approved},
  {"cycle", &skill_texts::cycle},
  {"too_deep", &skill_texts::too_deep},
  {"over_budget", &skill_texts::over_budget},
}};

/// What a run needs of a skill.
void append_skill(std::string& out, const skill_ptr& s) {
  auto o = json_writer{out};
  o.text("name", s->name).text("content", s->content.view());
  o.number("tokens", s->content_tokens);
  if (!s->alone.complete) {
    o.text("alone", s->alone.text.view()).number("alone_tokens", s->alone.tokens);
  }
  if (!s->parameters.empty())
    o.json("parameters", s->parameters);
  o.text("trust", name_of(s->trust)).text("source", s->source).text("hash", s->content_hash);
  o.close();
}

skill_ptr read_skill(const record_reader& in) {
  auto s = skill{};
  s.name = in.text("name");
  s.content = shared_text{in.text("content")};
  s.content_tokens = in.number<std::uint32_t>("tokens");
  s.alone = {s.content, s.content_tokens, true};
  if (in.has("alone"))
    s.alone = {shared_text{in.text("alone")}, in.number<std::uint32_t>("alone_tokens"), false};
  if (in.has("parameters"))
    s.parameters = in.object("parameters");
  const auto trust = in.text("trust");
  s.trust = skill_trust::third_party;
  for (const auto known : {skill_trust::builtin, skill_trust::vetted, skill_trust::community}) {
    if (name_of(known) == trust)
      s.trust = known;
  }
  s.source = in.text("source");
  s.content_hash = in.text("hash");
  return std::make_shared<const skill>(std::move(s));
}

/// Only of a setup that has skills, so that others read as they always did.
void append_skills(json_writer& o, const run_setup& setup) {
  if (setup.skills.empty())
    return;
  append_json_list(o.key("skills"), setup.skills, append_skill);
  append_text_list(o.key("skills_approved"), setup.skills_approved);
  auto texts = json_writer{o.key("about_skills")};
  for (const auto& [name, field] : skill_text_fields)
    texts.text(name, setup.about_skills.*field);
  texts.close();
}

void read_skills(const record_reader& in, run_setup& setup) {
  if (!in.has("skills"))
    return;
  in.list("skills", [&](simdjson::dom::element item) {
    setup.skills.push_back(read_skill(record_reader{item, in.ok()}));
  });
  setup.skills_approved = in.texts("skills_approved");
  for (const auto& [name, field] : skill_text_fields)
    setup.about_skills.*field = in["about_skills"].text(name);
}

}  // namespace

std::string encode_setup(const run_setup& setup) {
  auto out = std::string{};
  auto o = json_writer{out};
  auto messages = json_writer{o.key("messages")};
  for (const auto& [name, field] : shared_messages)
    append_prompt_message(messages.key(name), *(setup.*field));
  messages.close();
  append_json_list(o.key("tools"), setup.tools, append_tool);
  append_text_list(o.key("allowed"), setup.allowed);
  o.flag("allows_all", setup.allows_all).number("schema_tokens", setup.schema_tokens);
  o.number("questions_max", setup.questions_max);
  auto texts = json_writer{o.key("texts")};
  for (const auto& [name, field] : text_fields)
    texts.text(name, setup.texts.*field);
  append_text_list(texts.key("question_options"), setup.texts.question_options);
  texts.close();
  append_skills(o, setup);
  o.close();
  return out;
}

result<setup_ptr> decode_setup(std::string_view text) {
  auto parser = simdjson::dom::parser{};
  simdjson::dom::element found;
  if (parser.parse(text.data(), text.size()).get(found))
    return failure{errc::internal_error, "a stored run setup is not JSON"};
  auto ok = true;
  const auto in = record_reader{found, ok};
  auto setup = std::make_shared<run_setup>();
  for (const auto& [name, field] : shared_messages)
    (*setup).*field = read_message(in["messages"][name]);
  in.list("tools", [&](simdjson::dom::element item) {
    setup->tools.push_back(read_tool(record_reader{item, ok}));
  });
  setup->allowed = in.texts("allowed");
  setup->allows_all = in.flag("allows_all");
  setup->schema_tokens = in.number<std::uint64_t>("schema_tokens");
  setup->questions_max = in.number<std::uint32_t>("questions_max");
  for (const auto& [name, field] : text_fields)
    setup->texts.*field = in["texts"].text(name);
  setup->texts.question_options = in["texts"].texts("question_options");
  read_skills(in, *setup);
  if (!ok)
    return failure{errc::internal_error, "a stored run setup lacks a field"};
  return setup_ptr{std::move(setup)};
}

}  // namespace persona_runtime
