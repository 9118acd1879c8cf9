#include "domain/conversation/turn_log.hpp"
#include "domain/event/json_parts.hpp"
#include "domain/event/strict_json.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

namespace persona_runtime {
namespace {

void optional_text(json_writer& o, std::string_view name, const std::optional<std::string>& text) {
  o.text_or_null(name, text.value_or(""), text.has_value());
}

void append_invocation(std::string& out, const skill_invocation& s) {
  auto o = json_writer{out};
  o.text("name", s.name).json("parameters", s.parameters.empty() ? "null" : s.parameters);
  o.number("content_tokens", s.content_tokens).close();
}

void append_routing(json_writer& o, const turn_log& log) {
  if (log.routing)
    append_decision(o.key("routing_decision"), *log.routing);
  else
    o.raw("routing_decision", "null");
  o.number("routing_latency_ms", log.routing_latency_ms);
  o.flag("routing_fallback_triggered", log.routing_fallback_triggered);
  optional_text(o, "routing_fallback_reason", log.routing_fallback_reason);
}

void append_fallback(json_writer& o, const turn_log& log) {
  optional_text(o, "tier_model_chosen", log.tier_model_chosen);
  optional_text(o, "tier_provider_used", log.tier_provider_used);
  o.number("tier_fallback_count", log.tier_fallback_count);
  append_text_list(o.key("tier_fallback_reasons"), log.tier_fallback_reasons);
  append_text_list(o.key("tier_fallback_providers"), log.tier_fallback_providers);
  o.flag("fallback_engaged", log.fallback_engaged);
}

void append_rest(json_writer& o, const turn_log& log) {
  append_text_list(o.key("tool_refusal_detected"), log.tool_refusal_detected);
  o.text("cost_basis", log.cost_basis).flag("fallback_rate_alert", log.fallback_rate_alert);
  o.flag("refusal_retry_engaged", log.refusal_retry_engaged);
  o.flag("sandbox_session_recreated", log.sandbox_session_recreated);
  append_json_list(o.key("skills_invoked"), log.skills_invoked, append_invocation);
  o.flag("skill_budget_exceeded", log.skill_budget_exceeded);
  append_text_list(o.key("tool_gap_detected"), log.tool_gap_detected);
  append_text_list(o.key("tool_consent_granted"), log.tool_consent_granted);
  append_text_list(o.key("mcp_invocations"), log.mcp_invocations);
  append_text_list(o.key("mcp_unavailable_requested"), log.mcp_unavailable_requested);
}

zoned_instant read_timestamp(strict_object& in) {
  const auto time = parse_time(in.text("timestamp"));
  if (!time || time->naive)
    in.complain("timestamp", "must be a time with its offset from UTC");
  return time ? time->value : zoned_instant{};
}

/// Required: null is a value of its own (an unknown price), absence is none.
std::optional<double> read_cost(strict_object& in) {
  const auto found = in.require("cost_cents");
  if (!found || found->is_null())
    return std::nullopt;
  return in.amount("cost_cents");
}

std::optional<std::uint64_t> optional_count(strict_object& in, std::string_view name) {
  const auto found = in.find(name);
  if (!found || found->is_null())
    return std::nullopt;
  return in.count<std::uint64_t>(name);
}

void read_required(strict_object& in, turn_log& log) {
  log.conversation_id = in.text("conversation_id");
  log.turn_index = in.count<std::uint64_t>("turn_index");
  log.tier_used = in.text("tier_used");
  log.model_name = in.text("model_name");
  log.provider = in.text("provider");
  log.prompt_tokens = in.count<std::uint64_t>("prompt_tokens");
  log.completion_tokens = in.count<std::uint64_t>("completion_tokens");
  log.latency_ms = in.amount("latency_ms");
  log.cost_cents = read_cost(in);
  log.timestamp = read_timestamp(in);
}

void read_routing(strict_object& in, turn_log& log) {
  const auto decision = in.find("routing_decision");
  if (decision && !decision->is_null()) {
    auto read = routing_decision_of(simdjson::minify(*decision));
    if (read)
      log.routing = std::move(*read);
    else
      in.complain("routing_decision", read.error().detail);
  }
  log.routing_latency_ms = in.amount_or("routing_latency_ms", 0);
  log.routing_fallback_triggered = in.flag_or("routing_fallback_triggered", false);
  log.routing_fallback_reason = in.optional_text("routing_fallback_reason");
}

void read_fallback(strict_object& in, turn_log& log) {
  log.tier_model_chosen = in.optional_text("tier_model_chosen");
  log.tier_provider_used = in.optional_text("tier_provider_used");
  log.tier_fallback_count = in.count_or<std::uint32_t>("tier_fallback_count", 0);
  log.tier_fallback_reasons = in.texts("tier_fallback_reasons");
  log.tier_fallback_providers = in.texts("tier_fallback_providers");
  log.fallback_engaged = in.flag_or("fallback_engaged", false);
  log.fallback_rate_alert = in.flag_or("fallback_rate_alert", false);
}

void read_skills(strict_object& in, turn_log& log, std::string& problem) {
  in.list("skills_invoked", [&](simdjson::dom::element item, const std::string& path) {
    auto skill = strict_object{item, path, problem};
    auto out = skill_invocation{skill.text("name")};
    const auto parameters = skill.find("parameters");
    if (parameters && !parameters->is_null())
      out.parameters = simdjson::minify(*parameters);
    out.content_tokens = skill.count_or<std::uint64_t>("content_tokens", 0);
    skill.close();
    log.skills_invoked.push_back(std::move(out));
  });
  log.skill_used = in.optional_text("skill_used");
  log.skill_budget_exceeded = in.flag_or("skill_budget_exceeded", false);
}

void read_rest(strict_object& in, turn_log& log) {
  log.tool_calls = in.count_or<std::uint64_t>("tool_calls", 0);
  log.history_compacted = in.flag_or("history_compacted", false);
  log.reasoning_total_tokens = optional_count(in, "reasoning_total_tokens");
  log.reasoning_text_hash = in.optional_text("reasoning_text_hash");
  log.tool_refusal_detected = in.texts("tool_refusal_detected");
  log.cost_basis = in.text_or("cost_basis", "published");
  log.refusal_retry_engaged = in.flag_or("refusal_retry_engaged", false);
  log.sandbox_session_recreated = in.flag_or("sandbox_session_recreated", false);
  log.tool_gap_detected = in.texts("tool_gap_detected");
  log.tool_consent_granted = in.texts("tool_consent_granted");
  log.mcp_invocations = in.texts("mcp_invocations");
  log.mcp_unavailable_requested = in.texts("mcp_unavailable_requested");
}

}  // namespace

void append_turn_log(std::string& out, const turn_log& log) {
  auto o = json_writer{out};
  o.text("conversation_id", log.conversation_id).number("turn_index", log.turn_index);
  o.text("tier_used", log.tier_used).text("model_name", log.model_name);
  o.text("provider", log.provider).number("prompt_tokens", log.prompt_tokens);
  o.number("completion_tokens", log.completion_tokens).number("latency_ms", log.latency_ms);
  if (log.cost_cents)
    o.number("cost_cents", *log.cost_cents);
  else
    o.raw("cost_cents", "null");
  o.number("tool_calls", log.tool_calls);
  optional_text(o, "skill_used", log.skill_used);
  o.flag("history_compacted", log.history_compacted);
  o.text("timestamp", log.timestamp.offset_minutes == 0 ? to_text(log.timestamp.at)
                                                        : format_time(log.timestamp));
  append_routing(o, log);
  if (log.reasoning_total_tokens)
    o.number("reasoning_total_tokens", *log.reasoning_total_tokens);
  else
    o.raw("reasoning_total_tokens", "null");
  optional_text(o, "reasoning_text_hash", log.reasoning_text_hash);
  append_fallback(o, log);
  append_rest(o, log);
  o.close();
}

result<turn_log> turn_log_of(std::string_view json) {
  auto read = read_strictly<turn_log>(json, "turn log",
                                      [](simdjson::dom::element root, std::string& problem) {
                                        auto in = strict_object{root, {}, problem};
                                        auto out = turn_log{};
                                        read_required(in, out);
                                        read_routing(in, out);
                                        read_fallback(in, out);
                                        read_skills(in, out, problem);
                                        read_rest(in, out);
                                        in.close();
                                        return out;
                                      });
  return read ? checked(std::move(*read)) : read;
}

}  // namespace persona_runtime
