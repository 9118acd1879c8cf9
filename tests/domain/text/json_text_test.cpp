#include "domain/text/json_text.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <random>

using namespace persona_runtime;

namespace {

std::string quoted(std::string_view text) {
  auto out = std::string{};
  append_json_string(out, text);
  return out;
}

std::string read_back(const std::string& json) {
  return std::string{boost::json::parse(json).as_string()};
}

}  // namespace

TEST_CASE("json text: every byte at every place of a word", "[domain][text]") {
  for (auto byte = 0; byte < 128; ++byte) {
    for (auto at = std::size_t{0}; at < 35; ++at) {
      auto text = std::string(35, 'x');
      text[at] = static_cast<char>(byte);
      INFO(byte << " at " << at);
      const auto json = quoted(text);
      REQUIRE(read_back(json) == text);
      const auto is_plain = byte >= 0x20 && byte != '"' && byte != '\\';
      REQUIRE((json.size() == text.size() + 2) == is_plain);
    }
  }
}

TEST_CASE("json text: what is not UTF-8 becomes U+FFFD, the rest stays", "[domain][text]") {
  CHECK(quoted("eight by\xFFte") == "\"eight by\xEF\xBF\xBDte\"");
  CHECK(quoted("\xC3") == "\"\xEF\xBF\xBD\"");
  CHECK(quoted("bl\u00e5b\u00e6r og \U0001F6A2") == "\"bl\u00e5b\u00e6r og \U0001F6A2\"");
  CHECK(quoted("a\nb\x01") == R"("a\nb\u0001")");
}

TEST_CASE("json text: random texts read back equal", "[domain][text]") {
  auto random = std::mt19937{99};
  const auto parts = std::vector<std::string>{"plain words ", "\"",   "\\", "\n", "\u00e5",
                                              "\x7f",         "\x1f", "~",  " ",  "\U0001F6A2"};
  for (auto round = 0; round < 2000; ++round) {
    auto text = std::string{};
    for (auto n = random() % 12; n > 0; --n)
      text += parts[random() % parts.size()];
    INFO(text);
    REQUIRE(read_back(quoted(text)) == text);
  }
}

TEST_CASE("json text: line feeds inside foreign JSON become spaces", "[domain][text]") {
  auto out = std::string{};
  auto o = json_writer{out};
  o.json("a", "{\n \"b\":\r\n1}").close();
  CHECK(out == R"({"a":{  "b":  1}})");
}
