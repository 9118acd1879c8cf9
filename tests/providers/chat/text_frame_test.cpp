#include "providers/chat/openai_answer.hpp"
#include "providers/chat/text_frame.hpp"
#include "tests/providers/chat/heard.hpp"
#include "tests/support/catch.hpp"

#include <vector>

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

const std::string before = R"({"id":"c1","choices":[{"index":0,"delta":{"content":)";
const std::string behind = R"(},"logprobs":null,"finish_reason":null}],"usage":null} )";

std::string with_text(std::string_view quoted) {
  return before + std::string{quoted} + behind;
}

text_frame learnt() {
  auto frame = text_frame{};
  frame.learn(with_text(R"("first")"), before.size(), 7);
  return frame;
}

/// What an answer comes to that consists of `events`.
struct outcome {
  std::vector<bool> went_on;
  answer_parts parts;
  model_error error;
  std::string text;
  std::string reasoning;
  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome outcome_of(const std::vector<std::string>& events) {
  auto sink = heard{};
  auto answer = openai_answer{"groq", "m-1", &sink};
  auto out = outcome{};
  for (const auto& event : events) {
    out.went_on.push_back(answer.add_event(event));
    if (!out.went_on.back())
      break;
  }
  const auto parts = answer.finish();
  (parts ? static_cast<void>(out.parts = *parts) : static_cast<void>(out.error = parts.error()));
  out.text = sink.text;
  out.reasoning = sink.reasoning;
  return out;
}

const std::string last = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";

/// `event` means the same behind an event that brought text and had `before` and `behind` around
/// it as behind one that had something else.
void check_same(const std::string& event) {
  CAPTURE(event);
  const auto other = R"({"choices":[{"delta":{"content":"a"}}]})";
  CHECK(outcome_of({with_text(R"("a")"), event, last}) == outcome_of({other, event, last}));
}

}  // namespace

TEST_CASE("a frame finds the text of what is the same but for it", "[providers][openai]") {
  const auto frame = learnt();
  CHECK(frame.text_in(with_text(R"("next, one!")")) == "next, one!");
  CHECK(frame.text_in(with_text(R"("")")) == "");
  CHECK(frame.text_in(with_text('"' + std::string(256, 'x') + '"')) == std::string(256, 'x'));
}

TEST_CASE("a frame leaves to the parser what may mean something else", "[providers][openai]") {
  const auto frame = learnt();
  for (const auto* quoted :
       {"null", "7", "\"", "", R"("a"b")", R"("a\n")", R"("\")", "\"a\tb\"", "\"\xC3\xA6\"",
        "\"\x7F\"", R"(["a"])", R"( "a")", R"("a" )", R"("a","content":"b")"}) {
    CAPTURE(quoted);
    CHECK_FALSE(frame.text_in(with_text(quoted)).has_value());
  }
  CHECK_FALSE(frame.text_in(with_text('"' + std::string(257, 'x') + '"')).has_value());
  CHECK_FALSE(frame.text_in("").has_value());
  CHECK_FALSE(frame.text_in(before + "\"a\"").has_value());
  CHECK_FALSE(text_frame{}.text_in(R"("a")").has_value());
}

TEST_CASE("a frame of more than 1 KiB is not kept", "[providers][openai]") {
  auto frame = learnt();
  frame.learn(std::string(1'030, ' ') + R"("a")", 1'030, 3);
  CHECK_FALSE(frame.text_in(std::string(1'030, ' ') + R"("b")").has_value());
}

TEST_CASE("events that resemble the one before mean what they mean elsewhere",
          "[providers][openai]") {
  const auto event = with_text(R"("word")");
  check_same(event);
  for (auto at = std::size_t{0}; at <= event.size(); ++at) {
    check_same(event.substr(0, at));
    check_same(event.substr(at));
    for (const auto c : std::string_view{"\"\\{}[],:ax0 \n\0\xC3\x7F", 16}) {
      auto inserted = event;
      check_same(inserted.insert(at, 1, c));
      if (at < event.size()) {
        auto changed = event;
        changed[at] = c;
        check_same(changed);
      }
    }
  }
}

TEST_CASE("what is said beside a text is not lost when the next event looks the same",
          "[providers][openai]") {
  for (const auto* beside :
       {R"("reasoning":"so ")", R"("reasoning_content":"so ")", R"("content":"again ")",
        R"("tool_calls":[{"index":0,"function":{"name":"f","arguments":"1"}}])"}) {
    const auto event = [&](std::string_view text) {
      return R"({"choices":[{"delta":{"content":")" + std::string{text} + "\"," + beside + "}}]}";
    };
    CAPTURE(beside);
    const auto one = outcome_of({event("a"), last});
    const auto two = outcome_of({event("a"), event("b"), last});
    CHECK((two.parts != one.parts));
    CHECK(two.text.size() == 2 * one.text.size());
    CHECK(two.reasoning.size() == 2 * one.reasoning.size());
    CHECK((two.parts.calls.empty() || two.parts.calls[0].name == "ff"));
  }
}

TEST_CASE("a reason to stop and usage count each time that they are said", "[providers][openai]") {
  const auto finished = [](std::string_view text) {
    return R"({"choices":[{"delta":{"content":")" + std::string{text}
           + R"("},"finish_reason":"length"}]})";
  };
  CHECK(outcome_of({finished("a"), last, finished("b")}).parts.finish == finish_reason::length);
  const auto counted = [](std::string_view text) {
    return R"({"choices":[{"delta":{"content":")" + std::string{text}
           + R"("}}],"usage":{"prompt_tokens":3,"completion_tokens":4}})";
  };
  const auto other = R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":9}})";
  CHECK(outcome_of({counted("a"), other, counted("b"), last}).parts.usage
        == token_usage{3, 4, false});
}

TEST_CASE("text in several parts, or of several choices, is read each time",
          "[providers][openai]") {
  const auto parts = [](std::string_view text) {
    return R"({"choices":[{"delta":{"content":[{"type":"text","text":")" + std::string{text}
           + R"("},{"type":"text","text":"!"}]}},{"delta":{"content":"never"}}]})";
  };
  CHECK(outcome_of({parts("a"), parts("b"), last}).text == "a!b!");
  for (const auto* first : {R"("one ")", R"([{"text":"one "}])"}) {
    const auto twice = [first](std::string_view text) {
      return std::string{R"({"choices":[{"delta":{"content":)"} + first + R"(,"content":")"
             + std::string{text} + R"("}}]})";
    };
    CHECK(outcome_of({twice("a"), twice("b"), last}).text == "one aone b");
  }
}
