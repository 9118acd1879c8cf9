#include "domain/event/json_parts.hpp"
#include "domain/event/strict_json.hpp"
#include "domain/text/json_text.hpp"
#include "domain/tier/routing/route.hpp"

namespace persona_runtime {
namespace {

void append_numbers(std::string& out, const std::map<std::string, double>& numbers) {
  out += '{';
  for (const auto& [name, number] : numbers) {
    out += out.back() == '{' ? "" : ",";
    append_json_string(out, name);
    out += ':';
    append_json_number(out, number);
  }
  out += '}';
}

}  // namespace

void append_decision(std::string& out, const routing_decision& d) {
  auto o = json_writer{out};
  o.text("tier", d.tier).text("model", d.model).text("rationale", d.rationale);
  append_text_list(o.key("candidates_considered"), d.candidates_considered);
  append_text_map(o.key("layer1_filter_reasons"), d.layer1_filter_reasons);
  o.number("layer2_score", d.layer2_score).flag("fallback_triggered", d.fallback_triggered);
  o.text_or_null("fallback_reason", d.fallback_reason.value_or(""), d.fallback_reason.has_value());
  append_text_list(o.key("model_candidates"), d.model_candidates);
  append_numbers(o.key("score_vector"), d.score_vector);
  append_numbers(o.key("weights_used"), d.weights_used);
  o.flag("model_fallback_engaged", d.model_fallback_engaged);
  o.text_or_null("model_fallback_reason", d.model_fallback_reason.value_or(""),
                 d.model_fallback_reason.has_value());
  o.close();
}

result<routing_decision> routing_decision_of(std::string_view json) {
  return read_strictly<routing_decision>(
    json, "routing decision", [](simdjson::dom::element root, std::string& problem) {
      auto in = strict_object{root, {}, problem};
      auto out = routing_decision{in.text("tier"), in.text("model"), in.text("rationale")};
      out.candidates_considered = in.texts("candidates_considered");
      out.layer1_filter_reasons = in.text_map("layer1_filter_reasons");
      out.layer2_score = in.number_or("layer2_score", 0.0);
      out.fallback_triggered = in.flag_or("fallback_triggered", false);
      out.fallback_reason = in.optional_text("fallback_reason");
      out.model_candidates = in.texts("model_candidates");
      out.score_vector = in.number_map("score_vector");
      out.weights_used = in.number_map("weights_used");
      out.model_fallback_engaged = in.flag_or("model_fallback_engaged", false);
      out.model_fallback_reason = in.optional_text("model_fallback_reason");
      in.close();
      return out;
    });
}

}  // namespace persona_runtime
