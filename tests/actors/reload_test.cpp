// Tiers that are swapped under runs and turns, on virtual time.

#include "tests/support/chat_world.hpp"

namespace persona_runtime {
namespace {

using namespace test;

/// Three tiers of one model each, at a desk of their own.
std::vector<wiring_tier> tiers_of(const std::string& model,
                                  const std::shared_ptr<desk_provider>& desk) {
  auto tiers = std::vector<wiring_tier>{};
  for (const auto* name : {"frontier", "mid", "small"})
    tiers.push_back({name, {{a_model("groq", model), desk, {}}}});
  return tiers;
}

TEST_CASE_METHOD(world, "reload: a call in flight keeps its model, the next one is the new one",
                 "[actors][reload]") {
  start();
  const auto desk = std::make_shared<desk_provider>();
  actors.use_tiers(tiers_of("fresh", desk));
  settle();
  CHECK_FALSE(model->desk.calls.at(0)->cancelled);
  model_answers(calls({call_of("search")}));
  CHECK(last<fact::settled>().model == "anthropic/frontier-model");
  tool_answers("search", result_of("berth 4"));
  CHECK(model->desk.calls.size() == 1);
  REQUIRE(desk->desk.waiting() != nullptr);
  REQUIRE(desk->desk.answer(says("[FINAL] Berth 4 is free.")));
  settle();
  CHECK(view().status == run_status::completed);
  CHECK(last<fact::settled>().model == "groq/fresh");
  CHECK(view().by_model.size() == 2);
}

TEST_CASE_METHOD(world, "reload: a call that fails under the old tiers goes on under the new ones",
                 "[actors][reload]") {
  start();
  const auto desk = std::make_shared<desk_provider>();
  actors.use_tiers(tiers_of("fresh", desk));
  settle();
  model_answers(error_with(model_error_class::provider_error, 500));
  for (auto i = 0; i < 100 && desk->desk.waiting() == nullptr; ++i)
    advance(100ms);
  REQUIRE(desk->desk.waiting() != nullptr);
  CHECK(model->desk.calls.size() == 1);
}

TEST_CASE("reload: a server that had no model can carry out runs", "[actors][reload]") {
  auto options = world_options{};
  options.tiers.clear();
  chat_world w{std::move(options)};
  CHECK(w.say("Is berth 4 free?").refused->code == errc::model_unavailable);
  const auto desk = std::make_shared<desk_provider>();
  w.actors.use_tiers(tiers_of("fresh", desk));
  w.settle();
  w.say("Is berth 4 free?");
  REQUIRE(desk->desk.waiting() != nullptr);
  REQUIRE(desk->desk.answer(says("It is.")));
  w.settle();
  CHECK(w.messages().back().content.view() == "It is.");
}

TEST_CASE("reload: a turn under way is accounted for by the prices it began with",
          "[actors][reload]") {
  chat_world w;
  w.say("Is berth 4 free?");
  const auto desk = std::make_shared<desk_provider>();
  w.actors.use_tiers(tiers_of("fresh", desk));
  w.settle();
  w.model_answers(says("It is."));
  REQUIRE(w.logs().size() == 1);
  CHECK(w.logs()[0].find(R"("cost_cents":0.02)") != std::string::npos);
  w.say("And berth 5?");
  CHECK(desk->desk.waiting() != nullptr);
}

TEST_CASE_METHOD(world, "reload: what a tier that is gone did, another does", "[actors][reload]") {
  start();
  const auto desk = std::make_shared<desk_provider>();
  auto one = tiers_of("fresh", desk);
  one.resize(1);
  actors.use_tiers(one);
  settle();
  model_answers(calls({call_of("search")}));
  tool_answers("search", result_of("free"));  // the next step is the tier mid's
  REQUIRE(desk->desk.waiting() != nullptr);
  REQUIRE(desk->desk.answer(says("[FINAL] ok")));
  settle();
  CHECK(view().status == run_status::completed);
}

TEST_CASE_METHOD(world, "what models did is counted by tier and model", "[actors][metrics]") {
  start();
  model_answers(error_with(model_error_class::rate_limit, 429));
  for (auto i = 0; i < 100 && model->desk.waiting() == nullptr; ++i)
    advance(100ms);
  model_answers(says("[FINAL] ok"));
  const auto all = actors.meter->all();
  const auto& sums = all.at({"frontier", "anthropic/frontier-model"});
  CHECK(sums.replies == 1);
  CHECK(sums.prompt_tokens == 10);
  CHECK(sums.completion_tokens == 5);
  CHECK(sums.cents == Approx(0.02));
  CHECK(sums.failures.size() == 1);
}

TEST_CASE("the pairs of tier and model in metrics are bounded", "[actors][metrics]") {
  auto meter = model_meter{};
  for (auto i = 0; i < 2'000; ++i)
    meter.replied("mid", "openai/" + std::to_string(i), {1, 1, false}, std::nullopt);
  const auto all = meter.all();
  CHECK(all.size() == 1'001);
  CHECK(all.at({"mid", "other"}).replies == 1'000);
  CHECK(all.at({"mid", "other"}).unpriced == 1'000);
}

}  // namespace
}  // namespace persona_runtime
