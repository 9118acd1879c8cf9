// A service that crashes ends the process with status 1 and a line that says what to do. In a child
// process, since it really ends.

#include "providers/store/memory_store.hpp"
#include "tests/bootstrap/engine/hung_outside.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/passing_store.hpp"
#include "tests/support/scratch_directory.hpp"

#include <array>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace persona_runtime {
namespace {

/// Throws where it should report.
struct throwing_store final : testing::passing_store {
  throwing_store() : passing_store{make_memory_store()} {}
  result<std::vector<append_verdict>> append(std::span<const journal_append>) override {
    throw std::runtime_error{"a planted fault"};
  }
  std::unique_ptr<journal_reader> open_reader() override { return inner_->open_reader(); }
};

/// The child: starts a run, which is never acknowledged. Returns only when nothing has crashed.
void host_a_run(std::shared_ptr<journal_store> store, const std::filesystem::path& work) {
  auto options = engine_options{};
  options.data_files = PERSONA_SOURCE_DIR "/config";
  options.workspaces = work;
  auto parts =
    testing::hung_parts(std::make_shared<testing::hung_calls>(), std::nullopt, std::move(store));
  auto host = engine::make(std::move(parts), std::move(options));
  if (!host)
    return;
  const auto persona = (*host)->add_persona(testing::clerk);
  if (!persona)
    return;
  auto request = run_request{};
  request.persona = *persona;
  request.task = "Find a berth.";
  static_cast<void>((*host)->start(std::move(request)));
}

std::string read_all(int from) {
  auto text = std::string{};
  auto part = std::array<char, 512>{};
  for (auto got = ::read(from, part.data(), part.size()); got > 0;
       got = ::read(from, part.data(), part.size()))
    text.append(part.data(), static_cast<std::size_t>(got));
  return text;
}

TEST_CASE("a crash of the journal ends the process with status 1 and a line that says so",
          "[bootstrap][engine]") {
  const testing::scratch_directory directory;
  auto errors = std::array<int, 2>{};
  REQUIRE(::pipe(errors.data()) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(errors[1], STDERR_FILENO);
    ::close(errors[0]);
    ::close(errors[1]);
    host_a_run(std::make_shared<throwing_store>(), directory.path());
    ::_exit(99);
  }
  ::close(errors[1]);
  const auto said = read_all(errors[0]);
  ::close(errors[0]);
  auto status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 1);
  CHECK(said
        == "persona: the actor journal has crashed (a planted fault); start again, the "
           "journal has everything\n");
}

}  // namespace
}  // namespace persona_runtime
