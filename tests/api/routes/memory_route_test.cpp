#include "domain/text/sha256.hpp"
#include "tests/api/test_server.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

constexpr auto memory_path = "/v1/personas/persona_1/memory";

struct memory_site {
  memory_site() : server{keys()} {}
  static api_settings keys() {
    auto settings = api_settings{};
    settings.keys = {{"a", sha256_text("alice-key"), {"alice"}, false},
                     {"r", sha256_text("root-key"), {"root"}, true}};
    return settings;
  }
  raw_answer ask(const std::string& method, const std::string& target, const std::string& body = "",
                 const std::string& key = "alice-key") {
    return server.ask(method, target, body, "Authorization: Bearer " + key + "\r\n");
  }
  raw_answer list(const std::string& query, const std::string& key = "alice-key") {
    return ask("GET", memory_path + query, "", key);
  }
  raw_answer purge(const std::string& query, const std::string& key = "alice-key") {
    return ask("DELETE", memory_path + query, "", key);
  }
  raw_answer roll_back(const std::string& body, const std::string& key = "alice-key") {
    return ask("POST", std::string{memory_path} + "/rollback", body, key);
  }
  std::string last() { return server.engine.remembered.last(); }

  test_server server;
};

}  // namespace

TEST_CASE_METHOD(memory_site, "a list of memory is asked for as the request says",
                 "[api][routes]") {
  CHECK(list("").status == 200);
  CHECK(last() == "list alice persona_1 owner= user= name= limit=50 offset=0");
  CHECK(list("?store=episodic&user=kari&all=true&limit=200&name=home").body
        == R"({"items":[],"next_cursor":null})");
  CHECK(last()
        == "list alice persona_1 owner= user=kari store=episodic name=home all limit=200 offset=0");
  const auto place = memory_place{{{}, {"alice"}, "kari"}, memory_store_kind::worldview};
  CHECK(list("?cursor=" + cursor_text({place, 17})).status == 200);
  CHECK(has(last(), "offset=17"));
  for (const auto* wrong : {"?store=dreams", "?all=yes", "?limit=0", "?limit=201",
                            "?name=", "?cursor=x", "?cursor=9.0.."}) {
    CAPTURE(wrong);
    const auto answer = list(wrong);
    CHECK(answer.status == 422);
    CHECK(has(answer.body, R"("persona_id":"persona_1")"));
  }
  CHECK(ask("GET", "/v1/personas/no%20id/memory").status == 404);
  CHECK(list("", "wrong").status == 401);
}

TEST_CASE_METHOD(memory_site, "only an admin names another owner", "[api][routes]") {
  CHECK(list("?owner=alice").status == 200);
  CHECK(list("?owner=bob").status == 422);
  CHECK(list("?owner=bob", "root-key").status == 200);
  CHECK(purge("?owner=bob&confirm=yes").status == 422);
  CHECK(purge("?owner=bob&confirm=yes", "root-key").status == 200);
  CHECK(last() == "purge root persona_1 owner=bob user=");
  CHECK(roll_back(R"({"name":"home","to_version":1,"owner":"bob"})").status == 422);
  CHECK(roll_back(R"({"name":"home","to_version":1,"owner":"bob"})", "root-key").status == 200);
}

TEST_CASE_METHOD(memory_site, "a purge needs its yes and knows all its conditions",
                 "[api][routes]") {
  for (const auto* slip : {"", "?confirm=true", "?confirm=yes&usr=kari",
                           "?confirm=yes&user=", "?user=kari", "?confirm=yes&store=episodic"}) {
    CAPTURE(slip);
    CHECK(purge(slip).status == 422);
  }
  CHECK(last().empty());
  CHECK(purge("?confirm=yes&user=kari").body == R"({"chunks":7,"scopes":2})");
  CHECK(last() == "purge alice persona_1 owner= user=kari");
}

TEST_CASE_METHOD(memory_site, "a rollback answers with the version, or with what is wrong",
                 "[api][routes]") {
  CHECK(roll_back(R"({"name":"home","to_version":1,"user":"kari","store":"self_facts"})").body
        == R"({"id":"home::v0003"})");
  CHECK(last() == "rollback alice persona_1 owner= user=kari store=self_facts name=home to=1");
  const auto unknown = roll_back(R"({"name":"nobody","to_version":1})");
  CHECK(unknown.status == 404);
  CHECK(has(unknown.body, R"("error":"not_found")"));
  CHECK(has(unknown.body, R"("name":"nobody")"));
  for (const auto* wrong :
       {"{}", R"({"name":"home"})", R"({"to_version":1})", R"({"name":"","to_version":1})",
        R"({"name":"home","to_version":0})", R"({"name":"home","to_version":"1"})",
        R"({"name":"home","to_version":1,"store":"dreams"})",
        R"({"name":"home","to_version":1,"force":true})"}) {
    CAPTURE(wrong);
    CHECK(roll_back(wrong).status == 422);
  }
  CHECK(roll_back("{").status == 400);
  server.engine.remembered.fail_with(failure{errc::validation_error, "RuntimeWriteForbidden: no"});
  const auto refused = roll_back(R"({"name":"home","to_version":1})");
  CHECK(refused.status == 422);
  CHECK(has(refused.body, "RuntimeWriteForbidden"));
}

TEST_CASE_METHOD(memory_site, "audit events are asked for as the request says", "[api][routes]") {
  const auto audit = [&](const std::string& query) {
    return ask("GET", "/v1/personas/persona_1/audit" + query);
  };
  CHECK(audit("").body == R"({"items":[],"next_offset":null})");
  CHECK(last() == "audit alice offset=0");
  CHECK(audit("?since=2026-11-22T08:00:00Z&action=delete&source=persona_self&store=tool&offset=3")
          .status
        == 200);
  CHECK(last() == "audit alice since delete persona_self tool offset=3");
  for (const auto* wrong : {"?since=yesterday", "?since=2026-11-22T08:00:00", "?action=eat",
                            "?source=god", "?store=dreams", "?offset=-1"}) {
    CAPTURE(wrong);
    CHECK(audit(wrong).status == 422);
  }
}

TEST_CASE_METHOD(memory_site, "a persona that is not his has no memory", "[api][routes]") {
  server.engine.remembered.fail_with(failure{errc::persona_not_found, "there is no such persona"});
  CHECK(list("").status == 404);
  CHECK(purge("?confirm=yes").status == 404);
  CHECK(roll_back(R"({"name":"home","to_version":1})").status == 404);
  CHECK(has(ask("GET", "/v1/personas/persona_1/audit").body, "persona_not_found"));
}
