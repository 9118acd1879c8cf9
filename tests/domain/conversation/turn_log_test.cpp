#include "domain/conversation/turn_log.hpp"
#include "domain/text/shown_text.hpp"
#include "tests/support/catch.hpp"

#include <limits>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

turn_log a_log() {
  auto log = turn_log{};
  log.conversation_id = "conv_1";
  log.turn_index = 4;
  log.tier_used = "mid";
  log.model_name = "deepseek-chat";
  log.provider = "deepseek";
  log.timestamp = parse_time("2026-03-02T18:40:00+01:00")->value;
  return log;
}

turn_log full_log() {
  auto log = a_log();
  log.prompt_tokens = 1'000;
  log.cost_cents = 1.05;
  log.routing = routing_decision{"mid", "m", "default → mid", {"frontier", "mid"}};
  log.routing->score_vector = {{"quality", 0.25}};
  log.routing->fallback_reason = "timeout";
  log.routing_fallback_reason = "timeout";
  log.reasoning_total_tokens = 3;
  log.reasoning_text_hash = "ab";
  log.skill_used = "drafting";
  log.skills_invoked = {{"drafting", R"({"tone":"dry"})", 120}, {"other", "", 0}};
  log.tier_fallback_count = 1;
  log.tier_fallback_reasons = {"RateLimitError"};
  log.tier_fallback_providers = {"nvidia"};
  log.fallback_engaged = true;
  log.tool_refusal_detected = {"web_search"};
  log.mcp_invocations = {"mcp:time:now"};
  return log;
}

std::string json_of(const turn_log& log) {
  auto out = std::string{};
  append_turn_log(out, log);
  return out;
}

std::string problem_of(const std::string& json) {
  const auto read = turn_log_of(json);
  return read ? "" : read.error().detail;
}

std::string replaced(std::string json, const std::string& what, const std::string& by) {
  const auto at = json.find(what);
  REQUIRE(at != std::string::npos);
  return json.replace(at, what.size(), by);
}

model_entry priced(std::string provider, std::string model, std::optional<model_price> price) {
  auto out = model_entry{};
  out.provider = std::move(provider);
  out.model = std::move(model);
  out.price = price;
  return out;
}

}  // namespace

TEST_CASE("LOG-01 a log survives its JSON, with a decision in it too", "[domain][conversation]") {
  for (const auto& log : {a_log(), full_log()}) {
    const auto json = json_of(log);
    CHECK(json.find('\n') == std::string::npos);
    REQUIRE(turn_log_of(json).has_value());
    CHECK(*turn_log_of(json) == log);
  }
}

TEST_CASE("LOG-01 naive times, unknown fields and negative figures are rejected",
          "[domain][conversation]") {
  const auto json = json_of(full_log());
  CHECK_THAT(problem_of(replaced(json, "+01:00", "")), Contains("timestamp"));
  CHECK_THAT(problem_of(replaced(json, "{", R"({"mood":1,)")), Contains("mood"));
  CHECK_THAT(problem_of(replaced(json, R"("tier":)", R"("mood":1,"tier":)")), Contains("mood"));
  CHECK_THAT(problem_of(replaced(json, R"("prompt_tokens":1000)", R"("prompt_tokens":-1)")),
             Contains("prompt_tokens"));
  CHECK_THAT(problem_of(replaced(json, R"("latency_ms":0)", R"("latency_ms":-0.5)")),
             Contains("latency_ms"));
  CHECK_THAT(problem_of(replaced(json, R"("tier_used":"mid",)", "")),
             Contains("tier_used is missing"));
  auto log = a_log();
  log.latency_ms = std::numeric_limits<double>::infinity();
  CHECK_FALSE(checked(log).has_value());
  log = a_log();
  log.cost_cents = -1;
  CHECK_FALSE(checked(log).has_value());
  CHECK(checked(a_log()).has_value());
}

TEST_CASE("LOG-02 AC-CMP-06 the fallback lists and the flag follow the count",
          "[domain][conversation]") {
  auto log = full_log();
  log.tier_fallback_providers.clear();
  CHECK_FALSE(checked(log).has_value());
  log = full_log();
  log.fallback_engaged = false;
  CHECK_FALSE(checked(log).has_value());
  log = a_log();
  log.fallback_engaged = true;
  CHECK_FALSE(checked(log).has_value());
  CHECK_THAT(problem_of(replaced(json_of(full_log()), R"(["RateLimitError"])", "[]")),
             Contains("tier_fallback_count"));
}

TEST_CASE("LOG-03 all models failed: nobody answered", "[domain][conversation]") {
  auto log = a_log();
  note_fallback(log, {{"a", "RateLimitError"}, {"b", "ProviderError"}, {"c", "ProviderError"}},
                nullptr);
  CHECK_FALSE(log.tier_model_chosen);
  CHECK_FALSE(log.tier_provider_used);
  CHECK(log.tier_fallback_count == 3);
  CHECK(log.fallback_engaged);
  REQUIRE(checked(log).has_value());
  CHECK(*turn_log_of(json_of(log)) == log);
}

TEST_CASE("LOG-05 AC-CMP-04 cost is the sum over every call", "[domain][conversation]") {
  const auto sonnet = priced("anthropic", "claude-sonnet-4-6", model_price{0.30, 1.50});
  auto tally = usage_tally{};
  CHECK(tally.total().cents == 0.0);
  tally.add(sonnet, {1'000, 500, false});
  CHECK(tally.total().cents == Approx(1.05));
  tally.add(sonnet, {0, 0, false});
  CHECK(tally.total().cents == Approx(1.05));
  const auto haiku = priced("anthropic", "claude-haiku-4-5", model_price{0.08, 0.40});
  tally.add(haiku, {1'000, 1'000, true});
  CHECK(tally.total().cents == Approx(1.53));
  CHECK(tally.total().calls == 3);
  CHECK(tally.total().tokens == token_usage{2'000, 1'500, true});
  CHECK(tally.by_model().at("anthropic/claude-sonnet-4-6").calls == 2);
  CHECK(tally.by_model().at("anthropic/claude-haiku-4-5").cents == Approx(0.48));
}

TEST_CASE("LOG-05 what a cache held is summed and priced apart", "[domain][conversation]") {
  auto tally = usage_tally{};
  const auto model = priced("a", "m", model_price{1, 2, 0.1, 1.25});
  tally.add(model, {1'000, 100, false, 800, 100});
  tally.add(model, {1'000, 100, false, 0, 1'000});
  CHECK(tally.total().tokens == token_usage{2'000, 200, false, 800, 1'100});
  CHECK(tally.total().cents == Approx(0.1 + 0.08 + 0.125 + 1.25 + 0.4));
}

TEST_CASE("LOG-05 D-27 one unknown price makes the cost unknown", "[domain][conversation]") {
  auto tally = usage_tally{};
  tally.add(priced("a", "m", model_price{1, 1}), {10, 10, false});
  tally.add(priced("a", "unknown", std::nullopt), {10, 10, false});
  auto log = a_log();
  note_usage(log, tally);
  CHECK_FALSE(log.cost_cents);
  CHECK(log.prompt_tokens == 20);
  CHECK_THAT(json_of(log), Contains(R"("cost_cents":null)"));
  CHECK(*turn_log_of(json_of(log)) == log);
}

TEST_CASE("LOG-06 an unverified price says so", "[domain][conversation]") {
  auto tally = usage_tally{};
  tally.add(priced("nvidia", "llama-3.3-nemotron-super-49b-v1.5", model_price{0.04, 0.04}),
            {1'000, 1'000, false});
  auto log = a_log();
  note_usage(log, tally, {"nvidia/llama-3.3-nemotron-super-49b-v1.5"});
  CHECK(log.cost_cents == Approx(0.08));
  CHECK(log.cost_basis == "verify-at-deploy");
  note_usage(log, tally, {"nvidia/other"});
  CHECK(log.cost_basis == "published");
}

TEST_CASE("LOG-09 AC-CMP-03 the alert over the last ten turns", "[domain][conversation]") {
  struct row {
    const char* turns;   // 1: a model failed
    const char* alerts;  // after each
  };
  for (const auto& [turns, alerts] :
       {row{"1111", "0000"}, row{"00000111", "00000001"}, row{"0000000111", "0000000000"},
        row{"11110000000000000", "00001111111000000"}, row{"1111110", "0000111"},
        row{"10000", "00000"}, row{"11000", "00001"}}) {
    auto window = fallback_window{};
    auto seen = std::string{};
    auto changes = 0;
    for (const auto turn : std::string_view{turns}) {
      changes += window.note(turn == '1') != fallback_window::change::none ? 1 : 0;
      seen += window.alerting() ? '1' : '0';
    }
    INFO(turns);
    CHECK(seen == alerts);
    auto edges = 0;
    for (auto i = std::size_t{0}; i < seen.size(); ++i)
      edges += seen[i] != (i == 0 ? '0' : seen[i - 1]) ? 1 : 0;
    CHECK(changes == edges);
  }
}

TEST_CASE("LOG-10 AC-CMP-05 who answered after how many failures", "[domain][conversation]") {
  const auto second = priced("anthropic", "claude-haiku-4-5", std::nullopt);
  auto log = a_log();
  note_fallback(log, {{"nvidia", "RateLimitError"}}, &second);
  CHECK(log.tier_model_chosen == "claude-haiku-4-5");
  CHECK(log.tier_provider_used == "anthropic");
  CHECK(log.tier_fallback_reasons == std::vector<std::string>{"RateLimitError"});
  CHECK(log.tier_fallback_providers == std::vector<std::string>{"nvidia"});
  note_fallback(log, {}, &second);
  CHECK_FALSE(log.fallback_engaged);
  CHECK(log.tier_fallback_count == 0);
  CHECK(checked(log).has_value());
}

TEST_CASE("LOG-11 of thinking text only a count and a hash are kept", "[domain][conversation]") {
  auto log = a_log();
  note_reasoning(log, "", "e3b0");
  CHECK_FALSE(log.reasoning_text_hash);
  note_reasoning(log, "the  secret plan\n", "ab12");
  CHECK(log.reasoning_total_tokens == 3);
  CHECK(log.reasoning_text_hash == "ab12");
  CHECK_THAT(json_of(log), !Contains("secret"));
  CHECK(word_count(" \t\xC2\xA0") == 0);
  CHECK(word_count("a\xE2\x80\xA8"
                   "b")
        == 2);
}

TEST_CASE("LOG-12 a minimal record has every default, in the order of the specification",
          "[domain][conversation]") {
  const auto read = turn_log_of(
    R"({"conversation_id":"conv_1","turn_index":4,"tier_used":"mid","model_name":"deepseek-chat",)"
    R"("provider":"deepseek","prompt_tokens":0,"completion_tokens":0,"latency_ms":0,)"
    R"("cost_cents":0,"timestamp":"2026-03-02T18:40:00+01:00"})");
  REQUIRE(read.has_value());
  CHECK(*read == a_log());
  CHECK(
    json_of(*read)
    == R"({"conversation_id":"conv_1","turn_index":4,"tier_used":"mid",)"
       R"("model_name":"deepseek-chat","provider":"deepseek","prompt_tokens":0,)"
       R"("completion_tokens":0,"latency_ms":0,"cost_cents":0,"tool_calls":0,"skill_used":null,)"
       R"("history_compacted":false,"timestamp":"2026-03-02T18:40:00+01:00",)"
       R"("routing_decision":null,"routing_latency_ms":0,"routing_fallback_triggered":false,)"
       R"("routing_fallback_reason":null,"reasoning_total_tokens":null,)"
       R"("reasoning_text_hash":null,"tier_model_chosen":null,"tier_provider_used":null,)"
       R"("tier_fallback_count":0,"tier_fallback_reasons":[],"tier_fallback_providers":[],)"
       R"("fallback_engaged":false,"tool_refusal_detected":[],"cost_basis":"published",)"
       R"("fallback_rate_alert":false,"refusal_retry_engaged":false,)"
       R"("sandbox_session_recreated":false,"skills_invoked":[],"skill_budget_exceeded":false,)"
       R"("tool_gap_detected":[],"tool_consent_granted":[],"mcp_invocations":[],)"
       R"("mcp_unavailable_requested":[]})");
}
