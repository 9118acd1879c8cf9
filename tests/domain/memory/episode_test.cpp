#include "domain/memory/episode.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

const auto talk = talk_scope(reef, {"ops"}, "kari");

const memory_draft& only_draft(const memory_request& request) {
  const auto& drafts = std::get<write_memory>(request.change).drafts;
  REQUIRE(drafts.size() == 1);
  return drafts.front();
}

}  // namespace

TEST_CASE("a finished turn is remembered as both sides said it", "[domain][memory]") {
  const auto request = turn_episode(talk, "Hvor er du?", "At the pier.", next_ulid(), memory_noon);
  CHECK(request.place == memory_place{talk, memory_store_kind::episodic});
  CHECK(request.author.source == memory_source::system);
  CHECK(request.author.written_by == "runtime.loop");
  CHECK(only_draft(request).text == "USER: Hvor er du?\nASSISTANT: At the pier.");
  CHECK(only_draft(request).metadata == memory_metadata{{"importance", "0.5"}});
  CHECK(decide_memory(request, chain_list{}).value().added.size() == 1);
}

TEST_CASE("AGT-11 a finished run is remembered with what it took", "[domain][memory]") {
  auto outcome = run_outcome{"run_1", "count",    "seven", {"calculator", "datetime", "calculator"},
                             3,       "completed"};
  const auto request = run_episode(talk, outcome, next_ulid(), memory_noon);
  CHECK(only_draft(request).text == "TASK: count\n\nOUTCOME: seven");
  CHECK(only_draft(request).metadata
        == memory_metadata{{"source", "agentic_run"},
                           {"run_id", "run_1"},
                           {"task", "count"},
                           {"tools_used", "calculator,datetime"},
                           {"steps", "3"},
                           {"status", "completed"}});
  CHECK(request.author.written_by == "agentic.run");
}

TEST_CASE("an episode can always be stored, however long or broken the texts", "[domain][memory]") {
  const auto vast = std::string(1 << 20, 'x') + "\xff";
  const auto turn = turn_episode(talk, vast, "\xff\xfe" + vast, next_ulid(), memory_noon);
  CHECK(only_draft(turn).text.size() <= 16'384);
  CHECK(decide_memory(turn, chain_list{}).has_value());
  auto outcome = run_outcome{"run_1", vast, vast, std::vector<std::string>(500, "t"), 1, "error"};
  CHECK(
    decide_memory(run_episode(talk, outcome, next_ulid(), memory_noon), chain_list{}).has_value());
}
