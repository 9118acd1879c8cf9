#include "tests/cases/chat_scene.hpp"

#include "domain/persona/parse_persona.hpp"
#include "domain/skill/skill_fit.hpp"
#include "domain/skill/use_skill.hpp"
#include "domain/text/sha256.hpp"
#include "domain/text/shorten.hpp"
#include "domain/tool/toolbox.hpp"
#include "tests/cases/case_fields.hpp"
#include "tests/cases/label_sizes.hpp"
#include "tests/cases/of_tokens.hpp"
#include "tests/support/shared_tokenizer.hpp"

#include <stdexcept>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

std::size_t counted(std::string_view text) {
  return shared_tokenizer().count(text);
}

struct scene_texts {
  floor_texts sections;
  skill_texts skills;
  turn_texts turn;
  std::vector<stand_in> all;

  /// A text of our own, of the recorded one's size.
  std::string sized(const std::string& begin, const std::string& label, std::size_t tokens) {
    auto text = of_tokens(shared_tokenizer(), begin, tokens);
    all.push_back({"⟦" + label + "⟧", text, 0});
    return text;
  }
  std::string sized(const std::string& begin, const std::string& label) {
    return sized(begin, label, recorded_tokens(label));
  }
  /// A text that stands in the code.
  void fixed(const std::string& shown, const std::string& ours, std::size_t tokens) {
    all.push_back(
      {shown, ours, static_cast<std::int64_t>(tokens) - static_cast<std::int64_t>(counted(ours))});
  }
  void fixed(const std::string& shown, const std::string& ours) {
    fixed(shown, ours, counted(shown));
  }
};

void add_questions(scene_texts& t) {
  t.fixed("I need one more detail to proceed — what's the time?",
          "One detail is missing: what is the time?");
  t.fixed("This could permanently affect target. How should I proceed?",
          "This could change the target for good and may not be undone. How should I go on?");
  t.fixed("I'll specify it", "I will give it");
  t.fixed("Use your best judgment", "Use your judgement");
  t.fixed("Hold off for now", "Wait");
  t.fixed("Yes, go ahead", "Go ahead");
  t.fixed("No, cancel this", "Cancel");
  t.fixed("Show me what's affected first", "First show me what is affected");
}

scene_texts texts_of_scene() {
  auto t = scene_texts{};
  t.sections.opener = "You are {name}, {role}.";
  t.sections.language = "Reply in {language}.";
  t.sections.prohibitions = "You must NOT:";
  t.sections.self_facts = "Relevant facts about yourself:";
  t.sections.worldview = "Your views:";
  t.sections.episodic = "From earlier conversations:";
  t.sections.memory_note = "Others said this.";
  t.sections.footer = t.sized("Stay", "FOOTER");
  t.skills.index_heading = "Available skills (use when appropriate):";
  t.skills.activated = "Activated skill '{skill}'.";
  t.skills.preamble = t.sized("Go by", "SUBORDINATION_PREAMBLE");
  const auto not_approved = t.sized("' may not go", "REF loop len=90 sha=6ab902bd", 20);
  t.skills.not_approved = "Skill '{skill}" + not_approved;
  t.skills.cycle = "Cycle: {skill}.";
  t.skills.too_deep = "Over {max}: {skill}.";
  t.skills.over_budget = "No room: {skill}.";
  t.turn = plain_turn_texts();
  t.turn.rounds_used_up = t.sized("Go without", "MAX_TOOL_ROUNDS_NUDGE");
  const auto assumed = t.sized("Go with depth", "ASSUMPTION_NUDGE missing=depth");
  t.turn.assume = replaced(assumed, "depth", "{missing}");
  t.turn.history_lead_in = "Earlier in this conversation: ";
  t.turn.fold_instruction = t.sized("Go over it", "SUMMARISE_TURNS_INSTRUCTION");
  t.fixed("⟦TRUNCATED_CALL tool=echo⟧", cut_off_text("echo"), 49);
  t.fixed("nonce001", sha256_text("nonce001/0").substr(0, 32));
  add_questions(t);
  return t;
}

persona persona_of_scene(const json::object& scenario) {
  const auto parsed = parse_persona(json::serialize(scenario.at("persona")));
  if (!parsed)
    throw std::runtime_error("the persona is refused: " + parsed.error().problems.front().text);
  auto who = *parsed->value;
  who.skills.clear();
  for (const auto& item : list(scenario, "skills"))
    who.skills.push_back(field(item.as_object(), "name"));
  who.tools = {"*"};
  if (const auto* allowed = scenario.if_contains("allow_list"); allowed && !allowed->is_null()) {
    who.tools.clear();
    for (const auto& name : allowed->as_array())
      who.tools.push_back(text_of(name));
  }
  return who;
}

std::vector<tool_definition> tools_of_scene(const json::object& scenario) {
  auto tools = std::vector<tool_definition>{};
  for (const auto& item : list(scenario, "tools")) {
    const auto& tool = item.as_object();
    auto definition = tool_definition{};
    definition.name = field(tool, "name");
    definition.description = field(tool, "description");
    definition.parameters = schema_of_tool(tool);
    definition.effect = tool_effect::read_only;
    tools.push_back(std::move(definition));
  }
  if (!list(scenario, "skills").empty())
    tools.push_back(use_skill_definition());
  return tools;
}

skill_trust trust_named(const std::string& name) {
  for (const auto trust : {skill_trust::vetted, skill_trust::community, skill_trust::third_party}) {
    if (name_of(trust) == name)
      return trust;
  }
  return skill_trust::builtin;
}

skill_list skills_of_scene(const json::object& scenario) {
  auto skills = skill_list{};
  for (const auto& item : list(scenario, "skills")) {
    const auto& given = item.as_object();
    auto s = skill{};
    s.name = field(given, "name");
    s.description = field(given, "description");
    if (s.description.empty())
      s.description = s.name;
    s.when_to_use = field(given, "when_to_use");
    s.content = shared_text{field(given, "content")};
    s.content_hash = s.name;
    s.trust = trust_named(field(given, "trust"));
    measure(s, counted);
    skills.push_back(std::make_shared<const skill>(std::move(s)));
  }
  return skills;
}

model_entry model_of_scene(std::string provider, const std::string& name) {
  auto m = lab_model(name);
  m.provider = std::move(provider);
  m.price.reset();
  m.context_window.reset();
  return m;
}

/// Null: the scenario says nothing about that model.
const json::object* facts_of_model(const json::object& scenario, const std::string& label) {
  const auto* all = scenario.if_contains("model_metadata");
  const auto* found = all == nullptr ? nullptr : all->as_object().if_contains(label);
  return found == nullptr ? nullptr : &found->as_object();
}

double figure_in(const json::object& given, const char* name) {
  return given.at(name).to_number<double>();
}

tier_metadata metadata_of_scene(const json::object& given) {
  auto out = tier_metadata{};
  out.cost_input_per_1k_tokens = figure_in(given, "cost_input_per_1k_tokens");
  out.cost_output_per_1k_tokens = figure_in(given, "cost_output_per_1k_tokens");
  out.first_token_latency_ms = figure_in(given, "first_token_latency_ms");
  out.throughput_tokens_per_sec = figure_in(given, "throughput_tokens_per_sec");
  out.context_window = static_cast<std::uint32_t>(number(given, "context_window", 0));
  out.tools = tool_strength_of(field(given, "tool_strength")).value();
  return out;
}

model_traits_table traits_of_scene(const json::object& scenario) {
  auto out = model_traits_table{};
  if (const auto* all = scenario.if_contains("model_metadata")) {
    for (const auto& model : all->as_object()) {
      const auto& given = model.value().as_object();
      out[model.key()] = {figure_in(given, "quality_benchmark"),
                          figure_in(given, "latency_p50_ms")};
    }
  }
  return out;
}

model_entry member_of_scene(const json::object& scenario, const json::object& given) {
  auto entry = model_of_scene(field(given, "provider"), field(given, "model"));
  const auto* vision = given.if_contains("vision");
  entry.vision = vision != nullptr && vision->as_bool();
  if (const auto* facts = facts_of_model(scenario, entry.label())) {
    entry.price = model_price{figure_in(*facts, "cost_input_per_1k_tokens"),
                              figure_in(*facts, "cost_output_per_1k_tokens")};
    entry.context_window = static_cast<std::uint32_t>(number(*facts, "context_length", 0));
    entry.vision = facts->at("vision_supported").as_bool();
  }
  return entry;
}

tier_entry tier_of_scene(const json::object& scenario, std::string name,
                         const json::object& given) {
  auto out = tier_entry{std::move(name), {}};
  if (given.contains("chain")) {
    for (const auto& member : list(given, "chain"))
      out.members.push_back(member_of_scene(scenario, member.as_object()));
  } else {
    out.members.push_back(member_of_scene(scenario, given));
  }
  if (const auto* metadata = given.if_contains("metadata"))
    out.metadata = metadata_of_scene(metadata->as_object());
  return out;
}

tier_table tiers_of_scene(const json::object& scenario) {
  auto table = tier_table{};
  const auto* tiers = scenario.if_contains("tiers");
  if (tiers == nullptr) {
    for (const auto* name : {"frontier", "mid", "small"})
      table.tiers.push_back({name, {model_of_scene("anthropic", std::string{name} + "-model")}});
    return table;
  }
  for (const auto& tier : tiers->as_object())
    table.tiers.push_back(tier_of_scene(scenario, tier.key(), tier.value().as_object()));
  return table;
}

std::function<void(turn_rules&)> rules_with(const scene_texts& texts, router_kind router,
                                            const model_traits_table& known) {
  const auto traits = std::make_shared<const model_traits_table>(known);
  return [texts, router, traits](turn_rules& rules) {
    rules.traits = traits;
    rules.routing.router = router;
    rules.texts = std::make_shared<const turn_texts>(texts.turn);
    rules.sections = texts.sections;
    rules.skills = texts.skills;
    rules.size_of = [](role from, std::string_view text) {
      return size_of(shared_tokenizer(), from, text);
    };
    rules.count = counted;
    rules.shorten = [](std::string_view text, std::uint64_t tokens_max) {
      return shorten_middle(text, tokens_max, shared_tokenizer());
    };
  };
}

}  // namespace

chat_scene scene_of(const json::object& scenario) {
  const auto texts = texts_of_scene();
  auto scene = chat_scene{};
  auto& options = scene.options;
  options.who = persona_of_scene(scenario);
  options.tiers = tiers_of_scene(scenario);
  options.rounds_max = static_cast<std::uint32_t>(number(scenario, "max_tool_rounds", 5));
  options.tools = tools_of_scene(scenario);
  options.skills = skills_of_scene(scenario);
  options.recalls = false;
  if (const auto id = field(scenario.at("persona").as_object(), "persona_id"); !id.empty())
    options.of = {id};  // else the one that the server gives
  options.nonce = "nonce001";
  options.adjust =
    rules_with(texts, router_kind_of(field(scenario, "router")).value_or(router_kind::heuristic),
               traits_of_scene(scenario));
  scene.history.compact_every = static_cast<std::uint32_t>(number(scenario, "compact_every", 10));
  scene.history.keep_recent = static_cast<std::uint32_t>(number(scenario, "keep_recent", 5));
  scene.texts = texts.all;
  for (const auto& text : scene.texts)
    scene.labels.emplace_back(text.shown, text.ours);
  return scene;
}

}  // namespace persona_runtime::test
