#include "domain/conversation/conversation.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

conversation_message a_message(message_content content, role from = role::user) {
  const auto at = parse_time("2026-03-02T18:40:00Z");
  return {from, std::move(content), at->value};
}

std::string json_of(const conversation_message& m) {
  auto out = std::string{};
  append_message(out, m);
  return out;
}

std::string with_time(const std::string& time) {
  return R"({"role":"user","content":"hi","created_at":")" + time
         + R"(","metadata":{},"tool_calls":[]})";
}

std::string with_content(const std::string& content) {
  return R"({"role":"user","content":)" + content + R"(,"created_at":"2026-03-02T18:40:00Z"})";
}

std::string problem_of_json(const std::string& json) {
  const auto read = message_of(json);
  return read ? "" : read.error().detail;
}

const auto an_image = image_block{"uploads/a.png", image_type::png, shared_text{"\x89PNG"}};

}  // namespace

TEST_CASE("TYPE-01 a message with a naive time is rejected", "[domain][conversation]") {
  CHECK_THAT(problem_of_json(with_time("2026-03-02T18:40:00")), Contains("offset"));
  CHECK_THAT(problem_of_json(with_time("yesterday")), Contains("created_at"));
  CHECK(problem_of_json(with_time("2026-03-02T18:40:00Z")).empty());
}

TEST_CASE("TYPE-02 the offset of a time is kept", "[domain][conversation]") {
  const auto read = message_of(with_time("2026-03-02T18:40:00+02:00"));
  REQUIRE(read.has_value());
  CHECK(read->created_at.offset_minutes == 120);
  CHECK_THAT(json_of(*read), Contains("+02:00"));
  CHECK(*message_of(json_of(*read)) == *read);
}

TEST_CASE("TYPE-03 a list of one text block is rejected, whoever says it",
          "[domain][conversation]") {
  const auto single = message_content{std::vector<content_block>{text_block{"hi"}}};
  CHECK_THAT(problem_of(single), Contains("single text block"));
  for (const std::string from : {"user", "assistant", "system", "tool"}) {
    auto json = with_content(R"([{"type":"text","text":"hi"}])");
    json.replace(json.find("user"), 4, from);
    CHECK_THAT(problem_of_json(json), Contains("single text block"));
  }
  CHECK_THAT(problem_of_json(with_content("[]")), Contains("without blocks"));
}

TEST_CASE("TYPE-04 two texts, an image, or both are accepted in their order",
          "[domain][conversation]") {
  using blocks = std::vector<content_block>;
  for (const auto& content :
       {blocks{text_block{"a"}, text_block{"b"}}, blocks{an_image},
        blocks{text_block{""}, an_image}, blocks{an_image, text_block{"t"}}}) {
    CHECK(problem_of(content).empty());
    const auto read = message_of(json_of(a_message(content)));
    REQUIRE(read.has_value());
    const auto& back = std::get<blocks>(read->content);
    REQUIRE(back.size() == content.size());
    for (auto i = std::size_t{0}; i < back.size(); ++i)
      CHECK(back[i].index() == content[i].index());
  }
}

TEST_CASE("TYPE-05 blocks keep their kind in JSON, and the bytes of images are gone",
          "[domain][conversation]") {
  auto m = a_message(std::vector<content_block>{text_block{"look"}, an_image});
  const auto json = json_of(m);
  CHECK_THAT(json, !Contains("PNG"));
  CHECK_THAT(json, Contains(R"({"type":"image","workspace_path":"uploads/a.png",)"
                            R"("media_type":"image/png"})"));
  std::get<image_block>(std::get<std::vector<content_block>>(m.content)[1]).bytes = {};
  CHECK(*message_of(json) == m);
  CHECK(text_of(m) == "look");
}

TEST_CASE("TYPE-06 a plain message has exactly five keys, empty ones too",
          "[domain][conversation]") {
  CHECK(json_of(a_message("hi \"there\""))
        == R"({"role":"user","content":"hi \"there\"","created_at":"2026-03-02T18:40:00Z",)"
           R"("metadata":{},"tool_calls":[]})");
}

TEST_CASE("TYPE-07 media types are the four, case-sensitive", "[domain][conversation]") {
  for (const std::string type : {"image/PNG", "image/tiff", ""}) {
    CHECK_THAT(problem_of_json(with_content(
                 R"([{"type":"image","workspace_path":"a","media_type":")" + type + R"("}])")),
               Contains("content[0].media_type"));
    CHECK_FALSE(image_type_of(type));
  }
  for (const auto t : {image_type::png, image_type::jpeg, image_type::webp, image_type::gif})
    CHECK(image_type_of(name_of(t)) == t);
}

TEST_CASE("TYPE-08 unknown, repeated and missing fields are rejected by name",
          "[domain][conversation]") {
  const auto base = std::string{R"("role":"user","content":"x","created_at":"2026-01-01T00:00Z")"};
  CHECK(problem_of_json('{' + base + '}').empty());
  CHECK_THAT(problem_of_json('{' + base + R"(,"mood":1})"), Contains("mood is not a known field"));
  CHECK_THAT(problem_of_json('{' + base + R"(,"role":"user"})"), Contains("role stands twice"));
  CHECK_THAT(problem_of_json(R"({"role":"user","content":"x"})"),
             Contains("created_at is missing"));
  CHECK_THAT(problem_of_json('{' + base + R"(,"tool_calls":[{"name":"t","speed":1}]})"),
             Contains("tool_calls[0].speed"));
  CHECK_THAT(problem_of_json('{' + base + R"(,"tool_calls":[{"name":"t","args":[]}]})"),
             Contains("args must be an object"));
  CHECK_THAT(problem_of_json(with_content(R"([{"type":"text","text":"x","y":1},{"type":"text"}])")),
             Contains("content[0].y"));
  CHECK_THAT(problem_of_json(with_content(R"([{"text":"x"}])")), Contains("content[0].type"));
  CHECK_THAT(problem_of_json(with_content(R"([{"type":"film"}])")), Contains("text or image"));
  CHECK_THAT(problem_of_json(with_content("7")), Contains("content must be a list"));
  CHECK_THAT(problem_of_json(R"({"role":"boss","content":"x","created_at":"2026-01-01T00:00Z"})"),
             Contains("role must be"));
  CHECK_THAT(problem_of_json("{"), Contains("no JSON"));
  CHECK_THAT(problem_of_json("[]"), Contains("must be an object"));
}

TEST_CASE("TYPE-11 a negative compacted_up_to is rejected, and one past the end",
          "[domain][conversation]") {
  const auto with = [](const std::string& number) {
    return R"({"conversation_id":"conv_1","persona_id":"p","messages":[],"compacted_summary":"",)"
           R"("compacted_up_to":)"
           + number + '}';
  };
  CHECK_THAT(conversation_of(with("-1")).error().detail, Contains("compacted_up_to"));
  CHECK_THAT(conversation_of(with("1")).error().detail, Contains("past the last message"));
  REQUIRE(conversation_of(with("0")).has_value());
}

TEST_CASE("TYPE-12 an originated message says so, in its metadata only", "[domain][conversation]") {
  auto m = a_message("Good morning.", role::assistant);
  CHECK_FALSE(is_originated(m));
  m.metadata["originated"] = "true";
  CHECK(is_originated(m));
  CHECK_THAT(json_of(m), Contains(R"("metadata":{"originated":"true"})"));
  CHECK(*message_of(json_of(m)) == m);
  m.from = role::user;
  CHECK_FALSE(is_originated(m));
}

TEST_CASE("a conversation survives its JSON", "[domain][conversation]") {
  auto c = conversation{{"conv_1"}, {"persona_1"}};
  c.messages = {a_message("one"), a_message("two", role::assistant)};
  c.messages[1].tool_calls = {{"lookup", R"({"berth":4})", "c1", false}};
  c.messages[1].metadata = {{"kind", "x"}, {"\"odd\n", "y"}};
  c.compacted_summary = "They met.";
  c.compacted_up_to = 1;
  auto json = std::string{};
  append_conversation(json, c);
  CHECK(json.find('\n') == std::string::npos);
  REQUIRE(conversation_of(json).has_value());
  CHECK(*conversation_of(json) == c);
}
