// Recorded decisions of the routers.

#include "domain/conversation/turn_log.hpp"
#include "domain/tier/model_catalog.hpp"
#include "domain/tier/routing/latency_tracker.hpp"
#include "domain/tier/routing/unified_router.hpp"
#include "tests/cases/rule_rows.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tables.hpp"

#include <fstream>
#include <sstream>

namespace persona_runtime {
namespace {

namespace json = boost::json;

routing_context context_of(const json::object& recorded) {
  auto out = routing_context{};
  out.requires_vision = recorded.at("requires_vision").as_bool();
  out.estimated_input_tokens = recorded.at("estimated_input_tokens").to_number<std::uint64_t>();
  out.requires_strong_tools = recorded.at("requires_strong_tools").as_bool();
  out.is_first_turn = recorded.at("is_first_turn").as_bool();
  out.is_identity_sensitive = recorded.at("is_identity_sensitive").as_bool();
  out.is_boilerplate = recorded.at("is_boilerplate").as_bool();
  out.conversation_phase = std::string{recorded.at("conversation_phase").as_string()};
  out.profile = *routing_profile_of(std::string_view{recorded.at("profile").as_string()});
  return out;
}

json::object shown(const routing_failure& f) {
  auto context =
    json::object{{"reason", reason_of(f.obstacle)}, {"configured_tiers", f.configured_tiers}};
  if (!f.required.empty())
    context["required"] = f.required;
  return {{"error", class_name(f.obstacle)}, {"context", std::move(context)}};
}

json::value shown(const routing_result<routing_decision>& d) {
  if (!d)
    return shown(d.error());
  auto out = std::string{};
  append_decision(out, *d);
  return test::exact_json(out);
}

/// A row whose errors carry class and context only: the words are our own.
json::value without_words(json::value row, std::initializer_list<const char*> fields) {
  for (const auto* field : fields) {
    auto* found = row.as_object().if_contains(field);
    if (auto* outcome = found == nullptr ? nullptr : found->if_object())
      outcome->erase("text");
  }
  return row;
}

json::object scores_of(const routing_context& context, const tier_table& tiers) {
  auto out = json::object{};
  for (const auto& tier : tiers.tiers) {
    out[tier.name] = nullptr;
    if (tier.metadata)
      out[tier.name] = score_tier(tier.name, *tier.metadata, context);
  }
  return out;
}

TEST_CASE("AC-HR-01 AC-L1-03 AC-UR-01 the recorded decisions", "[cases][domain]") {
  auto file = test::rule_rows{"router/decisions.jsonl", {"registry", "context"}};
  for (const auto& recorded : file.rows()) {
    const auto row = without_words(recorded, {"heuristic", "unified"});
    const auto* tiers = test::recorded_registry(std::string{row.at("registry").as_string()});
    const auto context = context_of(row.at("context").as_object());
    file.compare(row, "quality_proxy", quality_proxy(context));
    file.compare(row, "heuristic", shown(route_by_rules(context, tiers)));
    if (!row.as_object().contains("scores"))
      continue;  // the reference scores nothing without a registry
    file.compare(row, "scores", scores_of(context, *tiers));
    file.compare(row, "unified", shown(route_by_score(context, tiers)));
  }
  file.finish();
}

TEST_CASE("AC-HR-02 AC-HR-07 the recorded choices", "[cases][domain]") {
  const auto& signals = reference_tables().signals;
  const auto words = keywords_of(test::recorded_persona("mira"), signals.keywords);
  auto file = test::rule_rows{"router/choose.jsonl",
                              {"message", "override", "turn_count", "image", "registry"}};
  for (const auto& recorded : file.rows()) {
    const auto row = without_words(recorded, {"tier"});
    const auto message = std::string_view{row.at("message").as_string()};
    auto turn = tier_choice{};
    for (const auto wish : {tier_wish::frontier, tier_wish::mid, tier_wish::small})
      turn.wish = row.at("override").as_string() == name_of(wish) ? wish : turn.wish;
    turn.is_first_turn = row.at("turn_count").to_number<int>() == 0;
    turn.has_image = row.at("image").as_bool();
    turn.is_boilerplate = is_boilerplate(message, signals);
    turn.is_identity_sensitive = is_identity_sensitive(message, words, signals);
    const auto chosen =
      choose_tier(turn, test::recorded_registry(std::string{row.at("registry").as_string()}));
    file.compare(row, "tier", chosen ? json::value(*chosen) : json::value(shown(chosen.error())));
  }
  file.finish();
}

TEST_CASE("AC-TIER-02 AC-TIER-04 the recorded resolutions", "[cases][domain]") {
  auto file = test::rule_rows{"router/tier_resolution.jsonl", {"registry", "requested"}};
  for (const auto& recorded : file.rows()) {
    // An error is a null of ours; its words and its list of tiers are the caller's.
    auto row = recorded;
    for (const auto* field : {"resolved", "model", "vision"}) {
      if (row.at(field).is_object())
        row.as_object()[field] = nullptr;
    }
    const auto* tiers = test::recorded_registry(std::string{row.at("registry").as_string()});
    const auto requested = std::string_view{row.at("requested").as_string()};
    const auto* tier = tiers == nullptr ? nullptr : tiers->resolve(requested);
    const auto model = model_name_for(tiers, requested);
    file.compare(row, "resolved", tier == nullptr ? json::value() : json::value(tier->name));
    file.compare(row, "model", tier == nullptr ? json::value() : json::value(model));
    file.compare(row, "vision", tier == nullptr ? json::value() : json::value(tier->vision()));
  }
  file.finish();
}

TEST_CASE("LOG-05 LOG-06 AC-CMP-04 the recorded costs", "[cases][domain]") {
  auto in = std::ifstream{PERSONA_SOURCE_DIR "/config/models.yaml"};
  auto text = std::stringstream{};
  text << in.rdbuf();
  const auto catalog = *model_catalog::parse(text.str(), "models.yaml");
  const auto unverified = catalog.unverified();
  auto file = test::rule_rows{"router/cost.jsonl", {"provider", "model", "prompt", "completion"}};
  for (const auto& row : file.rows()) {
    auto tally = usage_tally{};
    tally.add(catalog.entry(std::string_view{row.at("provider").as_string()},
                            std::string_view{row.at("model").as_string()}),
              {row.at("prompt").to_number<std::uint64_t>(),
               row.at("completion").to_number<std::uint64_t>()});
    auto log = turn_log{};
    note_usage(log, tally, unverified);
    REQUIRE(log.cost_cents);
    file.compare(row, "cents", *log.cost_cents);
    file.compare(row, "basis", json::value(log.cost_basis));
  }
  file.finish();
}

TEST_CASE("AC-LAT-02 the recorded latencies", "[cases][domain]") {
  auto file = test::rule_rows{"router/latency_tracker.jsonl", {"alpha", "warmup", "samples"}};
  for (const auto& row : file.rows()) {
    auto tracker = latency_tracker{
      {row.at("alpha").to_number<double>(), row.at("warmup").to_number<std::uint32_t>()}};
    auto trace = json::array{};
    for (const auto& sample : row.at("samples").as_array()) {
      tracker.record("m", sample.to_number<double>());
      trace.push_back(json::array{*tracker.estimate_ms("m"), tracker.count("m")});
    }
    const auto final = tracker.estimate_ms("m");
    file.compare(row, "trace", trace);
    file.compare(row, "final", final ? json::value(*final) : json::value());
    file.compare(row, "count", tracker.count("m"));
  }
  file.finish();
}

}  // namespace
}  // namespace persona_runtime
