#include "providers/tools/file_tools.hpp"
#include "tests/providers/tools/tool_probe.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>

using namespace persona_runtime;
using namespace persona_runtime::testing;
namespace fs = std::filesystem;

namespace {

/// A directory of its own with a workspace in it, gone at the end.
class place {
public:
  place() {
    auto name = (fs::temp_directory_path() / "persona-files-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    top = fs::canonical(name);
    root = top / "work";
    fs::create_directory(root);
  }
  ~place() { fs::remove_all(top); }
  place(const place&) = delete;
  place& operator=(const place&) = delete;

  fs::path top;
  fs::path root;
};

void put(const fs::path& path, std::string_view content) {
  fs::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << content;
}

std::string text_of(const fs::path& path) {
  auto file = std::ifstream{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string reason_of(const tool_result& result) {
  if (!result.is_error || result.data.empty())
    return "";
  return std::string{boost::json::parse(result.data).at("reason").as_string()};
}

constexpr auto methods = {open_method::automatic, open_method::plain};

}  // namespace

TEST_CASE("BT-10 file_read reads one MiB and replaces what is no text", "[providers][tools]") {
  const auto p = place{};
  put(p.root / "full.txt", std::string(file_read_bytes_max, 'x'));
  put(p.root / "over.txt", std::string(file_read_bytes_max + 1, 'x'));
  put(p.root / "bad.txt", "a\xFF\xE2\x82");
  const auto full = read_file(p.root, "full.txt");
  CHECK_FALSE(full.truncated);
  CHECK(full.content.size() == file_read_bytes_max);
  const auto over = read_file(p.root, "over.txt");
  CHECK(over.truncated);
  CHECK(over.data == R"({"path":"over.txt","bytes_read":"1048576","encoding":"utf-8"})");
  const auto bad = read_file(p.root, "bad.txt");
  CHECK_FALSE(bad.is_error);
  CHECK(bad.content == "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("BT-10 a directory, a missing file and a pipe are errors", "[providers][tools]") {
  const auto p = place{};
  fs::create_directory(p.root / "dir");
  REQUIRE(::mkfifo((p.root / "pipe").c_str(), 0600) == 0);
  for (const auto* path : {"dir", "none.txt", "none/x.txt", "pipe", "dir/../none"}) {
    CAPTURE(path);
    const auto result = read_file(p.root, path);
    CHECK(result.is_error);
    CHECK(result.content.starts_with("'" + std::string{path} + "' cannot be read: "));
  }
  CHECK(write_file(p.root, "dir", "x").is_error);
  CHECK(write_file(p.root, "pipe", "x").is_error);
  CHECK(read_file(p.top / "absent", "x").is_error);
  CHECK_FALSE(fs::exists(p.top / "absent"));
  CHECK(read_file(p.root, std::string(300, 'n')).is_error);
}

TEST_CASE("BT-11 what is written is read back", "[providers][tools]") {
  const auto p = place{};
  for (const auto method : methods) {
    const auto text = std::string{"\u00e6\u00f8\u00e5 \u20ac \U0001F6A2\nline"};
    const auto written = write_file(p.root, "a/b/c.txt", text, method);
    CHECK_FALSE(written.is_error);
    CHECK(written.content == "Wrote " + std::to_string(text.size()) + " bytes to a/b/c.txt");
    CHECK(read_file(p.root, "a/b/c.txt", method).content == text);
    CHECK(write_file(p.root, "a/b/c.txt", "short", method).content == "Wrote 5 bytes to a/b/c.txt");
    CHECK(text_of(p.root / "a/b/c.txt") == "short");
    CHECK_FALSE(write_file(p.root, "a/b/empty", "", method).is_error);
  }
  CHECK((fs::status(p.root / "a/b/c.txt").permissions() & fs::perms::mask)
        == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(std::distance(fs::directory_iterator{p.root / "a/b"}, {}) == 2);
}

TEST_CASE("file_write tells what it made", "[providers][tools]") {
  const auto p = place{};
  const auto result = write_file(p.root, "out/picture.PNG", "123");
  CHECK(result.data
        == R"({"path":"out/picture.PNG","bytes_written":"3","produced_files":)"
           R"([{"path":"out/picture.PNG","size_bytes":"3","media_type":"image/png"}]})");
  REQUIRE(result.artifacts.size() == 1);
  CHECK(result.artifacts.front() == artifact{"out/picture.PNG", "image/png", 3, true, true});
  CHECK(media_type_of("a.md") == "text/markdown");
  CHECK(media_type_of("md") == "application/octet-stream");
  CHECK(write_file(p.root, "x", std::string(file_write_bytes_max, 'x')).is_error == false);
  CHECK(write_file(p.root, "x", std::string(file_write_bytes_max + 1, 'x')).is_error);
}

TEST_CASE("BT-12 a write that fails leaves the old file and nothing else", "[providers][tools]") {
  const auto p = place{};
  put(p.root / "a.txt", "old");
  auto before = rlimit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const auto small = rlimit{4096, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto result = write_file(p.root, "a.txt", std::string(10'000, 'n'));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(result.is_error);
  CHECK(result.content.starts_with("'a.txt' cannot be written: "));
  CHECK(result.artifacts.empty());
  CHECK(text_of(p.root / "a.txt") == "old");
  CHECK(std::distance(fs::directory_iterator{p.root}, {}) == 1);
}

TEST_CASE("SP-01 SP-02 paths that may not be are refused before anything is touched",
          "[providers][tools][sandbox]") {
  const auto p = place{};
  put(p.top / "secret.txt", "secret");
  const auto rows =
    std::vector<std::pair<std::string, std::string>>{{"../secret.txt", "escape"},
                                                     {"a/../../secret.txt", "escape"},
                                                     {"/etc/passwd", "absolute"},
                                                     {"a\\b", "mixed_separators"},
                                                     {std::string("f\0.png", 6), "null_byte"},
                                                     {" ", "empty"},
                                                     {".", "root_reference"},
                                                     {std::string(4097, 'a'), "too_long"}};
  for (const auto& [path, reason] : rows) {
    CAPTURE(path, reason);
    CHECK(reason_of(read_file(p.root, path)) == reason);
    CHECK(reason_of(write_file(p.root, path, "x")) == reason);
  }
  CHECK(text_of(p.top / "secret.txt") == "secret");
  CHECK(fs::is_empty(p.root));
}

TEST_CASE("SP-06 links that lead out escape", "[providers][tools][sandbox]") {
  const auto p = place{};
  put(p.top / "secret.txt", "secret");
  fs::create_directory(p.top / "other");
  fs::create_symlink(p.top / "secret.txt", p.root / "file");
  fs::create_symlink("../secret.txt", p.root / "relative");
  fs::create_symlink(p.top / "other", p.root / "dir");
  fs::create_symlink("..", p.root / "up");
  fs::create_symlink("/dev/null", p.root / "null");
  fs::create_symlink("/proc/self/cwd", p.root / "magic");
  fs::create_symlink("dir", p.root / "chain");
  for (const auto method : methods) {
    for (const auto* path :
         {"file", "relative", "dir/x", "up/secret.txt", "null", "magic/x", "chain/x"}) {
      CAPTURE(path);
      const auto read = read_file(p.root, path, method);
      CHECK(reason_of(read) == "escape");
      CHECK(reason_of(write_file(p.root, path, "x", method)) == "escape");
      const auto context = boost::json::parse(read.data).as_object();
      CHECK(context.at("requested").as_string() == path);
      CHECK_FALSE(context.at("resolved").as_string().empty());
    }
  }
  CHECK(text_of(p.top / "secret.txt") == "secret");
  CHECK(fs::is_empty(p.top / "other"));
}

TEST_CASE("Links that stay inside are followed, chains too", "[providers][tools][sandbox]") {
  const auto p = place{};
  put(p.root / "deep/down/a.txt", "here");
  fs::create_symlink("deep/down/a.txt", p.root / "link");
  fs::create_symlink("link", p.root / "chain");
  fs::create_symlink(p.root / "deep", p.root / "absolute");
  fs::create_symlink("../../deep", p.root / "deep/down/back");
  fs::create_symlink("loop", p.root / "loop");
  fs::create_symlink(p.root, p.top / "root_link");
  for (const auto method : methods) {
    for (const auto* path : {"link", "chain", "absolute/down/a.txt", "deep/down/back/down/a.txt"}) {
      CAPTURE(path);
      CHECK(read_file(p.root, path, method).content == "here");
      CHECK(read_file(p.top / "root_link", path, method).content == "here");
    }
    CHECK(read_file(p.root, "loop", method).is_error);
    CHECK(read_file(p.root, "absolute", method).is_error);
  }
  CHECK_FALSE(write_file(p.root, "chain", "new").is_error);
  CHECK(text_of(p.root / "deep/down/a.txt") == "new");
  CHECK(fs::is_symlink(p.root / "link"));
}

TEST_CASE("SP-07 a link that is swapped in meanwhile never leads out",
          "[providers][tools][sandbox]") {
  const auto p = place{};
  put(p.top / "out/a.txt", "secret");
  put(p.root / "real/a.txt", "mine");
  fs::create_symlink(p.top / "out", p.root / "evil");
  auto stop = std::atomic<bool>{false};
  const auto swap = [&] {
    while (!stop) {
      auto error = std::error_code{};
      fs::rename(p.root / "real", p.root / "kept", error);
      fs::rename(p.root / "evil", p.root / "real", error);
      fs::rename(p.root / "real", p.root / "evil", error);
      fs::rename(p.root / "kept", p.root / "real", error);
    }
  };
  auto swapper = std::thread{swap};
  constexpr auto rounds = 1'000;
  auto leaked = 0;
  auto refused = 0;
  for (auto i = 0; i < rounds; ++i) {
    const auto method = i % 2 == 0 ? open_method::automatic : open_method::plain;
    const auto read = read_file(p.root, "real/a.txt", method);
    leaked += !read.is_error && read.content == "secret" ? 1 : 0;
    refused += read.is_error ? 1 : 0;
    if (i % 10 == 0)
      static_cast<void>(write_file(p.root, "real/a.txt", "mine", method));
  }
  stop = true;
  swapper.join();
  CHECK(leaked == 0);
  CHECK(refused < rounds);
  CHECK(text_of(p.top / "out/a.txt") == "secret");
  CHECK(std::distance(fs::directory_iterator{p.top / "out"}, {}) == 1);
}

TEST_CASE("SP-07 a name is never opened through a link", "[providers][tools][sandbox]") {
  const auto p = place{};
  put(p.top / "secret.txt", "secret");
  fs::create_symlink(p.top / "secret.txt", p.root / "swapped");
  const auto directory = unique_fd{::open(p.root.c_str(), O_PATH)};
  for (const auto method : methods)
    CHECK_FALSE(open_name(directory, "swapped", O_RDONLY, method));
}

TEST_CASE("SP-09 without a workspace nothing is reached", "[providers][tools][sandbox]") {
  auto pool = std::make_shared<worker_pool>(1, 10);
  const auto read = answer_of(*make_file_read(pool), request_for(R"({"path":"x"})"));
  CHECK(reason_of(read) == "no_scope");
  CHECK(read.content.find("[reason=no_scope]") != std::string::npos);
  const auto write =
    answer_of(*make_file_write(pool), request_for(R"({"path":"x","content":"y"})"));
  CHECK(reason_of(write) == "no_scope");
  CHECK_FALSE(fs::exists("x"));
}

TEST_CASE("SP-10 one owner's calls cannot reach another's files", "[providers][tools][sandbox]") {
  const auto p = place{};
  put(p.top / "a/persona/mine.txt", "a");
  put(p.top / "b/persona/mine.txt", "b");
  const auto root = p.top / "a/persona";
  CHECK(read_file(root, "mine.txt").content == "a");
  for (const auto& path :
       {std::string{"../../b/persona/mine.txt"}, (p.top / "b/persona/mine.txt").string(),
        std::string{"x/../../../b/persona/mine.txt"}})
    CHECK(read_file(root, path).is_error);
  CHECK_FALSE(write_file(root, "b/persona/mine.txt", "x").is_error);
  CHECK(text_of(p.top / "b/persona/mine.txt") == "b");
}

TEST_CASE("Lone surrogates are refused by their encoding and nothing is written",
          "[providers][tools]") {
  const auto p = place{};
  auto pool = std::make_shared<worker_pool>(1, 10);
  const auto result =
    answer_of(*make_file_write(pool), request_for(R"({"path":"x","content":"a\ud800b"})", p.root));
  CHECK(result.is_error);
  CHECK(result.content.find("encoding") != std::string::npos);
  CHECK(fs::is_empty(p.root));
}
