// Every message that crosses actors survives the way to another node.

#include "messages/errors.hpp"
#include "messages/table.hpp"
#include "tests/support/catch.hpp"

#include <caf/all.hpp>

#include <set>
#include <string>

namespace persona_runtime {
namespace {

template <class T>
std::vector<char> bytes_of(T& value) {
  auto bytes = std::vector<char>{};
  auto sink = caf::binary_serializer{nullptr, bytes};
  CHECK_FALSE(sink(value));
  return bytes;
}

/// What arrives when `sent` is sent.
template <class T>
T over_the_wire(T sent) {
  auto bytes = bytes_of(sent);
  auto got = T{};
  auto source = caf::binary_deserializer{nullptr, bytes};
  REQUIRE_FALSE(source(got));
  CHECK(bytes_of(got) == bytes);
  return got;
}

setup_ptr a_setup() {
  auto some = message{};
  some.content = shared_text{"text"};
  const auto text = std::make_shared<const message>(some);
  auto s = run_setup{};
  s.floor = s.no_answer = s.reasoning_nudge = s.strong_nudge = s.invented_tool_nudge = text;
  s.schema_tokens = 9;
  return std::make_shared<const run_setup>(std::move(s));
}

TEST_CASE("every message survives the way to another node", "[messages]") {
  for_each_message([]<class T>(const char* name) {
    INFO(name);
    auto sent = T{};
    auto got = T{};
    auto bytes = bytes_of(sent);
    auto source = caf::binary_deserializer{nullptr, bytes};
    CHECK_FALSE(source(got));
    CHECK(bytes_of(got) == bytes);
  });
}

TEST_CASE("every message has a name of its own", "[messages]") {
  auto names = std::set<std::string>{};
  auto count = std::size_t{0};
  for_each_message([&]<class T>(const char* name) {
    names.insert(name);
    ++count;
  });
  CHECK(names.size() == count);
  CHECK(count > 50);
}

TEST_CASE("bytes that end too early are an error", "[messages]") {
  auto sent = cancel_run{{"run_1"}, {{"alice"}, true}, "enough"};
  auto bytes = bytes_of(sent);
  for (auto size = std::size_t{0}; size < bytes.size(); ++size) {
    auto cut = std::vector<char>{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
    auto got = cancel_run{};
    auto source = caf::binary_deserializer{nullptr, cut};
    CHECK(source(got));
  }
}

TEST_CASE("a start keeps its spec, its setup and its limits", "[messages]") {
  auto spec = run_spec{};
  spec.task = "Find a berth.";
  spec.limits.max_tokens = 5;
  spec.limits.deadline = instant{77};
  auto sent = start_run{{"run_1"}, std::make_shared<const run_spec>(spec),
                        a_setup(), shared_text{"stored"},
                        "key",     "hash"};
  const auto got = over_the_wire(sent);
  CHECK(*got.spec == spec);
  CHECK(got.setup->schema_tokens == 9);
  CHECK(got.setup->floor->content.view() == "text");
  CHECK(got.setup_text.view() == "stored");
  CHECK(got.idempotency_key == "key");
}

TEST_CASE("an append keeps its row and its contents", "[messages]") {
  auto what = journal_append{};
  what.run = {"run_1"};
  what.life = {3};
  what.pos = 17;
  what.records = 2;
  what.body = shared_text{"{}\n{}\n"};
  what.row = run_row{};
  what.row->finished_at = instant{5};
  what.row->status = run_status::awaiting_user;
  what.contents.push_back({"hash", shared_text{"text"}});
  auto change = memory_request{};
  change.place.scope = talk_scope({"persona_1"}, {"ops"}, "kari");
  change.author.reason = "said so";
  change.change = write_memory{{{"text", {{"importance", "0.5"}}, "ULID"}}};
  what.memory = {change, change};
  what.memory[1].change = rollback_memory{"chain", 2};
  CHECK(over_the_wire(append_records{what}).what == what);
  what.row.reset();
  CHECK(over_the_wire(append_records{what}).what == what);
}

TEST_CASE("a model call keeps its messages and its tools", "[messages]") {
  auto what = model_call{};
  what.kind = call_kind::compaction;
  what.tier = "small";
  what.walk = {1, true, 2, 30};
  auto m = message{};
  m.from = role::assistant;
  m.content = shared_text{"hm"};
  m.calls = {{"search", "{}", "c1", true}};
  what.context = {std::make_shared<const message>(m)};
  auto tools = std::vector<tool_definition>(1);
  tools[0].name = "search";
  what.tools = std::make_shared<const std::vector<tool_definition>>(tools);
  const auto got =
    over_the_wire(call_model{{{"run_1"}, {1}, {2}, {3}}, std::make_shared<const model_call>(what)});
  CHECK(got.call.attempt == attempt_index{3});
  CHECK(got.what->tier == "small");
  CHECK(got.what->walk == what.walk);
  CHECK(*got.what->context.at(0) == m);
  CHECK(got.what->tools->at(0).name == "search");
}

TEST_CASE("a failed call keeps its plan, or that there is none", "[messages]") {
  auto sent = model_failed{};
  sent.error.detail = "status 529";
  CHECK_FALSE(over_the_wire(sent).next);
  sent.next = retry_plan{{1, false, 0, 0}, std::chrono::milliseconds{250}, true, "lab/b"};
  sent.cents = 0.5;
  const auto got = over_the_wire(sent);
  REQUIRE(got.next);
  CHECK(got.next->delay.count() == 250);
  CHECK(got.next->to == "lab/b");
  CHECK(got.cents == 0.5);
}

TEST_CASE("what a hedge reserves and costs survives the way", "[messages]") {
  auto asked = reserve_step{};
  CHECK_FALSE(over_the_wire(asked).beside);
  asked.beside = budget_amount{700, 0.25};
  CHECK(over_the_wire(asked).beside == asked.beside);
  auto sent = model_replied{};
  CHECK_FALSE(over_the_wire(sent).lost);
  sent.lost = lost_call{"lab/b", {9, 2, true}, std::nullopt, "ProviderError"};
  CHECK(over_the_wire(sent).lost == sent.lost);
}

TEST_CASE("events travel with the text that they are slices of", "[messages]") {
  auto body = std::string{};
  encode(body, fact::thinking{{3}}, {{"run_1"}, {4}, {}});
  const auto got = over_the_wire(viewer_events{9, events_of(shared_text{body}, {})});
  REQUIRE(got.events.size() == 1);
  CHECK(got.events[0].type() == "thinking");
  CHECK(got.events[0].seq == event_seq{4});
}

TEST_CASE("a failure keeps its code, its text and its wait", "[messages]") {
  for (auto code = 1; code <= static_cast<int>(errc::internal_error); ++code) {
    const auto sent = failure{static_cast<errc>(code), "why", std::chrono::milliseconds{1'500}};
    CHECK(to_failure(to_caf_error(sent)) == sent);
  }
  const auto plain = failure{errc::run_not_found, "no such run"};
  CHECK(to_failure(to_caf_error(plain)) == plain);
  CHECK(to_failure(caf::sec::request_timeout).code == errc::journal_unavailable);
}

}  // namespace
}  // namespace persona_runtime
