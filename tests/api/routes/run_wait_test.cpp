#include "tests/api/test_server.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

const auto task = std::string{R"({"persona_id":"p","task":"t"})"};
const auto first_run = run_id{"run_000001"};

}  // namespace

TEST_CASE("wait answers 200 when the run has ended", "[api][wait]") {
  auto server = test_server{};
  auto client = raw_client{server.address()};
  client.request("POST", "/v1/runs?wait=300", task);
  const auto run = first_run;
  REQUIRE(server.engine.wait_for_viewers(run, 1));
  server.engine.emit_many(run, 32, 1);
  CHECK(server.engine.wait_for_ack(run, 17));  // or the stream would stop at what may be under way
  server.engine.finish(run);
  const auto answer = client.read_answer();
  CHECK(answer.status == 200);
  CHECK(answer.header("location") == "/v1/runs/" + run.value);
  CHECK(answer.body.find(R"("status":"completed")") != std::string::npos);
  CHECK(server.engine.wait_for_viewers(run, 0));
}

TEST_CASE("wait answers 202 when the time is up first", "[api][wait]") {
  auto server = test_server{};
  const auto answer = server.ask("POST", "/v1/runs?wait=0.05", task);
  CHECK(answer.status == 202);
  CHECK(answer.header("location") == "/v1/runs/" + first_run.value);
  CHECK(answer.body.find(R"("status":"running")") != std::string::npos);
  CHECK(server.engine.wait_for_viewers(first_run, 0));
}

TEST_CASE("a wait beyond its bound is refused before anything starts", "[api][wait]") {
  auto server = test_server{};
  CHECK(server.ask("POST", "/v1/runs?wait=301", task).status == 422);
  CHECK(server.engine.last_request().task.empty());
}

TEST_CASE("a client that goes away ends the watching, not the run", "[api][wait]") {
  auto server = test_server{};
  {
    auto client = raw_client{server.address()};
    client.request("POST", "/v1/runs?wait=300", task);
    REQUIRE(server.engine.wait_for_viewers(first_run, 1));
  }
  CHECK(server.engine.wait_for_viewers(first_run, 0));
  CHECK(server.ask("GET", "/v1/runs/" + first_run.value).body.find("running") != std::string::npos);
}
