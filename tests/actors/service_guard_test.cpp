// An exception in an actor that is not a run: somebody notices, whichever it is.

#include "api/edge/edge_backend.hpp"
#include "tests/actors/play.hpp"

#include <stdexcept>

namespace persona_runtime {
namespace {

using namespace test;

/// A store whose calls throw once they are told to: a defect, not a failure.
class broken_store final : public testing::passing_store {
public:
  broken_store() : passing_store{make_memory_store()} {}

  std::shared_ptr<bool> writing_throws = std::make_shared<bool>(false);
  std::shared_ptr<bool> reading_throws = std::make_shared<bool>(false);

  result<std::vector<append_verdict>> append(std::span<const journal_append> batch) override {
    if (*writing_throws)
      throw std::runtime_error{"a planted fault"};
    return inner_->append(batch);
  }
  std::unique_ptr<journal_reader> open_reader() override {
    return std::make_unique<broken_reader>(inner_->open_reader(), reading_throws);
  }

private:
  struct broken_reader final : testing::faulty_reading<journal_reader> {
    broken_reader(std::unique_ptr<journal_reader> inner, std::shared_ptr<bool> throws)
      : faulty_reading{std::move(inner), std::make_shared<testing::fault_plan>()}, throws_{
                                                                                     std::move(
                                                                                       throws)} {}
    result<std::optional<run_row>> find_run(const run_id& run) override {
      if (*throws_)
        throw std::runtime_error{"a planted fault"};
      return faulty_reading::find_run(run);
    }
    std::shared_ptr<bool> throws_;
  };
};

using lines = std::vector<std::string>;

TEST_CASE_METHOD(world, "an exception in the supervisor is told", "[actors][guard]") {
  fault = "supervisor";
  start();
  CHECK(crashes == lines{"supervisor: a planted fault"});
}

TEST_CASE_METHOD(world, "an exception in a tier is told", "[actors][guard]") {
  start();
  fault = "tier";
  auto busy = error_with(model_error_class::rate_limit, 429);
  model_answers(busy);
  CHECK(crashes == lines{"tier frontier: a planted fault"});
}

TEST_CASE_METHOD(world, "an exception in a tool's executor is told", "[actors][guard]") {
  start();
  fault = "tool";
  model_answers(calls({call_of("search")}));
  CHECK(crashes == lines{"tool search: a planted fault"});
}

TEST_CASE("an exception in the journal is told, and what it held was not acknowledged",
          "[actors][guard]") {
  auto options = world_options{};
  auto store = std::make_shared<broken_store>();
  options.store = store;
  world w{options};
  *store->writing_throws = true;
  w.start();
  CHECK(w.crashes == lines{"journal: a planted fault"});
  CHECK(w.model->desk.calls.empty());
}

TEST_CASE("an exception in the archive is told", "[actors][guard]") {
  auto options = world_options{};
  auto store = std::make_shared<broken_store>();
  options.store = store;
  world w{options};
  *store->reading_throws = true;
  caf::anon_send(w.actors.archive, find_run{w.run, {w.spec.owner, false}});
  w.settle();
  CHECK(w.crashes == lines{"archive: a planted fault"});
}

TEST_CASE_METHOD(world, "an exception in a stream is told", "[actors][guard]") {
  // Nothing that it calls can be made to throw, so its end is what an exception leaves behind.
  const auto stream = caf::actor_cast<caf::actor>(actors.streams.at(0));
  caf::anon_send(stream, caf::exit_msg{stream.address(), caf::make_error(caf::sec::runtime_error,
                                                                         "a planted fault")});
  settle();
  CHECK(crashes == lines{"stream: a planted fault"});
}

TEST_CASE_METHOD(world, "an exception in an edge is told", "[actors][guard]") {
  caf::anon_send(actors.edges.at(0),
                 edge_task{[](edge_life&) { throw std::runtime_error{"a planted fault"}; }});
  settle();
  CHECK(crashes == lines{"edge: a planted fault"});
}

TEST_CASE_METHOD(world, "the guard does not take a stop for a crash", "[actors][guard]") {
  start();
  actors.stop();
  settle();
  CHECK(crashes.empty());
}

TEST_CASE_METHOD(world, "a run that crashes is the supervisor's, not the guard's",
                 "[actors][guard]") {
  start();
  crash_run();
  settle();
  CHECK(crashes.empty());
  CHECK(count("resumed") == 1);
}

/// Throws where it should report.
struct throwing_provider final : chat_provider {
  std::unique_ptr<pending_call> start(chat_request, on_done) override {
    throw std::runtime_error{"no such thing"};
  }
};

TEST_CASE("FIX-04 D-2 a provider that throws has failed the call, not the tier",
          "[actors][guard]") {
  auto options = world_options{};
  options.provider_of = [](const std::string&, const model_entry&,
                           const std::shared_ptr<desk_provider>&) {
    return std::make_shared<throwing_provider>();
  };
  world w{options};
  w.start();
  for (auto i = 0; i < 20 && w.count("finished") == 0; ++i)
    w.advance(1s);
  CHECK(w.view().status == run_status::error);
  CHECK(w.view().error.find("no such thing") != std::string::npos);
  CHECK(w.actors.counters->model_calls_open == 0);
  CHECK(w.crashes.empty());
  check_journal(w);
}

TEST_CASE_METHOD(world, "a tool that throws is an error for the model, not for the run",
                 "[actors][guard]") {
  tool("search").throws = true;
  start();
  model_answers(calls({call_of("search")}));
  CHECK(last<fact::tool_result>().is_error);
  CHECK(last<fact::tool_result>().content == "search has a defect: no such thing");
  CHECK(actors.counters->tool_calls_open == 0);
  CHECK(crashes.empty());
  model_answers(says("[FINAL] without it"));
  CHECK(view().status == run_status::completed);
}

}  // namespace
}  // namespace persona_runtime
