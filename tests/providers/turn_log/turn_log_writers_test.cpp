#include "providers/turn_log/background_turn_log.hpp"
#include "providers/turn_log/jsonl_turn_log.hpp"
#include "providers/turn_log/memory_turn_log.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_directory.hpp"

#include <fstream>
#include <semaphore>
#include <set>
#include <thread>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

turn_log a_log(std::string conversation, std::uint64_t turn) {
  auto log = turn_log{};
  log.conversation_id = std::move(conversation);
  log.turn_index = turn;
  log.tier_used = "mid";
  log.model_name = "m";
  log.provider = "p";
  return log;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  auto in = std::ifstream{path};
  auto out = std::vector<std::string>{};
  for (auto line = std::string{}; std::getline(in, line);)
    out.push_back(line);
  return out;
}

std::size_t line_bytes(const turn_log& log) {
  auto line = std::string{};
  append_turn_log(line, log);
  return line.size() + 1;
}

}  // namespace

TEST_CASE("LOG-04 a line a turn, a file a conversation, the directory is made",
          "[providers][turn_log]") {
  const auto scratch = testing::scratch_directory{};
  const auto directory = scratch.path() / "deep" / "turns";
  auto writer = jsonl_turn_log{{directory}};
  writer.write(a_log("conv_1", 0));
  writer.write(a_log("conv_2", 0));
  writer.write(a_log("conv_1", 2));
  const auto lines = lines_of(directory / "conv_1.jsonl");
  REQUIRE(lines.size() == 2);
  CHECK(*turn_log_of(lines[0]) == a_log("conv_1", 0));
  CHECK(turn_log_of(lines[1])->turn_index == 2);
  CHECK(lines_of(directory / "conv_2.jsonl").size() == 1);
  CHECK(writer.report().written == 3);
  CHECK(writer.report().dropped == 0);
}

TEST_CASE("a full file moves aside, and the oldest goes", "[providers][turn_log]") {
  const auto scratch = testing::scratch_directory{};
  const auto bytes = line_bytes(a_log("c", 0));
  auto writer = jsonl_turn_log{{scratch.path(), 2 * bytes, 2}};
  for (auto turn = std::uint64_t{0}; turn < 9; ++turn)
    writer.write(a_log("c", turn));
  const auto turn_in = [&](const char* name, std::size_t line) {
    return turn_log_of(lines_of(scratch.path() / name).at(line))->turn_index;
  };
  CHECK(turn_in("c.jsonl", 0) == 8);
  CHECK(turn_in("c.1.jsonl", 0) == 6);
  CHECK(turn_in("c.1.jsonl", 1) == 7);
  CHECK(turn_in("c.2.jsonl", 1) == 5);
  CHECK_FALSE(std::filesystem::exists(scratch.path() / "c.3.jsonl"));
  CHECK(writer.report().written == 9);
}

TEST_CASE("a line that is longer than a file is written all the same", "[providers][turn_log]") {
  const auto scratch = testing::scratch_directory{};
  auto writer = jsonl_turn_log{{scratch.path(), 10, 0}};
  writer.write(a_log("c", 1));
  writer.write(a_log("c", 2));
  CHECK(lines_of(scratch.path() / "c.jsonl").size() == 1);
  CHECK(writer.report().dropped == 0);
}

TEST_CASE("names are safe, and different for different conversations", "[providers][turn_log]") {
  CHECK(turn_log_name("conv_01-A") == "conv_01-A");
  CHECK(turn_log_name("../../etc/passwd") == "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd");
  CHECK(turn_log_name("") == "%");
  auto names = std::set<std::string>{};
  const auto ids = std::vector<std::string>{"",
                                            ".",
                                            "..",
                                            "/",
                                            "a/b",
                                            "a%2Fb",
                                            "a\n",
                                            std::string(1, '\0'),
                                            std::string(200, 'x'),
                                            std::string(201, 'x'),
                                            "\xC3\xB8",
                                            "c.1",
                                            std::string(120, 'x'),
                                            std::string(121, 'x')};
  for (const auto& id : ids) {
    const auto name = turn_log_name(id);
    CHECK(name.size() <= 120);
    CHECK(name.find_first_of(std::string{"/.\0\n", 4}) == std::string::npos);
    names.insert(name);
  }
  CHECK(names.size() == ids.size());
}

TEST_CASE("FIX-09 what cannot be written is counted and never thrown", "[providers][turn_log]") {
  const auto scratch = testing::scratch_directory{};
  std::ofstream{scratch.path() / "taken"} << "a file";
  auto blocked = jsonl_turn_log{{scratch.path() / "taken" / "turns"}};
  blocked.write(a_log("c", 0));
  CHECK(blocked.report().dropped == 1);
  CHECK_THAT(blocked.report().last_problem, Contains("cannot make the directory"));

  std::filesystem::create_directory(scratch.path() / "c.jsonl");
  auto writer = jsonl_turn_log{{scratch.path()}};
  writer.write(a_log("c", 0));
  CHECK_THAT(writer.report().last_problem, Contains("cannot open") && Contains("c.jsonl"));
  writer.write(a_log("d", 0));
  CHECK(writer.report().written == 1);
}

TEST_CASE("a link that somebody put there is not followed", "[providers][turn_log]") {
  const auto scratch = testing::scratch_directory{};
  std::ofstream{scratch.path() / "victim"} << "precious";
  std::filesystem::create_symlink(scratch.path() / "victim", scratch.path() / "c.jsonl");
  auto writer = jsonl_turn_log{{scratch.path()}};
  writer.write(a_log("c", 0));
  CHECK(writer.report().dropped == 1);
  CHECK(lines_of(scratch.path() / "victim") == std::vector<std::string>{"precious"});
}

TEST_CASE("lines of several threads never mix", "[providers][turn_log]") {
  const auto scratch = testing::scratch_directory{};
  auto writer = jsonl_turn_log{{scratch.path()}};
  auto threads = std::vector<std::thread>{};
  for (auto t = 0; t < 4; ++t) {
    threads.emplace_back([&writer, t] {
      for (auto turn = std::uint64_t{0}; turn < 50; ++turn)
        writer.write(a_log("c", static_cast<std::uint64_t>(t) * 100 + turn));
    });
  }
  for (auto& thread : threads)
    thread.join();
  const auto lines = lines_of(scratch.path() / "c.jsonl");
  CHECK(lines.size() == 200);
  for (const auto& line : lines)
    REQUIRE(turn_log_of(line).has_value());
}

TEST_CASE("the memory writer keeps the newest, in order", "[providers][turn_log]") {
  auto writer = memory_turn_log{3};
  for (auto turn = std::uint64_t{0}; turn < 5; ++turn)
    writer.write(a_log("c", turn));
  const auto logs = writer.logs();
  REQUIRE(logs.size() == 3);
  CHECK(logs.front().turn_index == 2);
  CHECK(logs.back().turn_index == 4);
  CHECK(writer.forgotten() == 2);
}

namespace {

/// Writes when it is let go.
class held_writer final : public turn_log_writer {
public:
  explicit held_writer(std::shared_ptr<memory_turn_log> to) : to_{std::move(to)} {}
  void write(const turn_log& log) override {
    begun.release();
    may_go.acquire();
    to_->write(log);
  }
  static inline std::counting_semaphore<> begun{0};
  static inline std::counting_semaphore<> may_go{0};

private:
  std::shared_ptr<memory_turn_log> to_;
};

}  // namespace

TEST_CASE("what is handed to the background is written, in order, before it ends",
          "[providers][turn_log]") {
  const auto kept = std::make_shared<memory_turn_log>();
  held_writer::may_go.release(3);
  {
    auto writer = background_turn_log{std::make_unique<held_writer>(kept)};
    for (auto turn = std::uint64_t{0}; turn < 3; ++turn)
      writer.write(a_log("c", turn));
  }
  REQUIRE(kept->logs().size() == 3);
  CHECK(kept->logs()[2].turn_index == 2);
  for (auto i = 0; i < 3; ++i)
    held_writer::begun.acquire();
}

TEST_CASE("a writer that hangs holds nobody up: what is too much is dropped and counted",
          "[providers][turn_log]") {
  const auto kept = std::make_shared<memory_turn_log>();
  {
    auto writer = background_turn_log{std::make_unique<held_writer>(kept), quiet_log(), 2};
    writer.write(a_log("c", 0));
    held_writer::begun.acquire();  // it has the first one in its hands
    for (auto turn = std::uint64_t{1}; turn < 6; ++turn)
      writer.write(a_log("c", turn));
    CHECK(writer.dropped() == 3);
    held_writer::may_go.release(3);
  }
  CHECK(kept->logs().size() == 3);
  CHECK(kept->logs().back().turn_index == 2);
}
