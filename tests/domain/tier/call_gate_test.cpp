// Who may start, who waits, who is sent elsewhere: breakers, slots and queues of one key.

#include "domain/tier/call_gate.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace persona_runtime {
namespace {

constexpr auto starts = gate_answer::start;
constexpr auto waits = gate_answer::wait;

identity call_of(const std::string& run) {
  return {{run}, {}, {}, {}};
}

gate_call a_call(const std::string& run, const std::string& owner = "alice",
                 const std::string& model = "m") {
  return {call_of(run), owner, model, 10, true};
}

gate_call elsewhere(gate_call what) {
  what.may_wait = false;
  return what;
}

model_error with_status(int status) {
  auto e = model_error{};
  e.kind = status == 401 ? model_error_class::authentication : model_error_class::provider_error;
  e.status = status;
  return e;
}

std::vector<std::string> names(const std::vector<identity>& calls) {
  auto out = std::vector<std::string>{};
  for (const auto& c : calls)
    out.push_back(c.run.value);
  return out;
}

/// Opens the breaker of "m" at `now`.
void break_it(call_gate& gate, instant now) {
  for (auto i = 0; i < 5; ++i) {
    const auto name = "broken" + std::to_string(i);
    REQUIRE(gate.enter(a_call(name), now).value() == starts);
    CHECK(gate.failed(call_of(name), with_status(503), now).empty());
  }
}

TEST_CASE("calls start at once while nothing holds them back", "[tier]") {
  auto gate = call_gate{};
  CHECK(gate.enter(a_call("a"), {0}).value() == starts);
  CHECK(gate.enter(a_call("b"), {0}).value() == starts);
  CHECK(gate.under_way() == 2);
  gate.succeeded(call_of("a"), {0});
  gate.succeeded(call_of("a"), {0});  // twice: passed over
  gate.abandoned(call_of("b"));
  CHECK(gate.under_way() == 0);
  CHECK_FALSE(gate.wake_at({0}).has_value());
}

TEST_CASE("a key that says nothing gets more calls when it has not refused for a while", "[tier]") {
  auto gate = call_gate{};
  for (auto i = 0; i < 40; ++i)
    CHECK(gate.enter(a_call(std::to_string(i)), {5}).value() == (i < 32 ? starts : waits));
  CHECK(gate.next({5}).empty());
  const auto due = gate.wake_at({5});
  REQUIRE(due == instant{255});
  CHECK(gate.next(*due).size() == 8);
  CHECK(gate.under_way() == 40);
}

TEST_CASE("a refusal has a head, and pauses the key", "[tier]") {
  const auto at = [](std::int64_t ms) { return instant{1'700'000'000'000 + ms}; };
  auto gate = call_gate{};
  for (auto i = 0; i < 36; ++i)
    CHECK(gate.enter(a_call(std::to_string(i)), at(5)).value() == (i < 32 ? starts : waits));
  auto full = with_status(429);
  full.kind = model_error_class::rate_limit;
  full.retry_after = "0.1";
  CHECK(gate.failed(call_of("0"), full, at(20)).empty());
  CHECK(gate.next(at(20)).empty());
  CHECK(gate.wake_at(at(20)) == at(255));  // the others may still be refused
  gate.abandoned(call_of("1"));
  CHECK(gate.failed(call_of("2"), with_status(0), at(20)).empty());  // it never got there
  CHECK(gate.next(at(120)).empty());
  CHECK(gate.under_way() == 29);
}

TEST_CASE("a model has so many slots, and owners take turns for them", "[tier]") {
  auto limits = gate_limits{};
  limits.calls_max = 1;
  auto gate = call_gate{limits};
  CHECK(gate.enter(a_call("first"), {0}).value() == starts);
  for (const auto* name : {"a1", "a2", "a3"})
    CHECK(gate.enter(a_call(name, "alice"), {0}).value() == waits);
  CHECK(gate.enter(a_call("b1", "bob"), {0}).value() == waits);
  CHECK(gate.enter(a_call("other", "alice", "n"), {0}).value() == starts);  // its own slots
  auto order = std::vector<std::string>{};
  for (auto under_way = std::string{"first"}; gate.waiting() > 0;) {
    gate.succeeded(call_of(under_way), {0});
    const auto started = names(gate.next({1}));
    REQUIRE(started.size() == 1);
    order.push_back(under_way = started.front());
  }
  CHECK(order == std::vector<std::string>{"a1", "b1", "a2", "a3"});
}

TEST_CASE("who asks two models has no more turns than who asks one", "[tier]") {
  auto gate = call_gate{};
  for (auto i = 0; i < 32; ++i)
    REQUIRE(gate.enter(a_call("first" + std::to_string(i)), {0}).value() == starts);
  for (const auto* name : {"alice 1", "alice 2"}) {
    CHECK(gate.enter(a_call(name, "alice", "m"), {0}).value() == waits);
    CHECK(gate.enter(a_call(std::string{name} + " n", "alice", "n"), {0}).value() == waits);
  }
  for (const auto* name : {"bob 1", "bob 2", "bob 3"})
    CHECK(gate.enter(a_call(name, "bob", "m"), {0}).value() == waits);
  auto order = std::vector<std::string>{};
  for (auto i = 0; i < 5; ++i) {
    gate.succeeded(call_of("first" + std::to_string(i)), {1});
    for (auto& name : names(gate.next({1})))
      order.push_back(std::move(name));
  }
  CHECK(
    order
    == std::vector<std::string>{"alice 1", "bob 1", "alice 1 n", "bob 2", "alice 2 n", "bob 3"});
}

TEST_CASE("so many calls wait, and no more", "[tier]") {
  auto limits = gate_limits{};
  limits.calls_max = 1;
  limits.waiting_max = 2;
  auto gate = call_gate{limits};
  CHECK(gate.enter(a_call("first"), {0}).value() == starts);
  CHECK(gate.enter(a_call("m", "alice", "n"), {0}).value() == starts);
  CHECK(gate.enter(a_call("a"), {0}).value() == waits);
  CHECK(gate.enter(a_call("b", "bob", "n"), {0}).value() == waits);
  const auto full = gate.enter(a_call("c"), {0});
  REQUIRE_FALSE(full.has_value());
  CHECK(is_not_sent(full.error()));
  CHECK(event_kind(full.error()) == "provider_unavailable");
  CHECK(full.error().detail.find("limits.model_calls_queued_max") != std::string::npos);
  CHECK(gate.waiting() == 2);
}

TEST_CASE("a waiting call that is cancelled is gone", "[tier]") {
  auto limits = gate_limits{};
  limits.calls_max = 1;
  auto gate = call_gate{limits};
  CHECK(gate.enter(a_call("first"), {0}).value() == starts);
  auto newer = a_call("a");
  newer.call.life = {2};
  CHECK(gate.enter(newer, {0}).value() == waits);
  CHECK(gate.enter(a_call("b"), {0}).value() == waits);
  gate.cancel({"b"}, {0});
  gate.cancel({"a"}, {1});  // an older incarnation's calls only
  CHECK(gate.waiting() == 1);
  gate.abandoned(call_of("first"));
  CHECK(names(gate.next({0})) == std::vector<std::string>{"a"});
}

TEST_CASE("a model that keeps failing is left alone, then probed by one call", "[tier]") {
  auto gate = call_gate{};
  break_it(gate, {1'000});
  CHECK(gate.look("m", {1'000}).closed_until.value == 6'000);
  const auto sent_on = gate.enter(elsewhere(a_call("a")), {5'999});
  REQUIRE_FALSE(sent_on.has_value());
  CHECK(is_not_sent(sent_on.error()));
  CHECK(gate.enter(a_call("sole"), {5'999}).value() == waits);
  CHECK(gate.next({5'999}).empty());
  CHECK(gate.wake_at({5'999})->value == 6'000);
  CHECK(names(gate.next({6'000})) == std::vector<std::string>{"sole"});
  CHECK(gate.look("m", {6'000}).closed_until == end_of_time);
  CHECK_FALSE(gate.enter(elsewhere(a_call("b")), {6'000}).has_value());
  CHECK(gate.enter(a_call("behind"), {6'000}).value() == waits);
  gate.succeeded(call_of("sole"), {0});
  CHECK(gate.look("m", {6'001}).closed_until.value == 0);
  CHECK(names(gate.next({6'001})) == std::vector<std::string>{"behind"});
}

TEST_CASE("what began before a probe says nothing about it", "[tier]") {
  auto gate = call_gate{};
  REQUIRE(gate.enter(a_call("old1"), {0}).value() == starts);
  REQUIRE(gate.enter(a_call("old2"), {0}).value() == starts);
  break_it(gate, {0});
  REQUIRE(gate.enter(a_call("probe"), {5'000}).value() == starts);
  CHECK(gate.failed(call_of("old1"), with_status(503), {5'001}).empty());
  gate.succeeded(call_of("old2"), {0});
  CHECK(gate.look("m", {5'001}).closed_until == end_of_time);
  CHECK(gate.failed(call_of("probe"), with_status(503), {5'002}).empty());
  CHECK(gate.look("m", {5'002}).closed_until.value == 15'002);
}

TEST_CASE("a probe that is cancelled leaves its place to the next one", "[tier]") {
  auto gate = call_gate{};
  break_it(gate, {0});
  REQUIRE(gate.enter(a_call("probe"), {5'000}).value() == starts);
  REQUIRE(gate.enter(a_call("next"), {5'000}).value() == waits);
  gate.abandoned(call_of("probe"));
  CHECK(names(gate.next({5'001})) == std::vector<std::string>{"next"});
}

TEST_CASE("who has waited behind failing probes for too long is told so", "[tier]") {
  auto limits = gate_limits{};
  limits.patience = std::chrono::milliseconds{12'000};
  auto gate = call_gate{limits};
  break_it(gate, {0});
  REQUIRE(gate.enter(a_call("early"), {100}).value() == waits);
  REQUIRE(gate.enter(a_call("probe"), {4'000}).value() == waits);
  REQUIRE(gate.enter(a_call("late"), {4'000}).value() == waits);
  CHECK(names(gate.next({5'000})) == std::vector<std::string>{"early"});
  // The next probe is at 15,000: 11 s after they came.
  CHECK(gate.failed(call_of("early"), with_status(503), {5'000}).empty());
  CHECK(names(gate.next({15'000})) == std::vector<std::string>{"probe"});
  const auto gone = gate.failed(call_of("probe"), with_status(503), {15'000});
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].call == call_of("late"));
  CHECK(is_not_sent(gone[0].error));
  CHECK(gate.waiting() == 0);
}

TEST_CASE("a refused key shuts its model until the configuration is read again", "[tier]") {
  auto limits = gate_limits{};
  limits.calls_max = 1;
  auto gate = call_gate{limits};
  REQUIRE(gate.enter(a_call("a"), {0}).value() == starts);
  REQUIRE(gate.enter(a_call("b"), {0}).value() == waits);
  const auto gone = gate.failed(call_of("a"), with_status(401), {0});
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].error.kind == model_error_class::authentication);
  const auto later = gate.enter(a_call("c"), {3'600'000});
  REQUIRE_FALSE(later.has_value());
  CHECK(event_kind(later.error()) == "provider_auth_failed");
  CHECK(gate.look("m", {3'600'000}).closed_until == end_of_time);
  CHECK(gate.enter(a_call("d", "alice", "n"), {0}).value() == starts);
  gate.reopen();
  CHECK(gate.look("m", {3'600'000}).closed_until.value == 0);
  CHECK(gate.enter(a_call("e"), {3'600'000}).value() == starts);
}

TEST_CASE("calls that another model can do leave a queue that closes", "[tier]") {
  auto limits = gate_limits{};
  limits.calls_max = 5;
  auto gate = call_gate{limits};
  for (auto i = 0; i < 5; ++i)
    REQUIRE(gate.enter(a_call("c" + std::to_string(i)), {0}).value() == starts);
  REQUIRE(gate.enter(a_call("sole"), {0}).value() == waits);
  REQUIRE(gate.enter(elsewhere(a_call("free")), {0}).value() == waits);
  for (auto i = 0; i < 4; ++i)
    CHECK(gate.failed(call_of("c" + std::to_string(i)), with_status(500), {0}).empty());
  const auto gone = gate.failed(call_of("c4"), with_status(500), {0});
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].call == call_of("free"));
  CHECK(gate.waiting() == 1);
}

}  // namespace
}  // namespace persona_runtime
