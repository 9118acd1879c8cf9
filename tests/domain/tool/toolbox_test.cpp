#include "domain/tool/toolbox.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

using names = std::vector<std::string>;

std::vector<tool_definition> tools(const names& called) {
  auto list = std::vector<tool_definition>{};
  for (const auto& name : called)
    list.push_back({name, "Does " + name + ".", R"({"type":"object"})"});
  return list;
}

toolbox box(const names& registered, const allow_list& allowed, const names& granted = {}) {
  return *toolbox::make(tools(registered), allowed, granted);
}

tool_call call_of(const std::string& name) {
  auto call = tool_call{};
  call.name = name;
  return call;
}

}  // namespace

TEST_CASE("TB-01 two tools of one name are refused", "[domain][tool]") {
  const auto made = toolbox::make(tools({"a", "b", "a"}), std::nullopt);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == errc::validation_error);
  CHECK(made.error().detail.find("'a'") != std::string::npos);
}

TEST_CASE("TB-02 only what is registered and listed is offered", "[domain][tool]") {
  const auto tools = box({"b", "a"}, names{"a", "ghost"});
  CHECK(tools.names() == names{"a"});
  CHECK(tools.definitions()->size() == 1);
  CHECK(tools.verdict("a") == tool_verdict::runs);
  CHECK(tools.verdict("b") == tool_verdict::not_allowed);
  CHECK(tools.verdict("ghost") == tool_verdict::not_registered);
  CHECK(tools.find("a") != nullptr);
  CHECK(tools.find("b") == nullptr);
}

TEST_CASE("TB-03 an empty list allows nothing", "[domain][tool]") {
  const auto tools = box({"a", "b"}, names{});
  CHECK(tools.definitions()->empty());
  CHECK(tools.verdict("a") == tool_verdict::not_allowed);
  CHECK(refused_call(tools, call_of("a"))->content
        == "Tool 'a' is not available. No tools are available.");
}

TEST_CASE("TB-04 no list allows everything", "[domain][tool]") {
  const auto tools = box({"b", "a"}, std::nullopt);
  CHECK(tools.names() == names{"a", "b"});
  CHECK(tools.verdict("b") == tool_verdict::runs);
  CHECK(tools.verdict("ghost") == tool_verdict::not_registered);
}

TEST_CASE("D-22 an asterisk allows everything", "[domain][tool]") {
  CHECK(box({"b", "a"}, names{"*"}).names() == names{"a", "b"});
  CHECK(box({"b", "a"}, names{"a", "*"}).names() == names{"a", "b"});
}

TEST_CASE("TB-05 an entry is one name and no pattern", "[domain][tool]") {
  CHECK(box({"mcp:srv:x", "mcp:srv:y"}, names{"mcp:srv:*"}).names().empty());
}

TEST_CASE("TB-06 a persona with one tool has that one", "[domain][tool]") {
  CHECK(box({"calculator", "datetime", "file_read", "file_write"}, names{"file_read"}).names()
        == names{"file_read"});
}

TEST_CASE("TB-07 a listed tool that nobody has is simply absent", "[domain][tool]") {
  CHECK(box({"file_read"}, names{"mcp:ghost", "file_read"}).names() == names{"file_read"});
}

TEST_CASE("TB-08 a granted tool comes without being listed", "[domain][tool]") {
  CHECK(box({"file_read", "use_skill"}, names{"file_read"}, {"use_skill"}).names()
        == names{"file_read", "use_skill"});
}

TEST_CASE("TB-09 tools of an assigned server come without being listed", "[domain][tool]") {
  CHECK(box({"file_read", "mcp:mine:t"}, names{"file_read"}, {"mcp:mine:t"}).names()
        == names{"file_read", "mcp:mine:t"});
}

TEST_CASE("AGT-04 a call that must not start says what is there instead", "[domain][tool]") {
  const auto tools = box({"echo", "lookup"}, names{"echo", "lookup", "ghost"});
  CHECK_FALSE(refused_call(tools, call_of("echo")).has_value());
  const auto unknown = refused_call(tools, call_of("other"));
  REQUIRE(unknown);
  CHECK(unknown->is_error);
  CHECK(unknown->content == "Tool 'other' is not available. Available tools: echo, lookup");
  CHECK(refused_call(tools, call_of(""))->content
        == "Tool '' is not available. Available tools: echo, lookup");
  CHECK(refused_call(tools, call_of("ghost"))->content
        == "Tool 'ghost' failed: tool allowed but not registered [name=ghost "
           "reason=not_registered]");
  CHECK(refused_call(tools, call_of(std::string(10'000, 'x')))->content.size() < 300);
}

TEST_CASE("ACT-04 viewers read which failure kept a call from starting", "[domain][tool]") {
  const auto tools = box({"echo", "lookup"}, names{"echo", "lookup", "ghost"});
  const auto other = refusal_of(tools, "other");
  CHECK(other.type == "ToolNotAllowedError");
  CHECK(other.message == "tool not allowed [called=other allowed=echo, lookup]");
  const auto ghost = refusal_of(tools, "ghost");
  CHECK(ghost.type == "ToolExecutionError");
  CHECK(ghost.message == "tool allowed but not registered [name=ghost reason=not_registered]");
  CHECK(refusal_of(tool_verdict::not_allowed, "x", names{"a", "b"}).message
        == "tool not allowed [called=x allowed=a, b]");
  CHECK(refusal_of(box({}, names{}), "").message == "tool not allowed [called= allowed=]");
  CHECK(refusal_of(tools, std::string(10'000, 'x')).message.size() < 300);
}

TEST_CASE("MT-05 a call that was cut off is not run and its tool is named", "[domain][tool]") {
  const auto tools = box({"echo"}, names{"echo"});
  auto cut = call_of("echo");
  cut.truncated = true;
  const auto result = refused_call(tools, cut);
  REQUIRE(result);
  CHECK(result->is_error);
  CHECK(result->content.starts_with("Your call of echo was cut off"));
  CHECK(cut_off_text("").starts_with("Your call of tool was cut off"));
}
