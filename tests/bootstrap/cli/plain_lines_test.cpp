#include "bootstrap/cli/line_source.hpp"
#include "tests/support/catch.hpp"

#include <string_view>
#include <unistd.h>
#include <utility>

using namespace persona_runtime::cli;
using kind = line_source::kind;

namespace {

struct line_pipe {
  int ends[2] = {-1, -1};

  line_pipe() { REQUIRE(::pipe(ends) == 0); }
  ~line_pipe() {
    ::close(ends[0]);
    finish();
  }
  void write(std::string_view text) const {
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void finish() {
    if (ends[1] >= 0)
      ::close(std::exchange(ends[1], -1));
  }
};

}  // namespace

TEST_CASE_METHOD(line_pipe, "lines come one by one, the last one without its end too",
                 "[bootstrap][chat]") {
  auto lines = make_plain_lines(ends[0], {});
  write("one\r\n\ntwo\nthr");
  CHECK(lines->read("").text == "one");
  CHECK(lines->read("").text.empty());
  CHECK(lines->read("").text == "two");
  write("ee");
  finish();
  CHECK(lines->read("").text == "three");
  CHECK(lines->read("").what == kind::end);
  CHECK(lines->read("").what == kind::end);
}

TEST_CASE_METHOD(line_pipe, "a line that is too long is cut", "[bootstrap][chat]") {
  auto lines = make_plain_lines(ends[0], {});
  const auto part = std::string(4'000, 'x');
  for (auto i = 0; i < 10; ++i)
    write(part);
  // The pipe holds 64 KiB: the rest follows when some of it is read.
  write(std::string(20'000, 'y'));
  write("\nnext\n");
  CHECK(lines->read("").text.size() == 60'000);
  CHECK(lines->read("").text == "next");
}

TEST_CASE_METHOD(line_pipe, "Ctrl-C ends the waiting", "[bootstrap][chat]") {
  auto presses = 0;
  auto lines = make_plain_lines(ends[0], [&presses] { return ++presses == 2; });
  CHECK(lines->read("").what == kind::interrupted);
  write("still there\n");
  CHECK(lines->read("").text == "still there");
}
