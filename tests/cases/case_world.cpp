#include "tests/cases/case_world.hpp"

#include "domain/skill/skill_fit.hpp"
#include "tests/cases/case_fields.hpp"

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

class member_provider final : public chat_provider {
public:
  member_provider(served_call who, std::shared_ptr<desk_provider> desk,
                  std::shared_ptr<std::vector<served_call>> served)
    : who_{std::move(who)}, desk_{std::move(desk)}, served_{std::move(served)} {}

  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    served_->push_back(who_);
    return desk_->start(std::move(request), std::move(done));
  }

private:
  served_call who_;
  std::shared_ptr<desk_provider> desk_;
  std::shared_ptr<std::vector<served_call>> served_;
};

std::vector<tool_definition> tools_of(const json::object& scenario) {
  auto tools = std::vector<tool_definition>{};
  for (const auto& item : scenario.at("tools").as_array()) {
    const auto& tool = item.as_object();
    auto definition = a_tool(field(tool, "name"));
    definition.description = field(tool, "description");
    definition.parameters = schema_of_tool(tool);
    tools.push_back(std::move(definition));
  }
  return tools;
}

/// All tools; but a persona whose own list names tools that switch on parts of its prompt has that
/// list, with the registered ones.
std::vector<std::string> capabilities_of(const json::object& scenario) {
  auto names = std::vector<std::string>{};
  for (const auto& name : list(scenario.at("persona").as_object(), "tools")) {
    if (tool_in(scenario, name.as_string()) == nullptr)
      names.emplace_back(name.as_string());
  }
  if (names.empty())
    return {"*"};
  for (const auto& tool : list(scenario, "tools"))
    names.push_back(field(tool.as_object(), "name"));
  return names;
}

persona persona_of(const json::object& scenario) {
  const auto& document = scenario.at("persona").as_object();
  const auto& identity = document.at("identity").as_object();
  auto who = persona{};
  who.identity.name = field(identity, "name");
  who.identity.role = field(identity, "role");
  who.identity.background = field(identity, "background");
  if (const auto language = field(identity, "language_default"); !language.empty())
    who.identity.language_default = language;
  if (const auto* constraints = identity.if_contains("constraints")) {
    for (const auto& text : constraints->as_array())
      who.identity.constraints.push_back(text_of(text));
  }
  if (field(document, "autonomy") == "balanced")
    who.decides = autonomy::balanced;
  // What a run may use is the scenario's list; without one every name is allowed.
  who.tools = capabilities_of(scenario);
  if (const auto* allowed = scenario.if_contains("allow_list")) {
    who.tools.clear();
    for (const auto& name : allowed->as_array())
      who.tools.push_back(text_of(name));
  }
  return who;
}

shelf_ptr skills_of(const json::object& scenario, persona& who) {
  const auto* list = scenario.if_contains("skills");
  if (list == nullptr)
    return nullptr;
  auto shelf = skill_shelf{};
  for (const auto& item : list->as_array()) {
    const auto& given = item.as_object();
    auto s = skill{};
    s.name = field(given, "name");
    s.description = field(given, "description");
    if (s.description.empty())
      s.description = s.name;
    s.when_to_use = field(given, "when_to_use");
    s.content = shared_text{field(given, "content")};
    measure(s, [](std::string_view text) { return source_tokenizer()->count(text); });
    who.skills.push_back(s.name);
    shelf.by_id.emplace(s.name, std::make_shared<const skill>(s));
  }
  return std::make_shared<const skill_shelf>(std::move(shelf));
}

setup_parts setup_parts_of(const world_options& options, const prompt_texts& texts) {
  auto parts = setup_parts{};
  parts.counter = source_tokenizer();
  parts.texts = texts;
  parts.tools = options.tools;
  parts.skills = options.skills;
  return parts;
}

model_entry entry_of(const json::object& model) {
  auto entry = a_model(field(model, "provider"), field(model, "model"));
  entry.context_window.reset();
  if (const auto* native = model.if_contains("native_tools"))
    entry.native_tools = native->as_bool();
  return entry;
}

/// The tiers as configured; a positive max_tokens is meanwhile the window.
void add_tier(world_options& options, const std::string& name, const json::object& tier) {
  auto members = std::vector<model_entry>{};
  if (const auto* chain = tier.if_contains("chain")) {
    for (const auto& member : chain->as_array())
      members.push_back(entry_of(member.as_object()));
  } else {
    members.push_back(entry_of(tier));
    const auto* budget = tier.if_contains("max_tokens");
    if (budget != nullptr && budget->to_number<int>() > 0)
      members.front().context_window = budget->to_number<std::uint32_t>();
  }
  options.tiers.emplace_back(name, std::move(members));
}

void add_tiers(world_options& options, const json::object& scenario) {
  if (const auto* tiers = scenario.if_contains("tiers")) {
    options.tiers.clear();
    for (const auto& tier : tiers->as_object())
      add_tier(options, std::string{tier.key()}, tier.value().as_object());
    return;
  }
  for (auto& tier : options.tiers)
    tier.second.front().context_window.reset();
}

/// Windows so large that what is left of them is the recorded budget.
void widen_windows(world_options& options, const prompt_texts& texts) {
  const auto schemas = make_run_setup(options.who, setup_parts_of(options, texts))->schema_tokens;
  for (auto& [name, members] : options.tiers) {
    for (auto& model : members) {
      if (!model.context_window)
        continue;
      const auto budget = *model.context_window;
      *model.context_window += model.reply_tokens_max + static_cast<std::uint32_t>(schemas);
      if (context_budget(model, schemas) != budget)
        throw std::runtime_error("the window does not leave the recorded budget");
    }
  }
}

}  // namespace

scenario_parts parts_of(const json::object& scenario, std::uint64_t first_tokens) {
  auto parts = scenario_parts{};
  auto& options = parts.options;
  options.who = persona_of(scenario);
  options.tools = tools_of(scenario);
  parts.stores = std::make_shared<seen_stores>(scenario);
  options.recall = [seen = parts.stores](const recall_request& what, auto done) {
    auto memory = seen->stores.recall(what, seen->rows);
    done(std::move(memory), seen->stores.learned());
    return true;
  };
  options.skills = skills_of(scenario, options.who);
  const auto floor_with = [&](const prompt_texts& texts) {
    return make_run_setup(options.who, setup_parts_of(options, texts))->floor->content.str();
  };
  auto request = first_request{field(scenario, "task"), first_tokens, {}};
  for (const auto& name : list(scenario.at("persona").as_object(), "tools"))
    request.own_tools.emplace_back(name.as_string());
  parts.prompts = prompts_for(floor_with, request, *source_tokenizer());
  options.texts = parts.prompts.texts;
  add_tiers(options, scenario);
  widen_windows(options, parts.prompts.texts);
  options.provider_of = [served = parts.served](const std::string& tier, const model_entry& model,
                                                std::shared_ptr<desk_provider> desk) {
    return std::make_shared<member_provider>(served_call{tier, model}, std::move(desk), served);
  };
  return parts;
}

const json::array* chain_script(const json::object& scenario, const served_call& call) {
  const auto* tiers = scenario.if_contains("tiers");
  const auto* tier = tiers == nullptr ? nullptr : tiers->as_object().if_contains(call.tier);
  const auto* chain = tier == nullptr ? nullptr : tier->as_object().if_contains("chain");
  if (chain == nullptr)
    return nullptr;
  for (const auto& member : chain->as_array()) {
    if (member.at("model").as_string() == call.model.model)
      return &member.at("script").as_array();
  }
  return nullptr;
}

}  // namespace persona_runtime::test
