#include "api/routes/body_reader.hpp"
#include "api/routes/read_request.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;

namespace {

result<run_request> read_run(const std::string& body, const api_limits& limits = {},
                             const std::optional<std::string>& key = std::nullopt) {
  const auto value = parse_body(body);
  if (!value)
    return value.error();
  return read_run_request(*value, persona_id{"p"}, key, limits);
}

std::string with(const std::string& field) {
  return R"({"task":"t",)" + field + "}";
}

result<events_query> read_events(const std::string& target,
                                 const std::optional<std::string>& header = std::nullopt) {
  auto request = http_request{};
  request.last_event_id = header;
  return read_events_query(*parse_target(target), request);
}

}  // namespace

TEST_CASE("a run request with every field", "[api][request]") {
  const auto body = parse_body(
    R"({"persona_id":"p1","task":"t","max_steps":0,"max_tokens":1,"max_cost_cents":0.5,
        "deadline_s":1.5,"ask_user":false,"metadata":{"b":1,"a":[{"d":2,"c":3}]}})");
  const auto read = read_run_request(*body, std::nullopt, std::nullopt, {});
  REQUIRE(read.has_value());
  CHECK(read->persona.value == "p1");
  CHECK(read->task == "t");
  CHECK(read->max_steps == 0U);
  CHECK(read->max_tokens == 1U);
  CHECK(read->max_cost_cents == 0.5);
  CHECK(read->deadline_s == 1.5);
  CHECK_FALSE(read->ask_user);
  CHECK(read->metadata == R"({"a":[{"c":3,"d":2}],"b":1})");
  CHECK(read->idempotency_key.empty());
  CHECK(read->request_hash.empty());
}

TEST_CASE("a field that is null counts as absent", "[api][request]") {
  const auto read = read_run(with(R"("max_steps":null,"ask_user":null,"metadata":null)"));
  REQUIRE(read.has_value());
  CHECK_FALSE(read->max_steps);
  CHECK(read->ask_user);
  CHECK(read->metadata.empty());
}

TEST_CASE("HT-08 what does not fit is a validation error that names the field", "[api][request]") {
  struct row {
    std::string body;
    const char* type;
    const char* field;
  };
  const auto rows = std::vector<row>{
    {R"({})", "missing", "task"},
    {R"({"task":null})", "string_type", "task"},
    {R"({"task":""})", "string_too_short", "task"},
    {R"({"task":7})", "string_type", "task"},
    {R"({"task":")" + std::string(65'537, 'x') + R"("})", "string_too_long", "task"},
    {with(R"("model":"x")"), "extra_forbidden", "model"},
    {with(R"("persona_id":"x")"), "extra_forbidden", "persona_id"},
    {with(R"("max_steps":-1)"), "greater_than_equal", "max_steps"},
    {with(R"("max_steps":1001)"), "less_than_equal", "max_steps"},
    {with(R"("max_steps":2.5)"), "int_type", "max_steps"},
    {with(R"("max_steps":true)"), "int_type", "max_steps"},
    {with(R"("max_steps":"5")"), "int_type", "max_steps"},
    {with(R"("max_tokens":0)"), "greater_than_equal", "max_tokens"},
    {with(R"("max_tokens":1e300)"), "less_than_equal", "max_tokens"},
    {with(R"("max_tokens":9223372036854775808)"), "less_than_equal", "max_tokens"},
    {with(R"("max_tokens":18446744073709551615)"), "less_than_equal", "max_tokens"},
    {with(R"("max_tokens":18446744073709551616)"), "less_than_equal", "max_tokens"},
    {with(R"("max_cost_cents":0)"), "greater_than", "max_cost_cents"},
    {with(R"("max_cost_cents":-3)"), "greater_than", "max_cost_cents"},
    {with(R"("max_cost_cents":false)"), "float_type", "max_cost_cents"},
    {with(R"("deadline_s":"NaN")"), "float_type", "deadline_s"},
    {with(R"("deadline_s":0.0)"), "greater_than", "deadline_s"},
    {with(R"("ask_user":1)"), "bool_type", "ask_user"},
    {with(R"("ask_user":"false")"), "bool_type", "ask_user"},
    {with(R"("metadata":[])"), "object_type", "metadata"},
    {with(R"("metadata":{"a":")" + std::string(16'384, 'x') + R"("})"), "too_long", "metadata"},
  };
  for (const auto& row : rows) {
    const auto read = read_run(row.body);
    CAPTURE(row.body.substr(0, 80), row.type);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == errc::validation_error);
    CHECK(read.error().detail.find(std::string{R"([{"type":")"} + row.type + R"(","loc":["body",")"
                                   + row.field + R"("],"msg":")")
          == 0);
  }
}

TEST_CASE("the bounds themselves are legal", "[api][request]") {
  CHECK(read_run(R"({"task":")" + std::string(65'536, 'x') + R"("})").has_value());
  CHECK(read_run(with(R"("max_steps":1000)")).has_value());
  CHECK(read_run(with(R"("max_steps":5.0)"))->max_steps == 5U);
  CHECK(read_run(with(R"("max_tokens":9223372036854775807)"))->max_tokens
        == 9'223'372'036'854'775'807U);
  const auto limits = api_limits{10, 100, 2.5, 60.0};
  CHECK(read_run(with(R"("max_steps":10,"max_tokens":100,"max_cost_cents":2.5,"deadline_s":60)"),
                 limits)
          .has_value());
  for (const auto* field : {R"("max_steps":11)", R"("max_tokens":101)", R"("max_cost_cents":2.6)",
                            R"("deadline_s":60.1)"}) {
    CAPTURE(field);
    CHECK_FALSE(read_run(with(field), limits).has_value());
  }
}

TEST_CASE("all problems are told at once, and no more than twenty", "[api][request]") {
  const auto two = read_run(R"({"max_steps":"x","y":1})");
  CHECK(two.error().detail.find("\"task\"") != std::string::npos);
  CHECK(two.error().detail.find("\"max_steps\"") != std::string::npos);
  CHECK(two.error().detail.find("\"y\"") != std::string::npos);
  auto many = std::string{R"({"task":"t")"};
  for (auto i = 0; i < 50; ++i)
    many += ",\"x" + std::to_string(i) + "\":1";
  const auto detail = read_run(many + "}").error().detail;
  CHECK(detail.find("\"x19\"") != std::string::npos);
  CHECK(detail.find("\"x20\"") == std::string::npos);
}

TEST_CASE("a body that is not JSON, or too deep, is malformed; one that is no object invalid",
          "[api][request]") {
  for (const auto* body : {"{", "nul", "{\"a\":}", "{} x", "\"\xc3\"", "{\"a\":NaN}", "'a'",
                           "[1e999]", R"({"a":[-1e999]})", "0e999"}) {
    CAPTURE(body);
    CHECK(parse_body(body).error().code == errc::malformed_json);
  }
  CHECK(parse_body(std::string(64, '[') + std::string(64, ']')).has_value());
  CHECK(parse_body(std::string(65, '[') + std::string(65, ']')).error().code
        == errc::malformed_json);
  CHECK(read_run("[]").error().code == errc::validation_error);
  CHECK(read_run("7").error().code == errc::validation_error);
}

TEST_CASE("the hash of a request does not depend on how it was written", "[api][request]") {
  const auto key = std::optional<std::string>{"k"};
  const auto one = read_run(R"({"task":"t","max_steps":5,"metadata":{"a":1,"b":2}})", {}, key);
  const auto two =
    read_run(R"({ "metadata" : {"b":2,"a":1}, "max_steps":5.0, "task":"\u0074" })", {}, key);
  const auto other = read_run(R"({"task":"t","max_steps":6,"metadata":{"a":1,"b":2}})", {}, key);
  CHECK(one->idempotency_key == "k");
  CHECK(one->request_hash.size() == 64);
  CHECK(one->request_hash == two->request_hash);
  CHECK(one->request_hash != other->request_hash);
  for (const auto& bad :
       {std::string{}, std::string{"a b"}, std::string(256, 'k'), std::string{"\xc3\xa5"}}) {
    CHECK_FALSE(read_run(R"({"task":"t"})", {}, bad).has_value());
  }
  CHECK(read_run(R"({"task":"t"})", {}, std::string(255, 'k')).has_value());
}

TEST_CASE("where a viewer joins: the header wins over ?after", "[api][request]") {
  CHECK(read_events("/e")->from.value == 0);
  CHECK(read_events("/e?after=-1")->from.value == 0);
  CHECK(read_events("/e?after=0")->from.value == 1);
  CHECK(read_events("/e?after=3", "7")->from.value == 8);
  CHECK(read_events("/e?after=x", "7")->from.value == 8);
  CHECK(read_events("/e?after=99999999999999999999")->from.value == 0x7fffffffffffffff);
  for (const auto* after : {"", "-2", "x", "1x", "1.5", "+1", "--1", "-"}) {
    CAPTURE(after);
    CHECK_FALSE(read_events("/e?after=" + std::string{after}).has_value());
    CHECK_FALSE(read_events("/e", after).has_value());
  }
}

TEST_CASE("until when a viewer stays, and in which form", "[api][request]") {
  CHECK(read_events("/e")->follow);
  CHECK(read_events("/e?until=finished")->follow);
  CHECK_FALSE(read_events("/e?until=now")->follow);
  CHECK_FALSE(read_events("/e?until=later").has_value());
  CHECK_FALSE(read_events("/e?until=").has_value());
  CHECK(read_events("/e")->format == stream_format::sse);
  auto request = http_request{};
  request.accept = "application/x-ndjson, */*;q=0.1";
  CHECK(read_events_query(*parse_target("/e"), request)->format == stream_format::ndjson);
}

TEST_CASE("pages, waits and their bounds", "[api][request]") {
  CHECK(read_run_query(*parse_target("/"))->limit == 50);
  CHECK(read_run_query(*parse_target("/?limit=200"))->limit == 200);
  CHECK(read_run_query(*parse_target("/?status=awaiting_user"))->status
        == run_status::awaiting_user);
  CHECK(read_run_query(*parse_target("/?cursor=17&persona_id=p"))->before == 17U);
  for (const auto* query :
       {"limit=0", "limit=201", "limit=x", "limit=", "status=done", "cursor=x", "cursor=-1"}) {
    CAPTURE(query);
    CHECK_FALSE(read_run_query(*parse_target("/?" + std::string{query})).has_value());
  }
  CHECK(read_page_query(*parse_target("/?limit=1&offset=5"))->offset == 5);
  CHECK_FALSE(read_page_query(*parse_target("/?offset=-1")).has_value());
  CHECK_FALSE(read_page_query(*parse_target("/?limit=201")).has_value());
  CHECK(read_wait(*parse_target("/"))->count() == 0);
  CHECK(read_wait(*parse_target("/?wait=0.5"))->count() == 500);
  CHECK(read_wait(*parse_target("/?wait=300"))->count() == 300'000);
  for (const auto* wait : {"300.1", "-1", "nan", "inf", "x", ""}) {
    CAPTURE(wait);
    CHECK_FALSE(read_wait(*parse_target("/?wait=" + std::string{wait})).has_value());
  }
}

TEST_CASE("answers, cancels and personas", "[api][request]") {
  CHECK(read_run_answer(*parse_body(R"({"answer":""})"))->answer.empty());
  CHECK(read_run_answer(*parse_body(R"({"answer":"a","question_id":"q"})"))->question_id == "q");
  CHECK_FALSE(read_run_answer(*parse_body("")).has_value());
  CHECK_FALSE(read_run_answer(*parse_body(R"({"answer":null})")).has_value());
  CHECK_FALSE(
    read_run_answer(*parse_body(R"({"answer":")" + std::string(65'537, 'x') + "\"}")).has_value());
  CHECK(read_cancel(*parse_body(""))->empty());
  CHECK(*read_cancel(*parse_body(R"({"reason":"late"})")) == "late");
  CHECK_FALSE(read_cancel(*parse_body(R"({"why":"late"})")).has_value());
  CHECK(read_persona(*parse_body(R"({"yaml":"a: 1","avatar_url":null})")).has_value());
  CHECK_FALSE(read_persona(*parse_body(R"({"yaml":""})")).has_value());
  CHECK_FALSE(
    read_persona(*parse_body(R"({"yaml":")" + std::string(262'145, 'x') + "\"}")).has_value());
}

TEST_CASE("what can be an id", "[api][request]") {
  CHECK(is_plausible_id("run_01J"));
  CHECK(is_plausible_id("berth-master.v2"));
  CHECK(is_plausible_id(std::string(128, 'a')));
  for (const auto& id : {std::string{}, std::string{".."}, std::string{"a/b"}, std::string{"a b"},
                         std::string(129, 'a'), std::string{"\xc3\xa5"}}) {
    CHECK_FALSE(is_plausible_id(id));
  }
}
