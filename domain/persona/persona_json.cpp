#include "domain/persona/persona_json.hpp"

#include "domain/text/utf8.hpp"
#include "domain/tool/json_print.hpp"

#include <boost/json.hpp>

#include <cstdio>

namespace persona_runtime {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::value number_or_null(const std::optional<double>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::array texts(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

json::value voice_json(const std::optional<voice_spec>& voice) {
  if (!voice)
    return nullptr;
  return json::object{{"kind", "catalogue"},
                      {"provider", voice->provider},
                      {"voice_id", voice->voice_id},
                      {"consent", nullptr}};
}

json::object identity_json(const persona_identity& who) {
  return {{"name", who.name},
          {"role", who.role},
          {"background", who.background},
          {"language_default", who.language_default},
          {"constraints", texts(who.constraints)},
          {"visual_style", text_or_null(who.visual_style)},
          {"voice", voice_json(who.voice)}};
}

json::array facts_json(const persona& p) {
  json::array out;
  for (const auto& fact : p.self_facts) {
    auto one = json::object{{"fact", fact.fact}, {"confidence", fact.confidence}};
    if (!fact.key.empty())
      one["key"] = fact.key;
    out.push_back(std::move(one));
  }
  return out;
}

json::array worldview_json(const persona& p) {
  json::array out;
  for (const auto& claim : p.worldview) {
    auto one = json::object{{"claim", claim.claim},
                            {"domain", claim.domain},
                            {"epistemic", name_of(claim.tag)},
                            {"confidence", claim.confidence},
                            {"valid_time", claim.valid_time}};
    if (!claim.key.empty())
      one["key"] = claim.key;
    out.push_back(std::move(one));
  }
  return out;
}

json::array episodic_json(const persona& p) {
  json::array out;
  for (const auto& entry : p.episodic) {
    out.push_back(json::object{{"content", entry.content},
                               {"created_at", format_time(entry.created_at)},
                               {"importance", entry.importance}});
  }
  return out;
}

json::object routing_json(const persona_routing& routing) {
  const auto& weights = routing.weights;
  return {{"tier_for_generation", name_of(routing.for_generation)},
          {"tier_for_tools", name_of(routing.for_tools)},
          {"intelligent",
           {{"enabled", routing.intelligent},
            {"weights",
             {{"cost", weights.cost}, {"quality", weights.quality}, {"latency", weights.latency}}},
            {"fallback_to_rule_based_on_miss", routing.rules_on_miss}}},
          {"budget",
           {{"max_cents_per_turn", number_or_null(routing.cents_per_turn_max)},
            {"max_cents_per_session", number_or_null(routing.cents_per_session_max)},
            {"max_cents_per_day", number_or_null(routing.cents_per_day_max)}}}};
}

bool is_safe_in_yaml(char32_t c) {
  bool line_break = c == 0x85 || c == 0x2028 || c == 0x2029;
  bool control = c == 0x7F || (c >= 0x80 && c < 0xA0) || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
  return !line_break && !control;
}

/// JSON may hold characters as they are that YAML may not; they can only stand in strings.
std::string escaped_for_yaml(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    auto step = decode_at(text, at);
    if (is_safe_in_yaml(step.code)) {
      out.append(text, at, step.bytes);
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(step.code));
      out += escape;
    }
    at += step.bytes;
  }
  return out;
}

}  // namespace

std::string to_json(const persona& p) {
  json::object out{{"persona_id", text_or_null(p.id)},
                   {"schema_version", p.schema_version},
                   {"owner_id", text_or_null(p.owner)},
                   {"visibility", name_of(p.shown_to)},
                   {"identity", identity_json(p.identity)},
                   {"self_facts", facts_json(p)},
                   {"worldview", worldview_json(p)},
                   {"episodic", episodic_json(p)},
                   {"tools", texts(p.tools)},
                   {"skills", texts(p.skills)},
                   {"routing", routing_json(p.routing)},
                   {"embedding", {{"model", p.embedding.model}, {"dim", p.embedding.dim}}},
                   {"autonomy", name_of(p.decides)}};
  return escaped_for_yaml(json_text(out));
}

}  // namespace persona_runtime
