#include "domain/conversation/turn_texts.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <sstream>

using namespace persona_runtime;

namespace {

std::string shipped() {
  auto in = std::ifstream{PERSONA_SOURCE_DIR "/config/prompts/chat.yaml"};
  auto text = std::ostringstream{};
  text << in.rdbuf();
  return text.str();
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("the shipped texts of chats are complete", "[domain][conversation]") {
  const auto texts = parse_turn_texts(shipped());
  REQUIRE(texts.has_value());
  CHECK(texts->assume.find("{missing}") != std::string::npos);
  CHECK(texts->history_lead_in.ends_with(":\n"));
  CHECK_FALSE(texts->title_instruction.empty());
}

TEST_CASE("texts of chats with a fault are refused with its line", "[domain][conversation]") {
  const auto refused = [](const std::string& yaml) {
    const auto texts = parse_turn_texts(yaml);
    REQUIRE_FALSE(texts.has_value());
    CHECK(texts.error().front().line > 0);
  };
  refused(replaced(shipped(), "{missing}", "{missed}"));
  refused(replaced(shipped(), "{tools}", "tools"));
  refused(replaced(shipped(), "  fold:", "  fould:"));
  refused(replaced(shipped(), "history:", "histories:"));
  refused("[]");
}
