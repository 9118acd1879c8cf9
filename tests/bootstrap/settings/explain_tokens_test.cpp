#include "bootstrap/cli/explain_tokens.hpp"
#include "bootstrap/data_files.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace persona_runtime {
namespace {

const tokenizer& counter() {
  static const auto loaded = load_tokenizer(PERSONA_SOURCE_DIR "/config");
  REQUIRE(loaded.has_value());
  return **loaded;
}

std::vector<boost::json::object> answers(const std::string& lines) {
  std::istringstream in{lines};
  std::ostringstream out;
  CHECK(cli::explain_tokens_jsonl(counter(), in, out) == 0);
  std::istringstream printed{out.str()};
  std::vector<boost::json::object> parsed;
  for (std::string line; std::getline(printed, line);) {
    parsed.push_back(boost::json::parse(line).as_object());
  }
  return parsed;
}

}  // namespace

TEST_CASE("explain tokens: a line in, a line out, in the same order", "[bootstrap][cli]") {
  const auto out = answers("{\"id\": 7, \"text\": \"hello world\"}\n{\"text\": \"\"}\n");
  REQUIRE(out.size() == 2);
  CHECK(out[0].at("id") == 7);
  CHECK(out[0].at("count") == 2);
  CHECK(out[0].at("ids") == boost::json::array{15339, 1917});
  CHECK_FALSE(out[1].contains("id"));
  CHECK(out[1].at("count") == 0);
  CHECK(out[1].at("ids").as_array().empty());
}

TEST_CASE("explain tokens: a bad line is answered and the next one goes on", "[bootstrap][cli]") {
  const auto out =
    answers("nonsense\n[1]\n{\"id\":\"a\"}\n{\"id\":\"b\",\"text\":5}\n"
            "{\"id\":\"c\",\"text\":\"x\",\"txt\":1}\n\n{\"id\":\"d\",\"text\":\"x\"}");
  REQUIRE(out.size() == 6);
  CHECK(out[0].at("id").is_null());
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(out[i].contains("error"));
    CHECK_FALSE(out[i].contains("count"));
  }
  CHECK(out[2].at("id") == "a");
  CHECK(out[4].at("id") == "c");
  CHECK(out[5].at("count") == 1);
}

TEST_CASE("explain tokens: hostile lines are answered", "[bootstrap][cli]") {
  const auto out = answers(std::string(10'000, '[') + '\n' + std::string((16u << 20) + 1, 'x')
                           + "\n{\"id\":1,\"text\":\"\\ud800\"}\n{\"id\":2,\"text\":\"ok\"}\n");
  REQUIRE(out.size() == 4);
  CHECK(out[0].contains("error"));
  CHECK(out[1].at("error").as_string().find("16 MiB") != std::string::npos);
  CHECK(out[2].contains("error"));
  CHECK(out[3].at("count") == 1);
}

TEST_CASE("explain tokens for people shows count and tokens", "[bootstrap][cli]") {
  std::istringstream in{"hello \"\n"};
  std::ostringstream out;
  std::ostringstream err;
  CHECK(cli::explain_tokens(counter(), in, out, err) == 0);
  CHECK(out.str().find("8 bytes") != std::string::npos);
  CHECK(out.str().find("15339  \"hello\"") != std::string::npos);
  CHECK(out.str().find("\\\"\\x0a") != std::string::npos);
  std::istringstream large{std::string((16u << 20) + 1, 'x')};
  CHECK(cli::explain_tokens(counter(), large, out, err) == 1);
  CHECK(err.str().find("16 MiB") != std::string::npos);
}

}  // namespace persona_runtime
