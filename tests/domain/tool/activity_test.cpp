#include "domain/tool/activity.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

template <class Activity>
std::string json_of(const Activity& a) {
  auto out = std::string{};
  append_activity(out, a);
  return out;
}

tool_result a_result(std::string content, bool is_error = false) {
  auto r = tool_result{};
  r.content = std::move(content);
  r.is_error = is_error;
  return r;
}

std::string many(std::size_t count) {
  auto out = std::string{};
  for (auto i = std::size_t{0}; i < count; ++i)
    out += "ø";
  return out;
}

}  // namespace

TEST_CASE("ACT-01 a start and an end of any tool, known or not", "[domain][tool]") {
  auto call = tool_call{"never_registered", R"({"b":1,"a":"x"})", "c1", false};
  const auto start = start_of(call, "00ff");
  CHECK(json_of(start)
        == R"({"activity_id":"00ff","kind":"tool","name":"never_registered",)"
           R"("label":"Using never_registered","args_summary":{"a":"x","b":"1"}})");
  CHECK(json_of(end_of(start.activity_id, a_result("done"), 12.5))
        == R"({"activity_id":"00ff","status":"ok","duration_ms":12.5,"is_error":false,)"
           R"("result_summary":"done"})");
  call.name = "mcp:weather:get";
  CHECK(start_of(call, "x").kind == "mcp");
}

TEST_CASE("TA-04 ACT-03 a call that a gate held up says how it ended", "[domain][tool]") {
  const auto end =
    failed_end_of("id", activity_status::awaiting_approval, "ApprovalNeeded", "ask first", 1);
  CHECK(end.is_error);
  CHECK(end.result_summary == "ApprovalNeeded: ask first");
  CHECK_THAT(json_of(end), Contains(R"("status":"awaiting_approval","duration_ms":1,)"
                                    R"("is_error":true)"));
  CHECK(name_of(activity_status::denied) == "denied");
}

TEST_CASE("TA-05 ACT-04 ACT-05 errors end as errors", "[domain][tool]") {
  const auto end = end_of("id", a_result("boom", true), 0);
  CHECK(end.status == activity_status::error);
  CHECK(end.is_error);
  const auto refused =
    failed_end_of("id", activity_status::error, "ToolNotAllowedError", many(200), 0);
  CHECK(refused.result_summary == "ToolNotAllowedError: " + many(99));
}

TEST_CASE("ACT-06 secrets and long values stay out of the event", "[domain][tool]") {
  const auto call = tool_call{
    "lookup", R"({"api_key":"hunter2","text":")" + std::string(5'000, 'x') + R"("})", "", false};
  const auto json = json_of(start_of(call, "id"));
  CHECK_THAT(json, !Contains("hunter2") && Contains("‹redacted›") && Contains("(+4880 chars)"));
}

TEST_CASE("ACT-09 an empty result has no summary; a long one is cut between characters",
          "[domain][tool]") {
  CHECK_THAT(json_of(end_of("id", a_result(""), 0)), !Contains("result_summary"));
  CHECK(end_of("id", a_result(many(120)), 0).result_summary == many(120));
  CHECK(end_of("id", a_result(many(121)), 0).result_summary == many(120) + "…");
}
