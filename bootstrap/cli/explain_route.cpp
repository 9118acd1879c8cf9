#include "bootstrap/cli/explain_route.hpp"

#include "bootstrap/cli/json_lines.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace persona_runtime::cli {
namespace {

namespace json = boost::json;

/// A question that cannot be answered. Never leaves this file.
struct bad_route : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void refuse(std::string_view name, std::string_view wanted) {
  throw bad_route{'"' + std::string{name.substr(0, 64)} + "\" must be " + std::string{wanted}};
}

double number_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (value == nullptr || !value->is_number() || value->to_number<double>() < 0)
    refuse(name, "a number from 0 on");
  return value->to_number<double>();
}

bool flag_in(const json::object& from, std::string_view name, bool otherwise) {
  const auto* value = from.if_contains(name);
  if (value == nullptr)
    return otherwise;
  if (!value->is_bool())
    refuse(name, "true or false");
  return value->get_bool();
}

std::uint64_t count_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0)
    refuse(name, "a whole number from 0 on");
  return static_cast<std::uint64_t>(value->get_int64());
}

std::string text_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (value == nullptr || !value->is_string())
    refuse(name, "a string");
  return std::string{value->get_string()};
}

void check_fields(const json::object& from, std::initializer_list<std::string_view> known) {
  for (const auto& member : from) {
    const auto key = std::string_view{member.key()};
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw bad_route{"unknown field \"" + std::string{key.substr(0, 64)} + '"'};
  }
}

tier_metadata metadata_in(const json::object& md) {
  check_fields(md, {"cost_input_per_1k_tokens", "cost_output_per_1k_tokens",
                    "first_token_latency_ms", "throughput_tokens_per_sec", "context_window",
                    "tool_strength", "reasoning_capable", "cost_verified_at_deploy"});
  auto out = tier_metadata{};
  out.cost_input_per_1k_tokens = number_in(md, "cost_input_per_1k_tokens");
  out.cost_output_per_1k_tokens = number_in(md, "cost_output_per_1k_tokens");
  out.first_token_latency_ms = number_in(md, "first_token_latency_ms");
  out.throughput_tokens_per_sec = number_in(md, "throughput_tokens_per_sec");
  const auto window = count_in(md, "context_window");
  if (window == 0 || !std::in_range<std::uint32_t>(window))
    refuse("context_window", "a whole number from 1 on");
  out.context_window = static_cast<std::uint32_t>(window);
  const auto strength = tool_strength_of(text_in(md, "tool_strength"));
  if (!strength)
    refuse("tool_strength", "weak, medium or strong");
  out.tools = *strength;
  out.reasoning_capable = flag_in(md, "reasoning_capable", false);
  out.cost_verified_at_deploy = flag_in(md, "cost_verified_at_deploy", true);
  return out;
}

tier_entry tier_in(std::string name, const json::value& value) {
  const auto* about = value.if_object();
  if (about == nullptr)
    refuse(name, "an object with vision, md and model, all of them optional");
  check_fields(*about, {"vision", "md", "model"});
  auto model = model_entry{};
  model.provider = "asked";
  model.model = about->contains("model") ? text_in(*about, "model") : name + "-model";
  model.vision = flag_in(*about, "vision", false);
  auto out = tier_entry{std::move(name), {std::move(model)}};
  if (const auto* md = about->if_contains("md"); md != nullptr && !md->is_null()) {
    if (!md->is_object())
      refuse("md", "an object");
    out.metadata = metadata_in(md->get_object());
  }
  return out;
}

std::optional<tier_table> registry_in(const json::object& asked) {
  const auto* registry = asked.if_contains("registry");
  if (registry == nullptr || registry->is_null())
    return std::nullopt;
  if (!registry->is_object())
    refuse("registry", "an object of tiers, or null");
  auto out = tier_table{};
  for (const auto& member : registry->get_object())
    out.tiers.push_back(tier_in(std::string{member.key()}, member.value()));
  return out;
}

routing_context context_in(const json::object& asked) {
  const auto* found = asked.if_contains("context");
  if (found == nullptr || !found->is_object())
    refuse("context", "an object");
  const auto& from = found->get_object();
  check_fields(from, {"requires_vision", "estimated_input_tokens", "requires_strong_tools",
                      "is_first_turn", "is_identity_sensitive", "is_boilerplate",
                      "conversation_phase", "profile"});
  auto out = routing_context{};
  out.requires_vision = flag_in(from, "requires_vision", false);
  out.estimated_input_tokens = count_in(from, "estimated_input_tokens");
  out.requires_strong_tools = flag_in(from, "requires_strong_tools", false);
  out.is_first_turn = flag_in(from, "is_first_turn", false);
  out.is_identity_sensitive = flag_in(from, "is_identity_sensitive", false);
  out.is_boilerplate = flag_in(from, "is_boilerplate", false);
  out.conversation_phase = text_in(from, "conversation_phase");
  const auto profile = routing_profile_of(text_in(from, "profile"));
  if (!profile)
    refuse("profile", "text_default or voice");
  out.profile = *profile;
  return out;
}

json::value shown(const routing_result<routing_decision>& d) {
  if (d) {
    auto out = std::string{};
    append_decision(out, *d);
    auto shown_decision = json::parse(out).as_object();
    shown_decision["layer2_score"] = d->layer2_score;  // exact: reading the text would round it
    return shown_decision;
  }
  const auto& f = d.error();
  auto context =
    json::object{{"reason", reason_of(f.obstacle)}, {"configured_tiers", f.configured_tiers}};
  if (!f.required.empty())
    context["required"] = f.required;
  return json::object{
    {"error", class_name(f.obstacle)}, {"text", describe(f)}, {"context", std::move(context)}};
}

json::value scores_of(const routing_context& context, const tier_table* tiers) {
  if (tiers == nullptr)
    return nullptr;
  auto out = json::object{};
  for (const auto& tier : tiers->tiers) {
    out[tier.name] = nullptr;
    if (tier.metadata)
      out[tier.name] = score_tier(tier.name, *tier.metadata, context);
  }
  return out;
}

json::object route_answer(const json::object& asked) {
  try {
    check_fields(asked, {"id", "registry", "context"});
    const auto registry = registry_in(asked);
    const auto* tiers = registry ? &*registry : nullptr;
    const auto context = context_in(asked);
    return {{"heuristic", shown(route_by_rules(context, tiers))},
            {"scores", scores_of(context, tiers)},
            {"unified", shown(route_by_score(context, tiers))}};
  } catch (const bad_route& wrong) {
    return line_error(wrong.what());
  }
}

const char* yes_or_no(bool value) {
  return value ? "yes" : "no";
}

void print_scores(const routing_context& context, const tier_table& tiers, std::ostream& out) {
  for (const auto& tier : tiers.tiers) {
    out << "  " << tier.name << ": ";
    if (tier.metadata) {
      out << std::fixed << std::setprecision(3) << score_tier(tier.name, *tier.metadata, context)
          << '\n';
    } else {
      out << "no metadata\n";
    }
  }
}

/// False: none of them may be asked; `err` says why.
bool print_order(const route_question& asked, const routing_context& context,
                 const routing_decision& decision, std::ostream& out, std::ostream& err) {
  const auto& tier = *asked.tiers->resolve(decision.tier);
  const auto& wishes = asked.who.routing;
  auto first = std::string{};
  if (wishes.intelligent) {
    const auto chosen = select_model(
      tier, context, wishes, {}, asked.traits == nullptr ? model_traits_table{} : *asked.traits);
    if (!chosen) {
      err << describe(chosen.error()) << '\n';
      return false;
    }
    if (chosen->engaged)
      out << "models: as configured (" << chosen->reason.value_or("") << ")\n";
    first = chosen->engaged ? std::string{} : chosen->model;
  }
  const auto order = asking_order(tier, first, context.requires_vision);
  for (auto i = std::size_t{0}; i < order.size(); ++i)
    out << (i == 0 ? "models: " : ", then ") << order[i];
  out << (order.empty() ? "" : "\n");
  return true;
}

}  // namespace

int explain_route(const route_question& asked, std::ostream& out, std::ostream& err) {
  if (asked.tiers == nullptr || asked.tiers->tiers.empty()) {
    err << "no model is configured; set PERSONA_PROVIDER, PERSONA_MODEL and PERSONA_API_KEY, or "
           "tiers in the configuration\n";
    return 1;
  }
  const auto& signals = asked.tables.signals;
  const auto context = context_of_turn(asked.message, asked.messages_before, asked.has_image,
                                       keywords_of(asked.who, signals.keywords), signals);
  out << "first message: " << yes_or_no(context.is_first_turn)
      << "\nboilerplate: " << yes_or_no(context.is_boilerplate)
      << "\nabout the persona: " << yes_or_no(context.is_identity_sensitive)
      << "\nimage: " << yes_or_no(context.requires_vision) << "\nlength: about "
      << context.estimated_input_tokens << " tokens\n";
  const auto decision = route_turn(asked.how, context, asked.tiers);
  if (!decision) {
    err << describe(decision.error()) << '\n';
    return 1;
  }
  out << "could take it:";
  for (const auto& name : decision->candidates_considered)
    out << ' ' << name;
  out << "\ntier: " << decision->tier << " (" << decision->model
      << ")\nwhy: " << decision->rationale << '\n';
  if (!print_order(asked, context, *decision, out, err))
    return 1;
  out << "scores:\n";
  print_scores(context, *asked.tiers, out);
  return 0;
}

int explain_route_jsonl(std::istream& in, std::ostream& out) {
  return answer_lines(in, out, route_answer);
}

}  // namespace persona_runtime::cli
