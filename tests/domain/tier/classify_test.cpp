#include "domain/tier/retry_after.hpp"
#include "domain/tier/walk.hpp"
#include "tests/domain/tier/model_errors.hpp"
#include "tests/support/catch.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace persona_runtime {
namespace {

using namespace testing;
using bucket = error_bucket;
using kind = model_error_class;

}  // namespace

TEST_CASE("AC-ERR classify: every class goes where the INTENT column says", "[domain][tier]") {
  struct row {
    model_error error;
    bucket expected;
  };
  const std::vector<row> rows{
    {an_error(kind::backend_timeout), bucket::retry},
    {an_error(kind::authentication, 401), bucket::fall_over},
    {an_error(kind::authentication, 403), bucket::fall_over},
    {an_error(kind::model_not_found, 404), bucket::fall_over},
    {an_error(kind::credential_missing), bucket::fall_over},
    {an_error(kind::vision_not_supported), bucket::fall_over},
    {an_error(kind::rate_limit, 429), bucket::retry},
    {an_error(kind::rate_limit, 429, "", "2"), bucket::retry},
    {an_error(kind::rate_limit, 429, "", "3"), bucket::fall_over},
    {an_error(kind::rate_limit, 429, "insufficient_quota"), bucket::fall_over},
    {an_error(kind::rate_limit, 429, "credits_expired", "1"), bucket::fall_over},
    {an_error(kind::rate_limit, 402, "insufficient_quota"), bucket::fall_over},
    {an_error(kind::provider_error, 0), bucket::surface},
    {an_error(kind::provider_error, 0, "broken_stream"), bucket::retry},
    {an_error(kind::provider_error, 200, "broken_stream"), bucket::retry},
    {an_error(kind::provider_error, 200, "empty"), bucket::retry},
    {an_error(kind::provider_error, 400, "context_length_exceeded"), bucket::surface},
    {an_error(kind::provider_error, 503, "content_policy_violation"), bucket::surface},
    {an_error(kind::provider_error, 0, "content_policy_violation"), bucket::surface},
  };
  for (const auto& r : rows) {
    INFO(class_name(r.error.kind) << ' ' << r.error.status << ' ' << r.error.reason);
    CHECK(classify(r.error) == r.expected);
  }
}

TEST_CASE("AC-ERR classify: a provider error goes by its status", "[domain][tier]") {
  for (const int status : {409, 500, 502, 503, 504, 529}) {
    CHECK(classify(an_error(kind::provider_error, status)) == bucket::retry);
  }
  for (const int status : {402, 403}) {
    CHECK(classify(an_error(kind::provider_error, status)) == bucket::fall_over);
  }
  for (const int status : {400, 408, 413, 422, 501, 505, 528, 530, -1}) {
    CHECK(classify(an_error(kind::provider_error, status)) == bucket::surface);
  }
}

TEST_CASE("AC-ERR classify: the border of a short hint is 2 seconds", "[domain][tier]") {
  const auto of = [](std::string hint) {
    return classify(an_error(kind::rate_limit, 429, "", std::move(hint)));
  };
  CHECK(of("2") == bucket::retry);
  CHECK(of("2.0001") == bucket::fall_over);
  CHECK(of("0") == bucket::retry);
  CHECK(of("-1") == bucket::retry);
  CHECK(of("abc") == bucket::retry);
  CHECK(of("nan") == bucket::retry);
  CHECK(of("inf") == bucket::fall_over);
  CHECK(of("Sat, 21 Nov 2026 12:00:30 GMT") == bucket::retry);  // without a clock
  CHECK(of(std::string(1000, '9')) == bucket::retry);           // no header of a server
}

TEST_CASE("Retry-After is seconds, a fraction or an HTTP date", "[domain][tier]") {
  const auto of = [](std::string_view text) { return retry_after_seconds(text, noon_ms); };
  CHECK(of("30") == 30.0);
  CHECK(of(" 0.25 ") == 0.25);
  CHECK(of("+5") == 5.0);
  CHECK(of("-1") == -1.0);
  CHECK(of("Sat, 21 Nov 2026 12:00:30 GMT") == 30.0);
  CHECK(of("Saturday, 21-Nov-26 12:00:30 GMT") == 30.0);
  CHECK(of("Sat Nov 21 12:00:30 2026") == 30.0);
  CHECK(of("Sat, 21 Nov 2026 11:59:00 GMT") == -60.0);
  CHECK(of("Thu, 01 Jan 1970 00:00:00 GMT") == -1'795'262'400.0);
  CHECK(of("Sunday, 06-Nov-94 08:49:37 GMT") < 0.0);  // the past century, not the next one
}

TEST_CASE("Retry-After that is none of these is no hint", "[domain][tier]") {
  for (const auto* text :
       {"", " ", "soon", "5s", "1e", "nan", "--1", "+-1", "Sat, 21 Nov 2026 12:00:30",
        "Sat, 21 Nov 2026 12:00:30 CET", "Sat, 31 Nov 2026 12:00:30 GMT",
        "Sat, 21 Nov 2026 24:00:00 GMT", "Sat, 21 Xxx 2026 12:00:30 GMT",
        "Sat, 21 Nov 2026 12:00 GMT", "Sat, 0 Nov 2026 12:00:30 GMT",
        "Sat, 21 Nov 99999 12:00:30 GMT", "a b c d e f g h", "Sat, 21 Nov 2026 12:0x:30 GMT"}) {
    INFO(text);
    CHECK_FALSE(retry_after_seconds(text, noon_ms));
  }
  CHECK_FALSE(retry_after_seconds(std::string(100'000, '1'), noon_ms));
}

}  // namespace persona_runtime
