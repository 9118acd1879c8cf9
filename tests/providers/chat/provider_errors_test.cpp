#include "providers/chat/error_body.hpp"
#include "providers/chat/provider_errors.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

using error_class = model_error_class;

model_error of(int status, std::string_view body = "") {
  auto words = error_words_of(body);
  words.status = status;
  return provider_error_of("groq", "ghost-1", words);
}

}  // namespace

TEST_CASE("AC-ERR-08 AC-ERR-09 each status has its class and reason", "[providers][openai]") {
  struct row {
    int status;
    std::string_view body;
    error_class kind;
    std::string_view reason;
  };
  for (const auto& r : {
         row{401, "", error_class::authentication, ""},
         row{403, "", error_class::authentication, ""},
         row{404, R"({"error":{"code":"whatever"}})", error_class::model_not_found, ""},
         row{402, "", error_class::rate_limit, "insufficient_quota"},
         row{429, "", error_class::rate_limit, ""},
         row{429, R"({"error":{"type":"requests","code":"rate_limit_exceeded"}})",
             error_class::rate_limit, ""},
         row{429, R"({"error":{"type":"insufficient_quota","code":"insufficient_quota"}})",
             error_class::rate_limit, "insufficient_quota"},
         row{429, R"({"error":{"message":"You exceeded your current quota, please"}})",
             error_class::rate_limit, "insufficient_quota"},
         row{429, R"({"error":{"code":"credits_expired"}})", error_class::rate_limit,
             "credits_expired"},
         row{400, "", error_class::provider_error, ""},
         row{400, R"({"error":{"type":"invalid_request_error","code":"context_length_exceeded"}})",
             error_class::provider_error, "context_length_exceeded"},
         row{400, R"({"error":{"message":"This model's maximum context length is 8192 tokens"}})",
             error_class::provider_error, "context_length_exceeded"},
         row{400, R"({"error":{"code":"content_policy_violation"}})", error_class::provider_error,
             "content_policy_violation"},
         row{408, "", error_class::provider_error, ""},
         row{409, "", error_class::provider_error, ""},
         row{413, "<html>", error_class::provider_error, ""},
         row{422, R"({"detail":[]})", error_class::provider_error, ""},
         row{500, "", error_class::provider_error, ""},
         row{503, R"({"error":{"code":401}})", error_class::provider_error, ""},
         row{529, "", error_class::provider_error, ""},
         row{302, "", error_class::provider_error, ""},
       }) {
    CAPTURE(r.status, r.body);
    auto error = of(r.status, r.body);
    CHECK(error.kind == r.kind);
    CHECK(error.status == r.status);
    CHECK(error.reason == r.reason);
    CHECK_FALSE(error.output_begun);
  }
}

TEST_CASE("AC-ERR-05 a 429 carries Retry-After as it was sent", "[providers][openai]") {
  auto error = of(429);
  add_headers(error, {429, {{"Retry-After", "30"}, {"X-Request-Id", "req_7"}}});
  CHECK(error.retry_after == "30");
  CHECK(error.detail.find("retry_after_s=30") != std::string::npos);
  CHECK(error.detail.find("request_id=req_7") != std::string::npos);
  auto bare = of(429);
  add_headers(bare, {429, {}});
  CHECK(bare.retry_after.empty());
}

TEST_CASE("AC-ERR-06 a 404 names the model", "[providers][openai]") {
  CHECK(of(404).detail.find("model=ghost-1") != std::string::npos);
}

TEST_CASE("a detail never repeats what the endpoint quotes", "[providers][openai]") {
  auto error = of(401, R"({"error":{"message":"Incorrect API key: sk-secret","param":"sk-secret",
                          "code":"invalid_api_key","type":"a b secret"}})");
  CHECK(error.detail == "provider=groq status=401 code=invalid_api_key");
}

TEST_CASE("AC-OAI-14 connections that fail are time-outs", "[providers][openai]") {
  using k = http_error_kind;
  struct row {
    k kind;
    bool begun;
    error_class expected;
    std::string_view reason;
  };
  for (const auto& r : {
         row{k::timeout, false, error_class::backend_timeout, ""},
         row{k::timeout, true, error_class::backend_timeout, ""},
         row{k::connect_failed, false, error_class::backend_timeout, ""},
         row{k::resolve_failed, false, error_class::backend_timeout, ""},
         row{k::tls_failed, false, error_class::backend_timeout, ""},
         row{k::reset, false, error_class::backend_timeout, ""},
         row{k::reset, true, error_class::backend_timeout, "broken_stream"},
         row{k::refused, false, error_class::backend_timeout, ""},
         row{k::protocol, false, error_class::provider_error, "broken_stream"},
         row{k::body_too_large, true, error_class::provider_error, ""},
         row{k::bad_url, false, error_class::provider_error, ""},
       }) {
    auto error = connection_error_of("groq", {r.kind, std::string(2000, 'd'), r.begun});
    CAPTURE(static_cast<int>(r.kind));
    CHECK(error.kind == r.expected);
    CHECK(error.reason == r.reason);
    CHECK(error.status == 0);
    CHECK(error.detail.size() == 512);
  }
}
