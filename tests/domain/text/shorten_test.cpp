#include "domain/text/shorten.hpp"
#include "domain/text/utf8.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tokenizer.hpp"

using namespace persona_runtime;

namespace {

std::string numbered_lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += "line " + std::to_string(i) + ": \u00e5tte b\u00e5ter \U0001F6A2\n";
  return text;
}

}  // namespace

TEST_CASE("shorten: what fits stays as it is", "[domain][text]") {
  const std::string text = numbered_lines(20);
  const std::size_t tokens = shared_tokenizer().count(text);
  CHECK(shorten_middle(text, tokens, shared_tokenizer()) == text);
  CHECK(shorten_middle("", 0, shared_tokenizer()).empty());
}

TEST_CASE("shorten: never above the limit, never a broken character", "[domain][text]") {
  const std::string text = numbered_lines(100);
  const std::size_t tokens = shared_tokenizer().count(text);
  for (std::size_t limit = 0; limit < tokens; limit += 7) {
    const std::string out = shorten_middle(text, limit, shared_tokenizer());
    INFO(limit);
    REQUIRE(shared_tokenizer().count(out) <= limit);
    REQUIRE(is_valid_utf8(out));
  }
}

TEST_CASE("shorten: both ends stay and the note says what is missing", "[domain][text]") {
  const std::string text = numbered_lines(100);
  const std::string out = shorten_middle(text, 200, shared_tokenizer());
  CHECK(out.find("line 0: ") == 0);
  CHECK(out.find("line 99: ") != std::string::npos);
  CHECK(out.find("line 50: ") == std::string::npos);
  const std::size_t note = out.find("[... left out here: ");
  REQUIRE(note != std::string::npos);
  const auto missing = std::stoul(out.substr(note + 20));
  const std::size_t note_end = out.find("...]\n\n", note + 5) + 6;
  CHECK(missing + (note - 2) + (out.size() - note_end) == text.size());
  CHECK(shared_tokenizer().count(out) > 150);
}

TEST_CASE("cut: at most the bytes allowed, at a character's border", "[domain][text]") {
  const std::string text = numbered_lines(20);
  CHECK(cut(text, text.size()) == text);
  for (std::size_t limit = 0; limit < text.size(); ++limit) {
    const std::string out = cut(text, limit);
    REQUIRE(out.size() <= limit);
    REQUIRE(is_valid_utf8(out));
  }
  CHECK(cut(text, 100).find("more bytes left out]") != std::string::npos);
  CHECK(cut("\u00e5\u00e5\u00e5", 3) == "\u00e5");
}
