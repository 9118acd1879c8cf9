#include "tests/providers/tools/outside/outside_support.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <stdlib.h>
#include <thread>
#include <unistd.h>

namespace persona_runtime::test {

namespace fs = std::filesystem;

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

std::string file_text(const std::string& path) {
  auto out = std::ostringstream{};
  out << std::ifstream{path, std::ios::binary}.rdbuf();
  return out.str();
}

std::size_t processes_with(std::string_view mark) {
  auto ignored = std::error_code{};
  auto count = std::size_t{0};
  for (const auto& entry : fs::directory_iterator{"/proc", ignored}) {
    const auto name = entry.path().filename().string();
    // A dead process has no command line any more.
    if (name.find_first_not_of("0123456789") == std::string::npos
        && file_text(entry.path().string() + "/cmdline").find(mark) != std::string::npos)
      ++count;
  }
  return count;
}

std::string unique_sleep() {
  static auto count = 0;
  return "300." + std::to_string(::getpid()) + "0" + std::to_string(++count) + "1";
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
    std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{}));
}

scratch_directory::scratch_directory() {
  auto name = (fs::temp_directory_path() / "outside-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error{"no directory for the test"};
  path_ = name;
}

scratch_directory::~scratch_directory() {
  auto ignored = std::error_code{};
  fs::remove_all(path_, ignored);
}

tool_request a_call(std::string arguments, std::string workspace) {
  return {.call = {.name = "probe", .arguments = std::move(arguments), .call_id = "call_7"},
          .run = {"run_1"},
          .persona = {"persona_1"},
          .idempotency_key = "run_1/2/0",
          .workspace = std::move(workspace)};
}

tool_result result_of(tool_body& tool, std::string arguments, std::string workspace) {
  auto answer = awaited<tool_result>{};
  const auto call =
    tool.start(a_call(std::move(arguments), std::move(workspace)), answer.receiver());
  return answer.get();
}

}  // namespace persona_runtime::test
