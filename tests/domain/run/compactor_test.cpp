// The compactor (spec runtime §17), with the floor of the reference (1) and ours (2, D-6), and what
// a run does when a summary fails or everything is too long.

#include "domain/run/compactor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using test::driver_options;
using test::run_driver;
using test::times;
using test::wants;

message_list context_of(const std::string& roles) {
  auto out = message_list{};
  for (const auto c : roles) {
    auto m = message{};
    m.from = c == 's'   ? role::system
             : c == 'u' ? role::user
             : c == 'a' ? role::assistant
                        : role::tool;
    m.content = shared_text{std::string{c}};
    out.push_back(std::make_shared<const message>(std::move(m)));
  }
  return out;
}

/// A budget of `budget` tokens for prompts, in every tier.
driver_options window(std::uint32_t budget) {
  auto o = driver_options{};
  for (auto& tier : o.tiers.tiers)
    tier.members[0].context_window = budget + 1'000 + 100;
  return o;
}

/// Steps of one call whose result has `bytes`, until a summary is asked for.
void fill(run_driver& run, std::size_t bytes) {
  while (run.request().kind == call_kind::step) {
    run.model_calls({wants("search")});
    run.tool_returns(0, times(bytes, "x"));
  }
}

model_error down() {
  auto e = model_error{};
  e.status = 500;
  return e;
}

TEST_CASE("CMP-01 small, short or without a budget: no", "[domain][run]") {
  CHECK_FALSE(should_fold(20, 100, 1'000, 1));
  CHECK_FALSE(should_fold(5, 1'000'000, 1, 1));
  CHECK(should_fold(6, 1'000'000, 1, 1));
  CHECK_FALSE(should_fold(6, 1'000'000, 1, 2));  // D-6: floor + tail is 6
  CHECK(should_fold(7, 1'000'000, 1, 2));
  CHECK_FALSE(should_fold(20, 1'000'000, 0, 1));
}

TEST_CASE("CMP-02 ten large messages over a budget of 500: yes", "[domain][run]") {
  CHECK(should_fold(11, 3'000, 500, 1));
  CHECK(should_fold(12, 3'000, 500, 2));
}

TEST_CASE("CMP-03 under the budget, or without a summary, the context stays", "[domain][run]") {
  auto run = run_driver{window(100'000)};
  for (auto i = 0; i < 5; ++i) {
    run.model_calls({wants("search")});
    run.tool_returns(0, times(100, "x"));
  }
  CHECK(run.request().context.size() == 12);
  CHECK(run.count("folded") == 0);

  auto failing = run_driver{window(8'000)};
  fill(failing, 1'500);
  const auto before = failing.state.context;
  failing.model_fails(down());
  CHECK(failing.state.context == before);  // the very same messages
  CHECK(failing.request().kind == call_kind::step);
}

TEST_CASE("CMP-04 floor, summary, tail: what stays is the same object", "[domain][run]") {
  auto run = run_driver{window(8'000)};
  fill(run, 900);
  const auto before = run.state.context;
  run.model_says("  what came before  ");
  const auto& after = run.state.context;
  REQUIRE(after.size() == 2 + 1 + 4);
  CHECK(after[0] == before[0]);
  CHECK(after[1] == before[1]);
  CHECK(after[2]->from == role::system);
  CHECK(after[2]->kind == message_kind::step_compaction);
  CHECK(after[2]->content.view() == "EARLIER: what came before");
  for (auto i = std::size_t{0}; i < 4; ++i)
    CHECK(after[after.size() - 4 + i] == before[before.size() - 4 + i]);
  const auto line = run.state.context.at(1);  // no result: nothing moves the border
  const auto reference = middle_of(message_list(1 + 8 + 4, line), 1);
  CHECK(reference.first == 1);
  CHECK(reference.last == 1 + 8);
  const auto ours = middle_of(message_list(2 + 8 + 4, line), 2);
  CHECK(ours.first == 2);
  CHECK(ours.last == 2 + 8);
  const auto shown = run.last<fact::compacted>();
  CHECK(shown.step.value == run.state.step.value - 1);  // the step that was over
  CHECK(shown.messages_before == before.size());
  CHECK(shown.messages_after == 7);
  CHECK(shown.tokens_after == rendered_size(run.state));
  CHECK(shown.tokens_before > shown.tokens_after);
  CHECK(shown.summary);
}

TEST_CASE("CMP-05 the tail never begins with a result", "[domain][run]") {
  const auto pairs = context_of("satatatata");
  CHECK(middle_of(pairs, 1).last == 5);  // 6 would begin with the result of 5
  const auto many = context_of("suatttttta");
  CHECK(middle_of(many, 2).count() == 0);
  const auto plain = context_of("suaaaaaaaa");
  CHECK(middle_of(plain, 2).first == 2);
  CHECK(middle_of(plain, 2).last == 6);
}

TEST_CASE("CMP-06 fifteen pairs: a large budget holds them, a small one shrinks them",
          "[domain][run]") {
  auto large = run_driver{window(200'000)};
  auto small = run_driver{window(20'000)};
  auto folds = 0;
  for (auto i = 0; i < 15; ++i) {
    large.model_calls({wants("search")});
    large.tool_returns(0, times(2'000, "x"));
    if (small.request().kind == call_kind::compaction) {
      const auto before = rendered_size(small.state);
      small.model_says("short");
      CHECK(rendered_size(small.state) < before);
      ++folds;
    }
    small.model_calls({wants("search")});
    small.tool_returns(0, times(2'000, "x"));
  }
  CHECK(large.count("folded") == 0);
  CHECK(folds > 0);
}

TEST_CASE("CMP-07 a floor followed by results only: nothing to fold", "[domain][run]") {
  CHECK(middle_of(context_of("sttttttt"), 1).count() == 0);
  CHECK(middle_of(context_of("sutttttttt"), 2).count() == 0);
  auto run = run_driver{window(8'000)};
  run.model_calls(std::vector<tool_call>(8, wants("search")));
  for (auto i = 0u; i < 8; ++i)
    run.tool_returns(i, times(850, "x"));
  CHECK(rendered_size(run.state) > 6'400);
  CHECK(run.request().kind == call_kind::step);
  CHECK(run.request().context.size() == 11);
}

TEST_CASE("CMP-08 exactly at 80 %: not yet", "[domain][run]") {
  CHECK_FALSE(should_fold(20, 800, 1'000, 1));
  CHECK(should_fold(20, 801, 1'000, 1));
  CHECK_FALSE(should_fold(20, 3'276, 4'096, 1));  // 3,276.8 rounded down
  CHECK(should_fold(20, 3'277, 4'096, 1));
}

TEST_CASE("a rendered context is its messages by role, a line each", "[domain][run]") {
  CHECK(render(context_of("suat"), 0, 4) == "system: s\nuser: u\nassistant: a\ntool: t");
  CHECK(render(context_of("suat"), 1, 1).empty());
}

TEST_CASE("after a compaction the next one waits for four more messages", "[domain][run]") {
  auto run = run_driver{window(8'000)};
  fill(run, 1'500);
  run.model_says(times(4'000, "s"));  // it hardly helps
  auto steps = 0;
  while (run.request().kind == call_kind::step) {
    run.model_calls({wants("search")});
    run.tool_returns(0, "x");
    ++steps;
  }
  CHECK(steps == 2);
}

TEST_CASE("a failing summary: uncompacted, again after four more messages", "[domain][run]") {
  auto run = run_driver{window(8'000)};
  fill(run, 900);
  run.model_fails(down());
  CHECK(run.count("fold_failed") == 1);
  auto steps = 0;
  while (run.request().kind == call_kind::step) {
    run.model_calls({wants("search")});
    run.tool_returns(0, "x");
    ++steps;
  }
  CHECK(steps == 2);
  CHECK(run.request().kind == call_kind::compaction);
  CHECK(run.state.status == run_status::running);
}

TEST_CASE("at the window itself the middle is dropped, and the run goes on", "[domain][run]") {
  auto run = run_driver{window(8'000)};
  fill(run, 1'700);
  run.model_fails(down());
  run.model_calls({wants("search")});
  run.tool_returns(0, times(1'900, "x"));
  REQUIRE_FALSE(run.is_over());
  CHECK(run.request().kind == call_kind::step);
  const auto folded = run.last<fact::folded>();
  CHECK(folded.dropped);
  CHECK(folded.first == 2);
  CHECK_FALSE(run.last<fact::compacted>().summary);
  CHECK(run.last<fact::compacted>().step.value == run.state.step.value - 1);  // the finished one
  CHECK(run.request().context.size() == 6);
  CHECK(run.request().context[2]->from == role::assistant);  // calls stay with their results
  CHECK(rendered_size(run.state) <= 8'000);
}

TEST_CASE("results are shortened when nothing else helps", "[domain][run]") {
  auto run = run_driver{window(8'000)};
  run.model_calls(std::vector<tool_call>(8, wants("search")));
  for (auto i = 0u; i < 8; ++i)
    run.tool_returns(i, times(1'900, "x"));
  REQUIRE_FALSE(run.is_over());
  CHECK(run.count("shortened") > 0);
  CHECK(rendered_size(run.state) <= 8'000);
  CHECK_FALSE(run.last<fact::compacted>().summary);
  CHECK(test::differences(run.state, run.replayed()).empty());
}

TEST_CASE("what does not fit whatever is done ends the run", "[domain][run]") {
  auto options = window(3'000);
  options.task = times(5'000, "t");
  auto run = run_driver{options};
  CHECK(run.is_over());
  CHECK(run.view().error_kind == "context_overflow");
  CHECK(run.sent.empty());
}

TEST_CASE("a result over a quarter of the budget is shortened for the context only",
          "[domain][run]") {
  auto run = run_driver{window(8'000)};
  run.model_calls({wants("search")});
  run.tool_returns(0, times(3'000, "x"));
  CHECK(run.last<fact::tool_result>().content.size() == 3'000);
  CHECK(run.view().steps.at(0).results.at(0).content.size() == 3'000);
  CHECK(run.request().context.back()->size.alone <= 2'000);
  CHECK(run.request().context.back()->content.size() < 2'000);
  CHECK(test::differences(run.state, run.replayed()).empty());
}

}  // namespace
}  // namespace persona_runtime
