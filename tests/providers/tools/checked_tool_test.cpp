#include "domain/tool/result_bounds.hpp"
#include "providers/tools/builtin.hpp"
#include "providers/tools/checked_tool.hpp"
#include "providers/tools/pattern.hpp"
#include "tests/providers/tools/tool_probe.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <mutex>
#include <thread>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

tool_definition definition_of(std::string schema) {
  auto definition = tool_definition{};
  definition.name = "probe";
  definition.description = "For tests.";
  definition.parameters = std::move(schema);
  return definition;
}

constexpr auto one_number = R"({"type":"object","additionalProperties":false,
  "properties":{"n":{"type":"integer"}},"required":["n"]})";

std::shared_ptr<worker_pool> pool_of(std::size_t threads, std::size_t queued = 100) {
  return std::make_shared<worker_pool>(threads, queued);
}

std::shared_ptr<tool_body> tool_that(builtin_function function, std::string schema = one_number) {
  return make_builtin(definition_of(std::move(schema)), pool_of(1), std::move(function));
}

/// Keeps what it is asked and answers when the test says so.
class inner_tool final : public tool_body {
public:
  struct handle final : pending_call {
    explicit handle(std::atomic<int>& count) : cancelled{count} {}
    void cancel() noexcept override { ++cancelled; }
    std::atomic<int>& cancelled;
  };

  const tool_definition& definition() const override { return definition_; }

  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    const auto lock = std::lock_guard{mutex};
    arguments = request.call.arguments;
    answer = std::move(done);
    started.set_value();
    return std::make_unique<handle>(cancels);
  }

  std::mutex mutex;
  std::string arguments;
  on_done answer;
  std::promise<void> started;
  std::atomic<int> cancels{0};

private:
  tool_definition definition_ = definition_of(one_number);
};

/// Waits until everything that was queued before has run.
void drain(worker_pool& pool) {
  auto last = std::promise<void>{};
  REQUIRE(pool.submit([&last] { last.set_value(); }));
  last.get_future().wait();
}

}  // namespace

TEST_CASE("TC-01 a call that lacks an argument never reaches its body", "[providers][tools]") {
  auto ran = std::make_shared<std::atomic<bool>>(false);
  const auto tool = tool_that([ran](const builtin_call&) {
    *ran = true;
    return tool_result{};
  });
  const auto result = answer_of(*tool, request_for("{}"));
  CHECK(result.is_error);
  CHECK(result.content == "Invalid arguments: Field required (at n)");
  CHECK_FALSE(*ran);
}

TEST_CASE("TC-02 nor one with an argument that there is not", "[providers][tools]") {
  const auto tool = tool_that([](const builtin_call&) { return tool_result{}; });
  CHECK(answer_of(*tool, request_for(R"({"n":1,"m":2})")).content
        == "Invalid arguments: Extra inputs are not permitted (at m)");
  CHECK(answer_of(*tool, request_for("[1,2]")).is_error);
  CHECK(answer_of(*tool, request_for(R"({"n":)")).is_error);
}

TEST_CASE("TC-03 a body gets the mended arguments", "[providers][tools]") {
  const auto tool = tool_that([](const builtin_call& call) {
    auto result = tool_result{};
    result.content = call.request.call.arguments;
    return result;
  });
  CHECK(answer_of(*tool, request_for(R"({"n":"5"})")).content == R"({"n":5})");
  CHECK(answer_of(*tool, request_for(R"({"n":5.5})")).is_error);
}

TEST_CASE("TC-04 what a body throws is an error result with kind and message",
          "[providers][tools]") {
  const auto thrown = [](auto error) {
    const auto tool = tool_that([error](const builtin_call&) -> tool_result { throw error; });
    const auto result = answer_of(*tool, request_for(R"({"n":1})"));
    CHECK(result.is_error);
    return result.content;
  };
  CHECK(thrown(tool_error{"BerthTaken", "berth 4 is taken"}) == "BerthTaken: berth 4 is taken");
  CHECK(thrown(std::out_of_range{"no such berth"}) == "out_of_range: no such berth");
  CHECK(thrown(std::bad_alloc{}) == "MemoryError: the call needed more memory than there is");
  CHECK(thrown(7) == "UnknownError: the tool ended without saying why");
}

TEST_CASE("TC-05 a cancel reaches the body while it runs, and its answer is dropped",
          "[providers][tools]") {
  auto pool = pool_of(1);
  auto running = std::make_shared<std::promise<void>>();
  const auto tool =
    make_builtin(definition_of(one_number), pool, [running](const builtin_call& call) {
      running->set_value();
      while (!call.stop.stop_requested())
        std::this_thread::yield();
      return tool_result{};
    });
  auto answers = std::make_shared<std::atomic<int>>(0);
  const auto call = tool->start(request_for(R"({"n":1})"), [answers](tool_result) { ++*answers; });
  running->get_future().wait();
  call->cancel();
  drain(*pool);
  CHECK(*answers == 0);
}

TEST_CASE("A call that is cancelled while it waits never starts", "[providers][tools]") {
  auto pool = pool_of(1);
  auto gate = std::promise<void>{};
  REQUIRE(pool->submit([f = gate.get_future().share()] { f.wait(); }));
  auto inner = std::make_shared<inner_tool>();
  const auto tool = checked_tool(inner, pool);
  auto answers = std::make_shared<std::atomic<int>>(0);
  const auto call = tool->start(request_for(R"({"n":1})"), [answers](tool_result) { ++*answers; });
  call->cancel();
  gate.set_value();
  drain(*pool);
  CHECK(inner->arguments.empty());
  CHECK(*answers == 0);
}

TEST_CASE("A cancel is passed on to the inner tool once", "[providers][tools]") {
  auto pool = pool_of(1);
  auto inner = std::make_shared<inner_tool>();
  const auto tool = checked_tool(inner, pool);
  auto answers = std::make_shared<std::atomic<int>>(0);
  const auto call = tool->start(request_for(R"({"n":1})"), [answers](tool_result) { ++*answers; });
  inner->started.get_future().wait();
  call->cancel();
  call->cancel();
  drain(*pool);
  CHECK(inner->cancels == 1);
  inner->answer({});
  CHECK(*answers == 0);
}

TEST_CASE("An inner tool that answers twice is heard once", "[providers][tools]") {
  auto pool = pool_of(1);
  auto inner = std::make_shared<inner_tool>();
  const auto tool = checked_tool(inner, pool);
  auto answers = std::make_shared<std::atomic<int>>(0);
  const auto call = tool->start(request_for(R"({"n":1})"), [answers](tool_result) { ++*answers; });
  inner->started.get_future().wait();
  drain(*pool);
  inner->answer({});
  inner->answer({});
  CHECK(*answers == 1);
  call->cancel();
  CHECK(inner->cancels == 0);
}

TEST_CASE("TC-04 an inner tool that cannot even start ends as an error result",
          "[providers][tools]") {
  struct broken_tool final : tool_body {
    const tool_definition& definition() const override { return is; }
    std::unique_ptr<pending_call> start(tool_request, on_done) override {
      throw std::runtime_error{"no hands"};
    }
    tool_definition is = definition_of(one_number);
  };
  const auto tool = checked_tool(std::make_shared<broken_tool>(), pool_of(1));
  const auto result = answer_of(*tool, request_for(R"({"n":1})"));
  CHECK(result.is_error);
  CHECK(result.content == "ToolFailure: no hands");
}

TEST_CASE("A full pool answers at once", "[providers][tools]") {
  auto pool = pool_of(1, 1);
  auto gate = std::promise<void>{};
  auto begun = std::promise<void>{};
  REQUIRE(pool->submit([&begun, f = gate.get_future().share()] {
    begun.set_value();
    f.wait();
  }));
  begun.get_future().wait();
  REQUIRE(pool->submit([] {}));
  CHECK_FALSE(pool->submit([] {}));
  const auto tool = checked_tool(std::make_shared<inner_tool>(), pool);
  CHECK(answer_of(*tool, request_for(R"({"n":1})")).content.starts_with("Overloaded: "));
  gate.set_value();
}

TEST_CASE("Results of checked tools are bounded", "[providers][tools]") {
  const auto tool = tool_that([](const builtin_call&) {
    auto result = tool_result{};
    result.content = std::string(tool_result_bytes_max + 1, 'x');
    return result;
  });
  const auto result = answer_of(*tool, request_for(R"({"n":1})"));
  CHECK(result.truncated);
  CHECK(result.content.size() == tool_result_bytes_max);
}

TEST_CASE("The pool runs all that it took, on several threads at once", "[providers][tools]") {
  auto pool = worker_pool{2, 10};
  auto first = std::promise<void>{};
  auto second = std::promise<void>{};
  // Each waits for the other: one thread alone would never get through.
  REQUIRE(pool.submit([&] {
    first.set_value();
    second.get_future().wait();
  }));
  REQUIRE(pool.submit([&] {
    first.get_future().wait();
    second.set_value();
  }));
  drain(pool);
  CHECK(pool.queued() == 0);
}

TEST_CASE("A pool that goes drops what waits and ends", "[providers][tools]") {
  auto ran = std::make_shared<std::atomic<int>>(0);
  auto gate = std::promise<void>{};
  auto begun = std::promise<void>{};
  auto releaser = std::thread{};
  {
    auto pool = worker_pool{1, 10};
    REQUIRE(pool.submit([&begun, f = gate.get_future().share()] {
      begun.set_value();
      f.wait();
    }));
    REQUIRE(pool.submit([ran] { ++*ran; }));
    begun.get_future().wait();
    releaser = std::thread{[&] { gate.set_value(); }};
    releaser.join();
  }
  CHECK(*ran <= 1);
}

TEST_CASE("A job may be the last owner of its pool", "[providers][tools]") {
  auto gate = std::promise<void>{};
  auto gone = std::promise<void>{};
  auto pool = pool_of(2);
  REQUIRE(pool->submit([&gone, keeps = pool, open = gate.get_future().share()]() mutable {
    open.wait();
    keeps.reset();
    gone.set_value();
  }));
  pool.reset();
  gate.set_value();
  CHECK(gone.get_future().wait_for(std::chrono::seconds{30}) == std::future_status::ready);
}

TEST_CASE("Patterns of schemas are matched in linear time", "[providers][tools]") {
  CHECK(pattern_found("^a+$", "aaa") == true);
  CHECK(pattern_found("^a+$", "aab") == false);
  CHECK_FALSE(pattern_found("(a)\\1", "aa").has_value());
  CHECK(pattern_found("(a+)+$", std::string(50'000, 'a') + "b") == false);
  CHECK(pattern_compiles("[a-z]"));
  CHECK_FALSE(pattern_compiles("["));
  const auto tool = tool_that([](const builtin_call&) { return tool_result{}; },
                              R"({"type":"object","properties":{"id":{"type":"string",
                                "pattern":"^q[0-9]+$"}}})");
  CHECK_FALSE(answer_of(*tool, request_for(R"({"id":"q12"})")).is_error);
  CHECK(answer_of(*tool, request_for(R"({"id":"b12"})")).content
        == "Invalid arguments: Input should match the pattern ^q[0-9]+$ (at id)");
}
