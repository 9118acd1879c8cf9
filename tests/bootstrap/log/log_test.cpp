#include "bootstrap/log/log.hpp"
#include "bootstrap/log/repeat_limit.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_directory.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace persona_runtime;

namespace {

constexpr auto noon = instant{1'795'262'400'123};  // 2026-11-21 12:00
instant at_noon() {
  return noon;
}

/// Where stderr goes while this lives.
class stderr_to {
public:
  explicit stderr_to(int target) : kept_{::dup(STDERR_FILENO)} { ::dup2(target, STDERR_FILENO); }
  ~stderr_to() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
  }
  stderr_to(const stderr_to&) = delete;
  stderr_to& operator=(const stderr_to&) = delete;

private:
  int kept_;
};

/// A file for the log, and nothing on the terminal of whoever runs the tests.
struct log_file {
  testing::scratch_directory folder;
  std::string path = (folder.path() / "logs" / "deep" / "persona.log").string();
  int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  stderr_to quiet{nowhere};

  ~log_file() { ::close(nowhere); }

  log_ptr open(log_options options = {}) {
    options.file = path;
    auto opened = open_log(options, at_noon);
    REQUIRE(opened.has_value());
    return *opened;
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    auto found = std::vector<std::string>{};
    auto in = std::ifstream{path};
    for (auto line = std::string{}; std::getline(in, line);)
      found.push_back(line);
    return found;
  }
};

}  // namespace

TEST_CASE("a line for people has time, level, component, message and facts", "[bootstrap][log]") {
  CHECK(line_text(log_format::pretty, {noon, log_level::info, "runs", "run ended"},
                  {{"run_id", "run_1"}, {"reason", "the disk \"a\" is full"}})
        == "2026-11-21T12:00:00.123000Z info     runs: run ended run_id=run_1 "
           R"(reason="the disk \"a\" is full")");
  CHECK(line_text(log_format::pretty, {noon, log_level::critical, "a", "b", 7}, {})
        == "2026-11-21T12:00:00.123000Z critical a: b left_out=7");
}

TEST_CASE("a line for programs is one JSON object", "[bootstrap][log]") {
  CHECK(
    line_text(log_format::json, {noon, log_level::warning, "http", "refused", 2}, {{"limit", "10"}})
    == R"({"time":"2026-11-21T12:00:00.123000Z","level":"warning","component":"http",)"
       R"("message":"refused","limit":"10","left_out":2})");
}

TEST_CASE("no value breaks its line or makes it long", "[bootstrap][log]") {
  const auto evil = std::string{"a\nINFO forged\r\x1b[31m"};
  for (const auto format : {log_format::pretty, log_format::json}) {
    const auto line = line_text(format, {noon, log_level::info, "a", "b"}, {{"value", evil}});
    CHECK(line.find_first_of("\n\r\x1b") == std::string::npos);
    const auto cut = line_text(format, {noon, log_level::info, "a", "b"},
                               {{"value", std::string(511, 'x') + "\xc3\xa5" + "tail"}});
    CHECK(cut.size() < 650);
    CHECK(cut.find("\xc3") == std::string::npos);
  }
}

TEST_CASE("every level has a name, and names give levels", "[bootstrap][log]") {
  for (auto i = 0; i <= static_cast<int>(log_level::off); ++i) {
    const auto level = static_cast<log_level>(i);
    CHECK(log_level_of(name_of(level)) == level);
  }
}

TEST_CASE("of one kind a few lines a second come through; the rest is counted",
          "[bootstrap][log]") {
  auto limit = repeat_limit{2};
  CHECK(limit.pass("runs", "refused", {1'000}) == 0U);
  CHECK(limit.pass("runs", "refused", {1'500}) == 0U);
  CHECK_FALSE(limit.pass("runs", "refused", {1'999}));
  CHECK_FALSE(limit.pass("runs", "refused", {1'999}));
  CHECK(limit.pass("http", "refused", {1'999}) == 0U);
  CHECK(limit.pass("runs", "refused", {2'000}) == 2U);
  CHECK(limit.pass("runs", "refused", {2'001}) == 0U);
}

TEST_CASE("LG-01 of 20 threads that begin at once each line is written once", "[bootstrap][log]") {
  auto file = log_file{};
  auto options = log_options{};
  options.repeats_per_second = 1'000;
  {
    const auto log = file.open(options);
    auto threads = std::vector<std::thread>{};
    for (auto i = 0; i < 20; ++i) {
      threads.emplace_back([log, i] {
        log->write(log_level::info, "test", "hello", {{"n", std::to_string(i)}});
      });
    }
    for (auto& thread : threads)
      thread.join();
  }
  const auto lines = file.lines();
  CHECK(lines.size() == 20);
  for (auto i = 0; i < 20; ++i) {
    const auto end = "hello n=" + std::to_string(i);
    CHECK(std::count_if(lines.begin(), lines.end(),
                        [&](const auto& line) { return line.ends_with(end); })
          == 1);
  }
}

TEST_CASE("levels below the one that is wanted are not written", "[bootstrap][log]") {
  auto file = log_file{};
  auto options = log_options{};
  options.level = log_level::warning;
  {
    const auto log = file.open(options);
    CHECK_FALSE(log->wants(log_level::info));
    CHECK(log->wants(log_level::warning));
    log->write(log_level::info, "a", "quiet", {});
    log->write(log_level::error, "a", "loud", {});
    options.level = log_level::off;
    CHECK_FALSE(open_log(options, at_noon).value()->wants(log_level::critical));
  }
  REQUIRE(file.lines().size() == 1);
  CHECK(file.lines()[0].ends_with("a: loud"));
}

TEST_CASE("a reader of stderr that stands still holds nobody up", "[bootstrap][log]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  auto options = log_options{};
  options.level = log_level::debug;
  options.lines_waiting_max = 16;
  auto read = std::string{};
  {
    const auto full = stderr_to{ends[1]};
    ::close(ends[1]);
    auto log = *open_log(options, at_noon);
    const auto long_text = std::string(400, 'x');
    for (auto i = 0; i < 2'000; ++i)  // ten times what the pipe takes; returns nevertheless
      log->write(log_level::debug, "test", long_text, {{"n", std::to_string(i)}});
    // Only now somebody reads, so that the log can end.
    auto reader = std::thread{[&] {
      char some[65'536];
      while (read.find("n=1999") == std::string::npos) {
        const auto count = ::read(ends[0], some, sizeof some);
        if (count <= 0)
          break;
        read.append(some, static_cast<std::size_t>(count));
      }
    }};
    log.reset();
    reader.join();
  }
  ::close(ends[0]);
  CHECK(read.find("n=1999") != std::string::npos);  // the newest, not the oldest, are kept
  CHECK(std::count(read.begin(), read.end(), '\n') < 1'999);
}

TEST_CASE("a log file that cannot be opened is told", "[bootstrap][log]") {
  auto options = log_options{};
  options.file = "/proc/no/such/file.log";
  const auto refused = open_log(options, at_noon);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.find("log.file: ") == 0);
  CHECK(refused.error().detail.find("/proc/no/such") != std::string::npos);
}
