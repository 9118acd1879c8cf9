// Records and setups as bytes, with texts that try to break them.

#include "domain/event/codec.hpp"
#include "domain/event/produced_files.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

const auto place = record_place{{"run_1"}, {7}, {1'700'000'000'123}};

std::string line_of(const record& r) {
  auto text = std::string{};
  encode(text, r, place);
  return text;
}

/// Encodes, decodes, encodes again: the bytes are the same, so nothing was lost.
void check_round_trip(const record& r) {
  const auto line = line_of(r);
  INFO(line.substr(0, 400));
  REQUIRE(line.back() == '\n');
  REQUIRE(std::ranges::count(line, '\n') == 1);
  const auto back = decode(std::string_view{line}.substr(0, line.size() - 1));
  REQUIRE(back.has_value());
  CHECK(back->body.index() == r.index());
  CHECK(line_of(back->body) == line);
  CHECK(back->at.value == (is_public(r) ? place.at.value : 0));
}

std::vector<std::string> hostile_texts() {
  auto control = std::string{};
  for (auto c = 1; c < 0x20; ++c)
    control += static_cast<char>(c);
  return {"",
          "plain",
          control,
          std::string{"nul\0inside", 10},
          "quote \" backslash \\ slash / end\\",
          "line\nfeed\r\nand \xE2\x80\xA8 separators \xE2\x80\xA9",
          "\xC3\xA6\xC3\xB8\xC3\xA5 \xF0\x9F\x9A\xA2 \xEF\xBF\xBD",
          R"({"record":"finished"})",
          "{\"seq\":0,\"type\":\"finished\"}",
          "\\u0000 \\n",
          std::string(65'536, 'x')};
}

std::vector<record> records_with(const std::string& text) {
  auto spec = run_spec{{text}, {text}, text, {1, 2}, {}, false, true, "", text};
  auto call = tool_call{text, R"({"a":1})", text, true};
  auto result = tool_result{};
  result.metadata = {{text, text}, {"k", "v"}};
  result.data = R"({"produced_files":["a"]})";
  result.call_id = text;
  result.tool_name = text;
  result.truncated = true;
  result.artifacts = {{text, text, 42, true, false}};
  return {
    fact::accepted{{text}, std::make_shared<const run_spec>(spec)},
    fact::reserved{call_kind::compaction, {3}, {500, std::nullopt}, 256, text, std::nullopt},
    fact::reserved{call_kind::tool_summary, {1}, {9, 0.5}, 60, text, 0.25},
    fact::reserved{call_kind::step, {0}, {500, 2.5}, 256, text, 0.75},
    fact::reserved{call_kind::step, {0}, {500, 2.5}, 256, text, 0.75, true},
    fact::settled{text, {1, 2, true}, 0.25},
    fact::settled{text, {9, 2, false, 5, 4}, 0.25},
    fact::settled{text, {}, 0.0, false},
    fact::retried{text, {1, true, 2, 3'000}},
    fact::retried{text, {2, false, 0, 0}, false},
    fact::replied{text, {5, 6}, {call, call}, 9, text, text, 77, 12.75},
    fact::replied{text, {5, 6}, {call}, 9, text, text, 77, 12.75, {text, text}},
    fact::tool_started{{63}},
    fact::result_kept{{5}, result, {7, 8}, text, true, true},
    fact::skill_asked{{6}, text, skill_outcome::over_budget, 7, text, {1, 2}},
    fact::skill_asked{{0}, text, skill_outcome::active, 1'999, text, {3, 4}},
    fact::reminded{text, {1, 2}, 3},
    fact::reminded{text, {0, 0}, std::nullopt},
    fact::answered{text, {1, 2}, false},
    fact::folded{2, 9, text, {3, 4}, true},
    fact::fold_failed{},
    fact::shortened{4, text, {1, 2}},
    fact::winding_up{run_status::budget_exhausted},
    fact::concluded{text, text, text},
    fact::concluded{std::nullopt, "", ""},
    fact::started{text},
    fact::resumed{{3}, {4}, resume_reason::handover},
    fact::memory_recall{memory_store_kind::worldview, 0, text},
    fact::memory_recall{memory_store_kind::episodic, 3, {}},
    fact::thinking{{5}},
    fact::activity_began{{text, text, text, text, {{text, text}, {"k", "v"}}}, {6}},
    fact::activity_ended{{text, activity_status::denied, 12.5, true, text}, {6}},
    fact::activity_ended{{text, activity_status::ok, 0, false, {}}, {6}},
    fact::memory_changed{{6}, text, memory_store_kind::self_facts, text, text},
    fact::tool_calling{{6}, {call}},
    fact::tool_result{{7}, text, text, true, text, R"(["a.txt",{"b":1}])", result.artifacts},
    fact::tool_result{{7}, text, text, false, text, "", {}},
    fact::asking_user{{8}, text, {text, text}, text},
    fact::user_responded{{9}, text},
    fact::question_suppressed{{10}, text, suppress_reason::repeated},
    fact::reasoning{{11}, text},
    fact::compacted{{12}, 10, 7, 9'000, 500, false},
    fact::fell_over{{13}, text, text, text, text, 503},
    fact::fell_over{{13}, text, text, text, text, 0},
    fact::budget{{14}, budget_kind::cost_cents, 1.5, 0.1, 0.3},
    fact::completed{{15}, text},
    fact::cancelled{{16}, text},
    fact::max_steps{{17}, text},
    fact::error{{18}, text, text},
    fact::finished{{19}, run_status::cancelled},
  };
}

TEST_CASE("every kind of record encodes and decodes to itself, whatever its texts are",
          "[domain][event]") {
  auto seen = std::vector<bool>(std::variant_size_v<record>, false);
  for (const auto& text : hostile_texts()) {
    for (const auto& r : records_with(text)) {
      check_round_trip(r);
      seen.at(r.index()) = true;
    }
  }
  CHECK(std::ranges::count(seen, false) == 0);
}

TEST_CASE("texts come back byte by byte", "[domain][event]") {
  for (const auto& text : hostile_texts()) {
    auto line = line_of(fact::reasoning{{1}, text});
    line.pop_back();
    const auto back = decode(line).value();
    CHECK(std::get<fact::reasoning>(back.body).content == text);
  }
}

TEST_CASE("bytes that are not UTF-8 become replacement characters, and stay readable",
          "[domain][event]") {
  for (const auto* bad : {"\xff", "\xc3", "a\xe2\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    for (const auto& r : records_with(std::string{"x"} + bad + "y"))
      check_round_trip(r);
    auto line = line_of(fact::completed{{1}, bad});
    line.pop_back();
    const auto back = decode(line);
    REQUIRE(back.has_value());
    CHECK(std::get<fact::completed>(back->body).output.find("\xEF\xBF\xBD") != std::string::npos);
  }
}

TEST_CASE("signed thinking comes back byte by byte, and old journals have none",
          "[domain][event]") {
  const auto signed_by_one =
    sealed_thinking{"a/m", R"([{"type":"thinking","thinking":"\u00e6 \n","signature":"x=="}])"};
  auto line = line_of(fact::replied{"", {}, {}, 0, "", "", 0, 0, signed_by_one});
  line.pop_back();
  CHECK(std::get<fact::replied>(decode(line)->body).thinking == signed_by_one);
  auto old = line_of(fact::replied{"", {}, {}, 0, "", "", 0, 0});
  CHECK(old.find("thinking") == std::string::npos);
  old.pop_back();
  CHECK(std::get<fact::replied>(decode(old)->body).thinking == sealed_thinking{});
}

TEST_CASE("what a cache held comes back, and old journals say nothing of it", "[domain][event]") {
  const auto usage_in = [](const token_usage& usage) {
    auto line = line_of(fact::settled{"a/m", usage, 0.25});
    line.pop_back();
    CHECK((line.find("cache") != std::string::npos) == (usage.cache_read + usage.cache_write > 0));
    return std::get<fact::settled>(decode(line)->body).usage;
  };
  for (const auto& usage :
       {token_usage{9, 2, false}, token_usage{9, 2, false, 5, 4}, token_usage{9, 2, true, 0, 4}})
    CHECK(usage_in(usage) == usage);
}

TEST_CASE("raw JSON with line feeds stays one line", "[domain][event]") {
  const auto raw = std::string{"{\n  \"q\": \"a\\nb\",\r\n \"n\": [1, 2.5, true, null]\n}"};
  for (const record& r :
       {record{fact::tool_calling{{1}, {{"search", raw, "c", false}}}},
        record{fact::replied{"", {}, {{"search", raw, "c", false}}, 0, "", "", 0, 0}}}) {
    auto line = line_of(r);
    CHECK(std::ranges::count(line, '\n') == 1);
    line.pop_back();
    const auto back = decode(line);
    REQUIRE(back.has_value());
    const auto& calls = std::holds_alternative<fact::replied>(back->body)
                          ? std::get<fact::replied>(back->body).calls
                          : std::get<fact::tool_calling>(back->body).calls;
    CHECK(calls.at(0).arguments == R"({"q":"a\nb","n":[1,2.5,true,null]})");
  }
}

TEST_CASE("arguments as deep as an adapter lets through can be read back", "[domain][event]") {
  constexpr auto depth = std::size_t{1'023};
  const auto raw = R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  auto line = line_of(fact::replied{"", {}, {{"search", raw, "c", false}}, 0, "", "", 0, 0});
  line.pop_back();
  const auto back = decode(line);
  REQUIRE(back.has_value());
  CHECK(std::get<fact::replied>(back->body).calls.at(0).arguments == raw);
}

TEST_CASE("a body is its lines, in order", "[domain][event]") {
  auto body = std::string{};
  for (const auto& r : records_with("x"))
    encode(body, r, place);
  const auto back = decode_body(body);
  REQUIRE(back.has_value());
  CHECK(back->size() == records_with("x").size());
  CHECK(std::holds_alternative<fact::accepted>(back->front().body));
  CHECK(std::holds_alternative<fact::finished>(back->back().body));
  CHECK(decode_body("").value().empty());
}

TEST_CASE("garbage is refused with a reason", "[domain][event]") {
  const auto lines = std::array<std::string, 15>{
    "",
    "x",
    "null",
    "[]",
    "{}",
    "7",
    R"({"record":"unheard_of"})",
    R"({"record":7})",
    R"({"record":"settled"})",
    R"({"seq":0,"run_id":"r","type":"unheard_of","step":0,"data":{},"timestamp":"2026-11-21T08:15:30Z"})",
    R"({"seq":0,"run_id":"r","type":"reasoning","step":0,"data":{},"timestamp":"2026-11-21T08:15:30Z"})",
    R"({"seq":0,"run_id":"r","type":"thinking","step":"0","data":{},"timestamp":"2026-11-21T08:15:30Z"})",
    R"({"seq":0,"run_id":"r","type":"thinking","step":0,"data":{}})",
    R"({"record":"winding_up","status":"finished"})",
    "{\"record\":\"fold_failed\"",
  };
  for (const auto& line : lines) {
    INFO(line);
    const auto back = decode(line);
    REQUIRE_FALSE(back.has_value());
    CHECK(back.error().code == errc::internal_error);
    CHECK(back.error().detail.size() <= 512);
    CHECK_FALSE(decode_body(line + "\n" + line).has_value());
  }
}

std::string with_replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

TEST_CASE("a result whose metadata is no object of texts is refused", "[domain][event]") {
  auto kept = fact::result_kept{};
  kept.rest.metadata.emplace("k", "v");
  const auto line = line_of(kept);
  REQUIRE(decode(line).has_value());
  for (const auto* other : {"null", "7", "[]", R"({"k":null})", R"({"k":{}})"}) {
    INFO(other);
    CHECK_FALSE(decode(with_replaced(line, R"({"k":"v"})", other)).has_value());
  }
}

TEST_CASE("a number that its field cannot hold is refused", "[domain][event]") {
  auto spec = run_spec{};
  spec.setup_hash = "s";
  spec.limits.max_tokens = 77'777;
  const auto line = line_of(fact::accepted{{"run_1"}, std::make_shared<const run_spec>(spec)});
  REQUIRE(decode(line).has_value());
  CHECK_FALSE(decode(with_replaced(line, "77777", "-1")).has_value());
}

TEST_CASE("every line of a record that was cut is refused", "[domain][event]") {
  for (const auto& r : records_with("a text")) {
    const auto line = line_of(r);
    for (auto size = std::size_t{0}; size + 1 < line.size(); ++size) {
      INFO(line.substr(0, size));
      REQUIRE_FALSE(decode(line.substr(0, size)).has_value());
    }
  }
}

message_ptr text_message(role from, std::string text) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{std::move(text)};
  m.size = {3, 4};
  return std::make_shared<const message>(std::move(m));
}

run_setup setup_with(const std::string& text) {
  auto s = run_setup{};
  s.floor = text_message(role::system, text);
  s.no_answer = text_message(role::user, text);
  s.reasoning_nudge = text_message(role::user, text);
  s.strong_nudge = text_message(role::user, text);
  s.invented_tool_nudge = text_message(role::user, text);
  s.tools = {
    {"a", text, R"({"type":"object"})", tool_effect::read_only, true, std::chrono::milliseconds{5}},
    {"b", "", "{}", tool_effect::idempotent, false, std::chrono::milliseconds{60'000}},
    {"c", "", "{}", tool_effect::side_effect}};
  s.allowed = {"a", text};
  s.allows_all = true;
  s.schema_tokens = 77;
  s.questions_max = 3;
  s.texts = {text, text, text, text, text, text, text, text, text, text, text, text, text, {text}};
  return s;
}

/// With skills of every trust, one of them cut and one that takes parameters.
run_setup skilled_setup(const std::string& text) {
  auto s = setup_with(text);
  for (const auto trust : {skill_trust::builtin, skill_trust::vetted, skill_trust::community,
                           skill_trust::third_party}) {
    auto one = skill{};
    one.name = name_of(trust);
    one.content = shared_text{text};
    one.content_tokens = 9;
    one.alone = {one.content, 9, true};
    if (trust == skill_trust::vetted)
      one.alone = {shared_text{text + "cut"}, 5, false};
    if (trust == skill_trust::community)
      one.parameters = R"({"type":"object"})";
    one.trust = trust;
    one.source = text;
    one.content_hash = text;
    s.skills.push_back(std::make_shared<const skill>(std::move(one)));
  }
  s.skills_approved = {"community", text};
  s.about_skills = {text, text, text, text, text, text, text};
  return s;
}

TEST_CASE("a setup reads back equal, and its text is the same every time", "[domain][event]") {
  for (const auto& text : hostile_texts()) {
    const auto setup = setup_with(text);
    const auto stored = encode_setup(setup);
    const auto back = decode_setup(stored);
    REQUIRE(back.has_value());
    CHECK(encode_setup(**back) == stored);
    CHECK(*(*back)->floor == *setup.floor);
    CHECK(*(*back)->no_answer == *setup.no_answer);
    CHECK((*back)->tools == setup.tools);
    CHECK((*back)->allowed == setup.allowed);
    CHECK((*back)->allows_all);
    CHECK((*back)->schema_tokens == 77);
    CHECK((*back)->questions_max == 3);
    CHECK((*back)->texts == setup.texts);
  }
}

TEST_CASE("arguments and parameters that are no object are refused", "[domain][event]") {
  auto line = std::string{};
  encode(line, fact::tool_calling{{3}, {{"search", R"({"q":1})", "a", false}}}, {{"r"}, {7}, {}});
  line.pop_back();
  REQUIRE(decode(line).has_value());
  CHECK_FALSE(decode(line.replace(line.find(R"({"q":1})"), 7, "null")).has_value());
  auto setup = setup_with("x");
  setup.tools[0].parameters = "[1]";
  CHECK_FALSE(decode_setup(encode_setup(setup)).has_value());
}

TEST_CASE("a setup with skills reads back equal", "[domain][event]") {
  for (const auto& text : hostile_texts()) {
    const auto setup = skilled_setup(text);
    const auto stored = encode_setup(setup);
    const auto back = decode_setup(stored);
    REQUIRE(back.has_value());
    CHECK(encode_setup(**back) == stored);
    REQUIRE((*back)->skills.size() == setup.skills.size());
    for (auto i = std::size_t{0}; i < setup.skills.size(); ++i)
      CHECK(*(*back)->skills[i] == *setup.skills[i]);
    CHECK((*back)->skills_approved == setup.skills_approved);
    CHECK((*back)->about_skills == setup.about_skills);
  }
}

TEST_CASE("a setup that is none is refused", "[domain][event]") {
  for (const auto* text : {"", "x", "[]", "{}", R"({"messages":{}})"}) {
    INFO(text);
    CHECK_FALSE(decode_setup(text).has_value());
  }
  const auto stored = encode_setup(setup_with("x"));
  for (auto size = std::size_t{0}; size < stored.size(); size += 7)
    REQUIRE_FALSE(decode_setup(stored.substr(0, size)).has_value());
}

}  // namespace
}  // namespace persona_runtime
