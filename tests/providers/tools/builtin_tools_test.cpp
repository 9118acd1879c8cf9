#include "domain/tool/arguments.hpp"
#include "providers/tools/builtin_tools.hpp"
#include "providers/tools/pattern.hpp"
#include "providers/tools/zones.hpp"
#include "tests/providers/tools/tool_probe.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <fstream>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

class kit {
public:
  tool_result call(std::string_view name, std::string arguments) {
    const auto found = std::find_if(tools.begin(), tools.end(), [&](const auto& tool) {
      return tool->definition().name == name;
    });
    REQUIRE(found != tools.end());
    return answer_of(**found, request_for(std::move(arguments)));
  }

  std::shared_ptr<worker_pool> pool = std::make_shared<worker_pool>(2, 100);
  // 2026-03-28T23:00:00Z
  std::vector<std::shared_ptr<tool_body>> tools =
    make_builtin_tools(pool, [] { return instant{1'774'738'800'000}; });
};

/// The rows `| \`a\` | \`b\` |` of a section of docs/tools.md.
std::vector<std::pair<std::string, std::string>> examples_of(const std::string& section) {
  auto file = std::ifstream{PERSONA_SOURCE_DIR "/docs/tools.md"};
  auto rows = std::vector<std::pair<std::string, std::string>>{};
  auto inside = false;
  for (auto line = std::string{}; std::getline(file, line);) {
    if (line.starts_with("#"))
      inside = line == "### " + section;
    const auto middle = line.find("` | `");
    if (!inside || !line.starts_with("| `") || middle == std::string::npos)
      continue;
    auto left = line.substr(3, middle - 3);
    for (auto at = left.find("\\|"); at != std::string::npos; at = left.find("\\|"))
      left.erase(at, 1);
    const auto begin = middle + 5;
    rows.emplace_back(left, line.substr(begin, line.rfind("` |") - begin));
  }
  return rows;
}

std::string json_of(const std::string& text) {
  return boost::json::serialize(boost::json::string_view{text});
}

}  // namespace

TEST_CASE("The examples of docs/tools.md are true", "[providers][tools]") {
  auto k = kit{};
  auto count = 0;
  const auto check = [&](std::string_view tool, const std::string& arguments,
                         const std::string& expected) {
    CAPTURE(tool, arguments);
    CHECK(k.call(tool, arguments).content == expected);
    ++count;
  };
  for (const auto& [expression, result] : examples_of("calculator"))
    check("calculator", R"({"expression":)" + json_of(expression) + "}", result);
  for (const auto& [arguments, result] : examples_of("datetime"))
    check("datetime", arguments, result);
  for (const auto& [arguments, result] : examples_of("regex_match"))
    check("regex_match", arguments, result);
  const auto berths = std::string{R"({"berths": [{"id": 1, "free": true, "length": 12.5},
                                      {"id": 2, "free": false, "length": 8}]})"};
  for (const auto& [query, result] : examples_of("json_query"))
    check("json_query",
          R"({"json_input":)" + json_of(berths) + R"(,"query":)" + json_of(query) + "}", result);
  CHECK(count >= 23);
}

TEST_CASE("TC-07 every built-in tool describes itself", "[providers][tools]") {
  auto names = std::vector<std::string>{};
  for (const auto& tool : kit{}.tools) {
    const auto& definition = tool->definition();
    CAPTURE(definition.name);
    names.push_back(definition.name);
    CHECK_FALSE(definition.name.empty());
    CHECK(definition.name.size() <= 64);
    CHECK(definition.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
    CHECK(definition.description.size() > 40);
    CHECK(definition.timeout > std::chrono::seconds{0});
    const auto schema = boost::json::parse(definition.parameters);
    CHECK(schema.at("type") == "object");
    CHECK(schema.at("additionalProperties") == false);
    const auto report = check_schema(definition.parameters, pattern_compiles);
    CHECK(report.problems.empty());
    CHECK(report.ignored.empty());
  }
  CHECK(names
        == std::vector<std::string>{"calculator", "datetime", "file_read", "file_write",
                                    "json_query", "regex_match", "text_diff"});
}

TEST_CASE("Effects say what a crash may repeat", "[providers][tools]") {
  for (const auto& tool : kit{}.tools) {
    const auto& definition = tool->definition();
    const auto writes = definition.name == "file_write";
    CAPTURE(definition.name);
    CHECK(definition.effect == (writes ? tool_effect::idempotent : tool_effect::read_only));
    CHECK(definition.exclusive == writes);
  }
}

TEST_CASE("TC-06 a definition that is copied and changed leaves the tool's alone",
          "[providers][tools]") {
  const auto k = kit{};
  auto copy = k.tools.front()->definition();
  copy.parameters.clear();
  CHECK_FALSE(k.tools.front()->definition().parameters.empty());
}

TEST_CASE("BT-13 calculator as a tool", "[providers][tools]") {
  auto k = kit{};
  const auto result = k.call("calculator", R"({"expression":"0.1+0.2"})");
  CHECK(result.content == "0.3");
  CHECK(result.data == R"({"expression":"0.1+0.2","result":0.3})");
  CHECK(k.call("calculator", R"({"expression":7})").content
        == "Invalid arguments: Input should be a valid string (at expression)");
  CHECK(k.call("calculator", "{}").is_error);
}

TEST_CASE("BT-15 datetime as a tool, with the zones of this machine", "[providers][tools]") {
  auto k = kit{};
  CHECK(k.call("datetime", "{}").content == "2026-03-28T23:00:00+00:00 UTC (Saturday)");
  CHECK(k.call("datetime", R"({"timezone":"Europe/Oslo"})").content
        == "2026-03-29T00:00:00+01:00 Europe/Oslo (Sunday)");
  CHECK(k.call("datetime", R"({"operation":"convert","datetime":"2026-07-01T12:00",
                               "to_timezone":"Europe/Oslo"})")
          .content
        == "2026-07-01T14:00:00+02:00 Europe/Oslo (Wednesday)");
  CHECK(k.call("datetime", R"({"operation":"add","datetime":"2026-03-28T12:00","amount":"1",
                               "unit":"days","timezone":"Europe/Oslo"})")
          .content
        == "2026-03-29T12:00:00+02:00 (Sunday)");
  CHECK(
    k.call("datetime", R"({"operation":"diff","datetime":"2026-01-01","end":"2026-01-02"})").content
    == "86400 seconds (1 days and 0 seconds)");
  CHECK(k.call("datetime", R"({"operation":"weekday","datetime":"2026-05-17"})").content
        == "2026-05-17T00:00:00+00:00 (Sunday)");
  CHECK(k.call("datetime", R"({"operation":"jump"})")
          .content.starts_with("Invalid arguments: Input should be one of"));
  CHECK(k.call("datetime", R"({"timezone":"../../etc/passwd"})").is_error);
  CHECK(k.call("datetime", R"({"operation":"add","datetime":"2026-01-01","amount":null,
                               "unit":"days"})")
          .content
        == "operation 'add' also needs: amount");
}

TEST_CASE("Zones are known by their exact names", "[providers][tools]") {
  const auto zones = machine_zones();
  const auto moment = std::chrono::sys_seconds{std::chrono::seconds{1'774'738'800}};
  CHECK(zones("UTC", moment) == std::chrono::seconds{0});
  CHECK(zones("Asia/Kolkata", moment) == std::chrono::seconds{19'800});
  CHECK(zones("America/New_York", moment) == std::chrono::seconds{-14'400});
  for (const auto* name : {"", "europe/oslo", "Europe", "/etc/passwd", "../UTC", "Moon"})
    CHECK_FALSE(zones(name, moment).has_value());
}

TEST_CASE("BT-16 regex_match as a tool", "[providers][tools]") {
  auto k = kit{};
  CHECK(k.call("regex_match", R"({"pattern":"b+","text":"abba"})").data
        == R"({"matched":true,"match":"bb","groups":[],"span":[1,3]})");
  CHECK(k.call("regex_match", R"({"pattern":"B","text":"abba","operation":"sub",
                                  "replacement":"x","ignore_case":"yes"})")
          .content
        == "axxa");
  CHECK(k.call("regex_match", R"({"pattern":"a","text":"a","operation":"sub"})").is_error);
}

TEST_CASE("BT-17 json_query as a tool", "[providers][tools]") {
  auto k = kit{};
  CHECK(k.call("json_query", R"({"json_input":"{\"a\":[1,2]}","query":"a[1]"})").content == "2");
  CHECK_FALSE(k.call("json_query", R"({"json_input":"{}","query":"a"})").is_error);
  CHECK(k.call("json_query", R"({"json_input":"{","query":"a"})").is_error);
}

TEST_CASE("BT-18 text_diff as a tool", "[providers][tools]") {
  auto k = kit{};
  CHECK(k.call("text_diff", R"({"a":"1","b":"2","label_b":"new","context_lines":"0"})").content
        == "--- original\n+++ new\n@@ -1 +1 @@\n-1\n+2\n");
  CHECK(k.call("text_diff", R"({"a":"x\u0000","b":"x"})").is_error);
}

TEST_CASE("Many calls at once are all answered", "[providers][tools]") {
  auto k = kit{};
  auto answers = std::vector<std::future<tool_result>>{};
  auto calls = std::vector<std::unique_ptr<pending_call>>{};
  for (auto i = 0; i < 40; ++i) {
    auto answered = std::make_shared<std::promise<tool_result>>();
    answers.push_back(answered->get_future());
    calls.push_back(
      k.tools.front()->start(request_for(R"({"expression":"2**)" + std::to_string(i) + R"("})"),
                             [answered](tool_result r) { answered->set_value(std::move(r)); }));
  }
  for (std::size_t i = 0; i < answers.size(); ++i)
    CHECK(answers[i].get().content == std::to_string(std::uint64_t{1} << i));
}
