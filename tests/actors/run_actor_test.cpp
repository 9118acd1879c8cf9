#include "tests/support/world.hpp"

namespace persona_runtime {
namespace {

using test::call_of;
using test::calls;
using test::error_with;
using test::result_of;
using test::says;
using world = test::world;
using namespace std::chrono_literals;

TEST_CASE_METHOD(world, "AGT-01 a run goes from its task over tools to its answer",
                 "[actors][run]") {
  start();
  model_answers(calls({call_of("search")}));
  tool_answers("search", result_of("berth 4"));
  model_answers(calls({call_of("search")}));
  tool_answers("search", result_of("free"));
  model_answers(says("[FINAL] Berth 4 is free."));
  CHECK(events()
        == std::vector<std::string>{"started", "thinking", "tool_calling", "activity_start",
                                    "activity_end", "tool_result", "thinking", "tool_calling",
                                    "activity_start", "activity_end", "tool_result", "thinking",
                                    "completed", "finished"});
  auto next = 0;
  for (const auto& event : event_json())
    CHECK(event.starts_with(R"({"seq":)" + std::to_string(next++) + ','));
  CHECK(next == 14);
  const auto seen = view();
  CHECK(seen.status == run_status::completed);
  CHECK(seen.output == "Berth 4 is free.");
  REQUIRE(seen.steps.size() == 3);
  CHECK(seen.steps[0].type == "tool_call");
  CHECK(seen.steps[2].type == "final");
}

TEST_CASE_METHOD(world, "a step with one call is two appends", "[actors][run]") {
  start();
  model_answers(calls({call_of("write")}));
  tool_answers("write", result_of("done"));
  model_answers(says("[FINAL] ok"));
  // acceptance; grant of step 0; reply and call; result and grant of step 1; the end
  CHECK(store->read_run(run).value().size() == 5);
}

TEST_CASE_METHOD(world, "FIX-01 a cancel interrupts a model call, and its late reply is dropped",
                 "[actors][run]") {
  start();
  request_cancel("changed my mind");
  const auto call = model->desk.calls.at(0);
  CHECK(call->cancelled);
  CHECK(journalled().status == run_status::cancelled);
  CHECK(last<fact::cancelled>().reason == "changed my mind");
  CHECK(view().usage.model_calls == 1);  // it was sent
  call->done(says("[FINAL] too late"));
  settle();
  CHECK(kinds().back() == "finished");
}

TEST_CASE_METHOD(world, "D-1 a cancel interrupts a tool call; the step is not recorded",
                 "[actors][run]") {
  start();
  model_answers(calls({call_of("write")}));
  request_cancel();
  CHECK(tool("write").desk.calls.at(0)->cancelled);
  CHECK(view().steps.empty());
  CHECK(view().status == run_status::cancelled);
}

TEST_CASE_METHOD(world, "D-10 a reply of an earlier incarnation is dropped", "[actors][run]") {
  start();
  const auto stale = current(journalled());
  crash_run();
  settle();
  caf::anon_send(actor, model_replied{stale, says("[FINAL] from the grave"), "x/y", 0.0});
  settle();
  CHECK(count("replied") == 0);
  model_answers(says("[FINAL] alive"));
  CHECK(view().output == "alive");
  CHECK(count("resumed") == 1);
}

TEST_CASE("D-1 a cancel never overtakes the call that it cancels", "[actors][run]") {
  for (auto messages = std::size_t{1}; messages <= 40; ++messages) {
    INFO("cancelled after message " << messages);
    world w;
    auto own = w.spec;
    own.task_size = {3, 4};
    auto text = encode_setup(*w.setup);
    own.setup_hash = sha256_text(text);
    caf::anon_send(
      w.actors.supervisor,
      start_run{w.run, std::make_shared<const run_spec>(own), w.setup, shared_text{text}, {}, {}});
    w.step(messages);
    if (!w.actor)
      continue;
    caf::anon_send<caf::message_priority::high>(w.actor, cancel{});
    while (w.sched.prioritize(w.actor))  // the run goes first, so its call is still unread
      w.sched.run_once();
    w.settle();
    CHECK(w.model->desk.waiting() == nullptr);
  }
}

TEST_CASE_METHOD(world, "AGT-24 FIX-04 a failing model ends the run with error, steps kept",
                 "[actors][run]") {
  start();
  model_answers(calls({call_of("search")}));
  tool_answers("search", result_of("a"));
  model_answers(calls({call_of("search")}));
  tool_answers("search", result_of("b"));
  model_answers(error_with(model_error_class::provider_error, 400));
  CHECK(view().status == run_status::error);
  CHECK(view().steps.size() == 2);
  CHECK(view().error_kind == "provider_error");
  const auto all = events();
  CHECK(all.at(all.size() - 2) == "error");
  CHECK(all.back() == "finished");
}

TEST_CASE_METHOD(world, "a failing call is tried again, then given up", "[actors][run]") {
  start();
  model_answers(error_with(model_error_class::backend_timeout));
  CHECK(model->desk.waiting() == nullptr);  // the second attempt waits for its time
  advance(1s);
  REQUIRE(model->desk.waiting() != nullptr);
  model_answers(error_with(model_error_class::backend_timeout));
  CHECK(view().status == run_status::error);
  CHECK(view().usage.model_calls == 2);
}

TEST_CASE_METHOD(world, "AGT-07 a question waits for its answer", "[actors][run]") {
  start();
  model_answers(says("[ASK_USER] How long is she?"));
  CHECK(journalled().status == run_status::awaiting_user);
  CHECK_FALSE(answer("Nine metres."));
  CHECK(last_request().context.back()->content.view() == "Nine metres.");
  model_answers(says("[FINAL] Berth 4."));
  CHECK(view().steps.at(0).user_answer == "Nine metres.");
  CHECK(view().status == run_status::completed);
}

TEST_CASE_METHOD(world, "FIX-12 an answer when nothing is asked is refused", "[actors][run]") {
  start();
  REQUIRE(answer("Hello?"));
  CHECK(answer("Hello?")->code == errc::not_awaiting_user);
}

TEST_CASE_METHOD(world, "AGT-27 no steps allowed: one partial-result call", "[actors][run]") {
  spec.limits.max_steps = 0;
  start();
  model_answers(says("Nothing was done."));
  CHECK(view().status == run_status::max_steps_reached);
  CHECK(view().output == "Nothing was done.");
  CHECK(last<fact::max_steps>().step == step_index{0});
  CHECK(last<fact::finished>().steps == step_index{0});
  CHECK(model->desk.calls.size() == 1);
}

TEST_CASE("results that do not fit the window together are shortened", "[actors][run]") {
  auto options = test::world_options{};
  for (auto& tier : options.tiers) {
    auto& model = tier.second.front();
    model.context_window = model.reply_tokens_max + 3'000;
  }
  world w{options};
  w.start();
  w.model_answers(calls(std::vector<tool_call>(8, call_of("search"))));
  auto words = std::string{};
  for (auto i = 0; i < 600; ++i)
    words += "wind and ";
  for (auto i = 0; i < 8; ++i)
    w.tool_answers("search", result_of(words));
  const auto made = w.last<fact::compacted>();
  CHECK_FALSE(made.summary);
  CHECK(made.tokens_before > 3'000);
  CHECK(made.tokens_after < 3'000);
  CHECK(made.tokens_after == rendered_size(w.journalled()));
  w.model_answers(says("[FINAL] ok"));
  CHECK(w.view().status == run_status::completed);
}

TEST_CASE("a task that is longer than the window ends the run, and nothing was compacted",
          "[actors][run]") {
  auto options = test::world_options{};
  auto& model = options.tiers.front().second.front();
  model.context_window = model.reply_tokens_max + 50;
  world w{options};
  w.start();
  CHECK(w.view().error_kind == "context_overflow");
  CHECK(w.count("compacted") == 0);
  CHECK(w.model->desk.calls.empty());
}

TEST_CASE_METHOD(world, "a refused call's result names its call in the step record",
                 "[actors][run]") {
  start();
  model_answers(calls({call_of("ghost", "c7")}));
  model_answers(says("[FINAL] ok"));
  const auto step = view().steps.at(0);
  CHECK(step.results.at(0).is_error);
  CHECK(step.results.at(0).call_id == "c7");
}

TEST_CASE("after a restart of the process a run goes on from its journal", "[actors][run]") {
  auto options = test::world_options{};
  options.store = std::shared_ptr<journal_store>{make_memory_store()};
  {
    world before{options};
    before.start();
    before.model_answers(calls({call_of("search")}));
  }
  options.resumes = true;
  world after{options};
  CHECK(after.tool("search").desk.calls.size() == 1);  // read_only: simply again
  after.tool_answers("search", result_of("berth 4"));
  after.model_answers(says("[FINAL] ok"));
  CHECK(after.view().status == run_status::completed);
  CHECK(after.count("resumed") == 1);
}

}  // namespace
}  // namespace persona_runtime
