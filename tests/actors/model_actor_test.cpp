// How calls of runs get to their models: past those that fail, in turns, or not at all.

#include "tests/support/two_models.hpp"

namespace persona_runtime {
namespace {

using test::a_model;
using test::desk_ptr;
using test::error_with;
using test::says;
using test::world;
using test::world_options;
using namespace std::chrono_literals;

/// Two providers, each with a model in every tier.
struct two_models {
  desk_ptr first = std::make_shared<test::desk_provider>();
  desk_ptr second = std::make_shared<test::desk_provider>();
  world w;

  explicit two_models(world_options options = {})
    : w{test::with_two_models(std::move(options), first, second)} {}

  /// As a reload would bring them, with the first model at this key.
  std::vector<wiring_tier> tiers(const std::string& key = {}) {
    auto all = std::vector<wiring_tier>{};
    for (const auto* name : {"frontier", "mid", "small"})
      all.push_back(
        {name, {{a_model("one", "m"), first, {}, key}, {a_model("two", "m"), second, {}}}});
    return all;
  }
  void start(const std::string& name, const std::string& owner = "alice") {
    w.run = run_id{"run_" + name};
    w.spec.owner = owner_id{owner};
    w.start();
  }
  void answer(const desk_ptr& at, model_result<model_reply> reply) {
    REQUIRE(at->desk.answer(std::move(reply)));
    w.settle();
  }
  /// Opens the breaker of the first model: three runs fail on it.
  void break_first() {
    for (const auto* name : {"x", "y", "z"}) {
      start(name);
      for (auto i = 0; i < 2 && first->desk.open_count() > 0; ++i) {
        answer(first, error_with(model_error_class::provider_error, 503));
        w.advance(400ms);
      }
      answer(second, says("[FINAL] from two"));
    }
  }
};

const auto down = error_with(model_error_class::provider_error, 503);

TEST_CASE("a model that keeps failing is passed over before anything is written",
          "[actors][model]") {
  auto t = two_models{};
  t.break_first();
  CHECK(t.first->desk.calls.size() == 5);
  CHECK(t.w.actors.counters->models_opened == 1);
  t.start("after");
  CHECK(t.first->desk.calls.size() == 5);
  REQUIRE(t.second->desk.open_count() == 1);
  t.answer(t.second, says("[FINAL] ok"));
  CHECK(t.w.view().status == run_status::completed);
  CHECK(t.w.count("fell_over") == 0);
  CHECK(t.w.count("retried") == 0);
  CHECK(t.w.last<fact::settled>().model == "two/m");
  CHECK(t.w.last<fact::reserved>().model == "two/m");
}

TEST_CASE("one call probes a model that was left alone, and it comes back", "[actors][model]") {
  auto t = two_models{};
  t.break_first();
  t.w.advance(5s);
  t.start("probe");
  CHECK(t.first->desk.open_count() == 1);
  t.start("beside");
  CHECK(t.first->desk.open_count() == 1);  // nobody else may while it is under way
  CHECK(t.second->desk.open_count() == 1);
  t.answer(t.first, says("[FINAL] back"));
  CHECK(t.w.actors.counters->models_closed == 1);
  t.start("later");
  CHECK(t.first->desk.open_count() == 1);
}

TEST_CASE("a probe that fails goes on to the next model at once", "[actors][model]") {
  auto t = two_models{};
  t.break_first();
  t.w.advance(5s);
  t.start("probe");
  t.answer(t.first, down);
  REQUIRE(t.second->desk.open_count() == 1);  // without the second try on the first
  t.answer(t.second, says("[FINAL] ok"));
  CHECK(t.w.view().status == run_status::completed);
  CHECK(t.w.count("fell_over") == 1);
  t.w.advance(9s);
  t.start("early");
  CHECK(t.first->desk.open_count() == 0);
  t.answer(t.second, says("[FINAL] ok"));
  t.w.advance(1s);
  t.start("next");
  CHECK(t.first->desk.open_count() == 1);
}

TEST_CASE("a refused key is not tried again until the configuration is read again",
          "[actors][model]") {
  auto t = two_models{};
  t.start("a");
  t.answer(t.first, error_with(model_error_class::authentication, 401));
  t.answer(t.second, says("[FINAL] ok"));
  t.w.advance(10min);
  t.start("b");
  CHECK(t.first->desk.open_count() == 0);
  t.answer(t.second, says("[FINAL] ok"));
  t.w.actors.use_tiers(t.tiers());
  t.w.settle();
  t.start("c");
  CHECK(t.first->desk.open_count() == 1);
}

TEST_CASE("calls of an only model wait behind its probe", "[actors][model]") {
  auto w = world{};
  for (const auto* name : {"a", "b", "c"}) {
    w.run = run_id{std::string{"run_"} + name};
    w.start();
    for (auto i = 0; i < 2 && w.model->desk.open_count() > 0; ++i) {
      REQUIRE(w.model->desk.answer(down));
      w.advance(400ms);
    }
  }
  // The third run's first try was the fifth failure: its second one waits.
  CHECK(w.model->desk.calls.size() == 5);
  w.advance(4s);
  CHECK(w.model->desk.open_count() == 0);
  w.advance(1s);
  REQUIRE(w.model->desk.open_count() == 1);
  w.model_answers(says("[FINAL] back"));
  CHECK(w.view().status == run_status::completed);
}

TEST_CASE("a model has so many slots; who waits can be cancelled, or run out of time",
          "[actors][model]") {
  auto options = world_options{};
  options.gate.calls_max = 1;
  auto w = world{std::move(options)};
  const auto start = [&](const std::string& name) {
    w.run = run_id{name};
    w.start();
  };
  start("run_first");
  start("run_cancelled");
  w.spec.limits.deadline_s = 2.0;
  w.spec.limits.deadline = instant{w.now().value + 2'000};
  start("run_late");
  w.spec.limits = {};
  start("run_last");
  CHECK(w.model->desk.calls.size() == 1);
  w.run = run_id{"run_cancelled"};
  w.request_cancel("enough");
  CHECK(w.view().status == run_status::cancelled);
  w.advance(3s);
  w.run = run_id{"run_late"};
  CHECK(w.view().status == run_status::budget_exhausted);
  CHECK(w.model->desk.calls.size() == 1);
  w.model_answers(says("[FINAL] one"));
  CHECK(w.model->desk.calls.size() == 2);
  w.model_answers(says("[FINAL] two"));
  w.run = run_id{"run_last"};
  CHECK(w.view().status == run_status::completed);
  CHECK(w.model->desk.calls.size() == 2);
}

TEST_CASE("a call that finds the queue full fails with the reason", "[actors][model]") {
  auto options = world_options{};
  options.gate.calls_max = 1;
  options.gate.waiting_max = 1;
  auto w = world{std::move(options)};
  for (const auto* name : {"run_a", "run_b", "run_c"}) {
    w.run = run_id{name};
    w.start();
  }
  CHECK(w.view().status == run_status::error);
  CHECK(w.event_json().back().find("finished") != std::string::npos);
  const auto why = w.last<fact::error>();
  CHECK(why.kind == "provider_unavailable");
  CHECK(why.message.find("limits.model_calls_queued_max") != std::string::npos);
}

TEST_CASE("a model actor that dies fails its calls, and another takes its place",
          "[actors][model]") {
  auto t = two_models{};
  t.start("a");
  const auto lost = t.first->desk.calls.at(0);
  for (const auto& each : t.w.actors.accounts->all())
    caf::anon_send_exit(each.account->actor(), caf::exit_reason::kill);
  t.w.settle();
  CHECK(lost->cancelled);
  t.w.advance(400ms);  // the same model once more
  t.answer(t.first, says("[FINAL] ok"));
  CHECK(t.w.view().status == run_status::completed);
  CHECK(t.w.view().usage.model_calls == 2);
}

TEST_CASE("calls that wait at a model actor that dies are made again as well", "[actors][model]") {
  auto options = world_options{};
  options.gate.calls_max = 1;
  auto w = world{std::move(options)};
  for (const auto* name : {"run_sent", "run_waits"}) {
    w.run = run_id{name};
    w.start();
  }
  CHECK(w.model->desk.calls.size() == 1);
  for (const auto& each : w.actors.accounts->all())
    caf::anon_send_exit(each.account->actor(), caf::exit_reason::kill);
  w.settle();
  w.advance(400ms);
  CHECK(w.model->desk.calls.size() == 2);
  w.model_answers(says("[FINAL] one"));
  w.model_answers(says("[FINAL] two"));
  for (const auto* name : {"run_sent", "run_waits"}) {
    w.run = run_id{name};
    CHECK(w.view().status == run_status::completed);
  }
}

TEST_CASE("reload: a model whose key stays keeps what is known of it, another key begins anew",
          "[actors][model][reload]") {
  auto t = two_models{};
  t.break_first();
  t.w.actors.use_tiers(t.tiers());
  t.w.settle();
  t.start("same");
  CHECK(t.first->desk.open_count() == 0);
  t.answer(t.second, says("[FINAL] ok"));
  CHECK(t.w.actors.accounts->all().size() == 2);
  t.w.actors.use_tiers(t.tiers("a new key"));
  t.w.settle();
  CHECK(t.w.actors.accounts->all().size() == 2);  // nobody has the old one any more
  t.start("new");
  CHECK(t.first->desk.open_count() == 1);
  t.answer(t.first, says("[FINAL] ok"));
  CHECK(t.w.view().status == run_status::completed);
}

TEST_CASE("reload: calls that wait or are under way end where they began",
          "[actors][model][reload]") {
  auto options = world_options{};
  options.gate.calls_max = 1;
  auto t = two_models{std::move(options)};
  t.start("under way");
  t.start("waits");
  const auto old = t.first->desk.calls.at(0);
  t.w.actors.use_tiers(t.tiers("a new key"));
  t.w.settle();
  CHECK_FALSE(old->cancelled);
  CHECK(t.w.actors.accounts->all().size() == 3);
  t.answer(t.first, says("[FINAL] one"));
  t.answer(t.first, says("[FINAL] two"));
  CHECK(t.w.view().status == run_status::completed);
  t.w.settle();
  CHECK(t.w.actors.accounts->all().size() == 2);
}

TEST_CASE("what a model's actor knows can be seen from outside", "[actors][model][metrics]") {
  auto options = world_options{};
  options.gate.calls_max = 1;
  auto t = two_models{std::move(options)};
  const auto seen = [&](const char* provider) {
    for (const auto& each : t.w.actors.accounts->all()) {
      if (each.provider == provider)
        return each.account->signal("m");
    }
    return std::shared_ptr<model_signal>{};
  };
  CHECK(seen("one")->state() == breaker_state::closed);
  t.start("a");
  t.start("b");
  CHECK(seen("one")->waiting() == 1);
  t.answer(t.first, says("[FINAL] one"));
  CHECK(seen("one")->waiting() == 0);
  t.answer(t.first, error_with(model_error_class::authentication, 401));
  CHECK(seen("one")->state() == breaker_state::shut);
  CHECK(seen("two")->state() == breaker_state::closed);
}

}  // namespace
}  // namespace persona_runtime
