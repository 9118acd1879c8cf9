// How a turn that fails is shown, on virtual time.

#include "tests/support/chat_world.hpp"

namespace persona_runtime {
namespace {

using namespace test;

TEST_CASE("HT-18 a refused key is an error without a word of the provider's",
          "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  auto error = error_with(model_error_class::authentication_error, 401);
  error.detail = "Incorrect API key provided: sk-very-secret";
  w.model_answers(error);
  auto said = std::string{};
  for (const auto& append : w.store->read_run(w.last_turn()).value()) {
    for (const auto& event : events_of(append.body, {}))
      said += event.json();
  }
  CHECK(said.find("provider_auth_failed") != std::string::npos);
  CHECK(said.find("sk-very") == std::string::npos);
  CHECK(said.find("Incorrect") == std::string::npos);
}

}  // namespace
}  // namespace persona_runtime
