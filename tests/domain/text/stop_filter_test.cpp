#include "domain/text/stop_filter.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

// What is shown of `text` when it arrives `step` bytes at a time.
std::string shown(const std::vector<std::string>& stops, std::string_view text, std::size_t step) {
  auto filter = stop_filter{stops};
  auto out = std::string{};
  for (; !text.empty(); text.remove_prefix(std::min(step, text.size())))
    out += filter.feed(text.substr(0, step));
  return out + filter.finish();
}

}  // namespace

TEST_CASE("a text ends before the first stop word, however it is cut", "[domain][text]") {
  const auto step = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{100});
  CAPTURE(step);
  CHECK(shown({"END"}, "one ENtwo END three END", step) == "one ENtwo ");
  CHECK(shown({"b", "ab"}, "xxab", step) == "xx");
  CHECK(shown({"\n\n"}, "a\nb\n\nc", step) == "a\nb");
  CHECK(shown({"aab"}, "aaab", step) == "a");
  CHECK(shown({"END"}, "it never comes: EN", step) == "it never comes: EN");
  CHECK(shown({}, "all of it", step) == "all of it");
  CHECK(shown({"\xC3\xA5"}, "bl\xC3\xA5 b\xC3\xA6r", step) == "bl");
}

TEST_CASE("what may begin a stop word is held back until that is decided", "[domain][text]") {
  auto filter = stop_filter{{"END"}};
  CHECK(filter.feed("now E") == "now ");
  CHECK(filter.feed("N") == "");
  CHECK(filter.feed("o") == "ENo");
  CHECK_FALSE(filter.has_stopped());
  CHECK(filter.feed("END more") == "");
  CHECK(filter.has_stopped());
  CHECK(filter.feed("and more") == "");
  CHECK(filter.finish() == "");
}
