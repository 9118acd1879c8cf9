#include "api/routes/auth.hpp"
#include "domain/text/sha256.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;

namespace {

authenticator two_keys() {
  return *authenticator::of({{"ops", sha256_text("ops-key"), {"alice"}, true},
                             {"app", sha256_text("app-key"), {"bob"}, false}});
}

http_request loopback_post() {
  auto request = http_request{};
  request.method = "POST";
  request.host = "localhost:8080";
  request.content_type = "application/json";
  request.body = "{}";
  return request;
}

}  // namespace

TEST_CASE("a key belongs to its owner and role", "[api][auth]") {
  const auto keys = two_keys();
  const auto ops = keys.caller_of("Bearer ops-key");
  REQUIRE(ops);
  CHECK(ops->owner.value == "alice");
  CHECK(ops->admin);
  const auto app = keys.caller_of("bearer  app-key");
  REQUIRE(app);
  CHECK(app->owner.value == "bob");
  CHECK_FALSE(app->admin);
}

TEST_CASE("HT-03 what is no key of ours is nobody", "[api][auth]") {
  const auto keys = two_keys();
  for (const auto* header : {"", "Bearer", "Bearer ", "Bearer ops-ke", "Bearer ops-key2",
                             "Basic ops-key", "ops-key", "Bearer OPS-KEY"}) {
    CAPTURE(header);
    CHECK_FALSE(keys.caller_of(std::string{header}));
  }
  CHECK_FALSE(keys.caller_of(std::nullopt));
  const auto answer = unauthenticated_answer();
  CHECK(answer.status == 401);
  CHECK(answer.headers.front().first == "WWW-Authenticate");
  CHECK(answer.headers.front().second == "Bearer");
}

TEST_CASE("without keys everybody is the admin local-owner", "[api][auth]") {
  const auto nobody = authenticator::of({});
  REQUIRE(nobody.has_value());
  CHECK(nobody->caller_of(std::nullopt)->owner.value == "local-owner");
  CHECK(nobody->caller_of("Bearer anything")->admin);
}

TEST_CASE("the hash of a key must be one", "[api][auth]") {
  CHECK(sha256_text("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  for (const auto& hash :
       {std::string{}, std::string(63, 'a'), std::string(65, 'a'), std::string(63, 'a') + "g"}) {
    const auto keys = authenticator::of({{"ops", hash, {"a"}, false}});
    REQUIRE_FALSE(keys.has_value());
    CHECK(keys.error().detail.find("'ops'") != std::string::npos);
  }
}

TEST_CASE("loopback names and addresses, and what only looks like them", "[api][auth]") {
  for (const auto* host : {"localhost", "LOCALHOST:8080", "app.localhost", "127.0.0.1",
                           "127.8.9.1:80", "[::1]", "[::1]:8080", "localhost.:80"}) {
    CAPTURE(host);
    CHECK(is_loopback_host(host));
  }
  for (const auto* host :
       {"", "example.com", "127.0.0.1.example.com", "localhost.example.com", "127.1", "0.0.0.0",
        "10.0.0.1", "[::2]", "[::1", "[::1]x", "notlocalhost", "2130706433"}) {
    CAPTURE(host);
    CHECK_FALSE(is_loopback_host(host));
  }
}

TEST_CASE("without keys a foreign page is refused", "[api][auth]") {
  CHECK_FALSE(refuse_foreign_page(loopback_post(), true, {}));
  auto rebound = loopback_post();
  rebound.host = "evil.example";
  CHECK(refuse_foreign_page(rebound, true, {})->status == 403);
  auto form = loopback_post();
  form.content_type = "text/plain";
  CHECK(refuse_foreign_page(form, true, {})->status == 415);
  CHECK_FALSE(refuse_foreign_page(form, false, {}));
  form.body.clear();
  CHECK_FALSE(refuse_foreign_page(form, true, {}));
  auto foreign = loopback_post();
  foreign.origin = "http://evil.example";
  CHECK(refuse_foreign_page(foreign, true, {})->status == 403);
  CHECK_FALSE(refuse_foreign_page(foreign, true, {"http://evil.example"}));
  foreign.origin = "http://localhost:8080";
  CHECK_FALSE(refuse_foreign_page(foreign, true, {}));
  foreign.origin = "null";
  CHECK(refuse_foreign_page(foreign, true, {})->status == 403);
}

TEST_CASE("JSON types, with and without parameters", "[api][auth]") {
  CHECK(is_json_type("application/json"));
  CHECK(is_json_type("Application/JSON ; charset=utf-8"));
  CHECK_FALSE(is_json_type("application/jsonp"));
  CHECK_FALSE(is_json_type("text/json"));
  CHECK_FALSE(is_json_type(""));
}
