#include "api/routes/error_answer.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;
using namespace std::chrono_literals;

TEST_CASE("every failure has its status and token, and Retry-After where waiting helps",
          "[api][error]") {
  struct row {
    errc code;
    unsigned status;
    const char* token;
    const char* retry_after;
  };
  const auto rows = std::vector<row>{
    {errc::validation_error, 422, "validation_error", ""},
    {errc::malformed_json, 400, "malformed_json", ""},
    {errc::run_not_found, 404, "run_not_found", ""},
    {errc::persona_not_found, 404, "persona_not_found", ""},
    {errc::run_not_active, 409, "run_not_active", ""},
    {errc::not_awaiting_user, 409, "not_awaiting_user", ""},
    {errc::run_active, 409, "run_active", ""},
    {errc::persona_in_use, 409, "persona_in_use", ""},
    {errc::idempotency_key_reused, 422, "idempotency_key_reused", ""},
    {errc::overloaded, 503, "overloaded", "1"},
    {errc::journal_unavailable, 503, "journal_unavailable", "5"},
    {errc::model_unavailable, 503, "model_unavailable", "30"},
    {errc::rate_limit_exceeded, 429, "rate_limit_exceeded", "60"},
    {errc::internal_error, 500, "internal_error", ""},
  };
  CHECK(rows.size() == static_cast<std::size_t>(errc::internal_error));
  for (const auto& row : rows) {
    CAPTURE(row.token);
    const auto answer = error_answer({row.code, "why"});
    CHECK(answer.status == row.status);
    CHECK(answer.body.find(std::string{"{\"error\":\""} + row.token + "\",\"detail\":") == 0);
    const auto has_retry = !answer.headers.empty();
    CHECK((has_retry ? answer.headers.front().second : "") == row.retry_after);
  }
}

TEST_CASE("a failure's own waiting time is rounded up to seconds", "[api][error]") {
  CHECK(error_answer({errc::overloaded, "", 1'001ms}).headers.front().second == "2");
  CHECK(error_answer({errc::overloaded, "", 0ms}).headers.front().second == "1");
}

TEST_CASE("detail is a list for validation errors, and nothing inside is told", "[api][error]") {
  CHECK(error_answer({errc::validation_error, R"([{"type":"missing"}])"}).body
        == R"({"error":"validation_error","detail":[{"type":"missing"}]})");
  CHECK(error_answer({errc::internal_error, "secret path"}).cause == "secret path");
  CHECK(error_answer({errc::run_not_found, "[no \"list\"]"}).body
        == R"({"error":"run_not_found","detail":"[no \"list\"]"})");
  CHECK(error_answer({errc::internal_error, "secret path"}).body.find("secret")
        == std::string::npos);
}

TEST_CASE("the context names what the error is about; without anything it is left out",
          "[api][error]") {
  const auto about = error_context{{"run_id", "run_1"}, {"persona_id", "p\"1"}};
  CHECK(
    error_answer({errc::run_active, "why"}, about).body
    == R"({"error":"run_active","detail":"why","context":{"run_id":"run_1","persona_id":"p\"1"}})");
  CHECK(error_answer(413, "body_too_large", "d", {{"body_bytes_max", "9"}}).body
        == R"({"error":"body_too_large","detail":"d","context":{"body_bytes_max":"9"}})");
  CHECK(error_answer({errc::run_active, "why"}).body == R"({"error":"run_active","detail":"why"})");
  const auto cut = error_answer({errc::run_active, ""}, {{"run_id", std::string(5'000, 'x')}});
  CHECK(cut.body.size() < 400);
}

TEST_CASE("a list of problems gives its first one's place as context", "[api][error]") {
  const auto field = error_answer(
    {errc::validation_error,
     R"([{"type":"a","loc":["body","max_steps"],"msg":"m"},{"type":"b","loc":["query","x"]}])"},
    {{"persona_id", "p"}});
  CHECK(field.body.ends_with(R"("context":{"persona_id":"p","field":"body.max_steps"}})"));
  const auto document = error_answer(
    {errc::validation_error,
     R"([{"type":"persona","loc":["body","yaml"],"line":3,"path":"identity.name","msg":"m"}])"});
  CHECK(document.body.ends_with(
    R"("context":{"field":"body.yaml","path":"identity.name","line":"3"}})"));
}

TEST_CASE("a schema version that is not known has a token of its own", "[api][error]") {
  const auto only = error_answer(
    {errc::validation_error,
     R"([{"type":"schema_version_mismatch","loc":["body","yaml"],"path":"schema_version"}])"});
  CHECK(only.status == 422);
  CHECK(only.body.starts_with(R"({"error":"schema_version_mismatch","detail":[{)"));
  const auto among = error_answer(
    {errc::validation_error, R"([{"type":"schema_version_mismatch"},{"type":"persona"}])"});
  CHECK(among.body.starts_with(R"({"error":"validation_error",)"));
}

TEST_CASE("bytes that are no UTF-8 do not break the body", "[api][error]") {
  CHECK(json_string("berth \xc3\xa5") == "\"berth \xc3\xa5\"");
  CHECK(json_string("berth \xc3") == "\"berth ?\"");
}
