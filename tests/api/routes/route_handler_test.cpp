#include "api/routes/auth.hpp"
#include "domain/text/sha256.hpp"
#include "tests/api/test_server.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;
using namespace std::chrono_literals;

namespace {

// Keys "alice-key" and "bob-key" (users), "root-key" (admin).
api_settings with_keys() {
  auto settings = api_settings{};
  settings.keys = {{"a", sha256_text("alice-key"), {"alice"}, false},
                   {"b", sha256_text("bob-key"), {"bob"}, false},
                   {"r", sha256_text("root-key"), {"root"}, true}};
  return settings;
}

std::string bearer(const std::string& key) {
  return "Authorization: Bearer " + key + "\r\n";
}

std::string id_in(const std::string& body) {
  const auto at = body.find(R"("id":")") + 6;
  return body.substr(at, body.find('"', at) - at);
}

}  // namespace

TEST_CASE("HT-01 a persona is created, shown, listed and deleted", "[api][routes]") {
  auto server = test_server{};
  const auto made = server.ask("POST", "/v1/personas", R"({"yaml":"identity: {name: Astrid}"})");
  CHECK(made.status == 201);
  const auto path = "/v1/personas/" + id_in(made.body);
  CHECK(server.ask("GET", path).status == 200);
  CHECK(has(server.ask("GET", "/v1/personas?limit=1").body, id_in(made.body)));
  CHECK(server.ask("DELETE", path).status == 204);
  const auto gone = server.ask("GET", path);
  CHECK(gone.status == 404);
  CHECK(has(gone.body, R"("error":"persona_not_found")"));
  CHECK(server.ask("GET", "/v1/personas").body == "[]");
}

TEST_CASE("an edit of a persona asks for what stands in its body and for nothing else",
          "[api][routes]") {
  auto server = test_server{};
  const auto made = server.ask("POST", "/v1/personas", R"({"yaml":"identity: {name: Astrid}"})");
  const auto path = "/v1/personas/" + id_in(made.body);
  CHECK(server.ask("PATCH", path, R"({"yaml":"identity: {}","avatar_url":null})").status == 200);
  CHECK(server.engine.last_edit().yaml == "identity: {}");
  CHECK_FALSE(server.engine.last_edit().avatar_url);
  CHECK_FALSE(server.engine.last_edit().tool);
  CHECK(server.ask("PATCH", path, R"({"avatar_url":"https://a/b.png"})").status == 422);
  CHECK(server.ask("PATCH", path, R"({"yaml":"identity: {}","name":"x"})").status == 422);
  CHECK(server.ask("PATCH", "/v1/personas/persona_0", R"({"yaml":"identity: {}"})").status == 404);

  for (const auto given : {"true", "false", "null"}) {
    const auto body = R"({"granted":)" + std::string{given} + "}";
    CHECK(server.ask("PATCH", path + "/consent", body).status == 200);
    const auto consent = server.engine.last_edit().consent;
    REQUIRE(consent);
    CHECK((*consent ? (**consent ? "true" : "false") : "null") == std::string_view{given});
  }
  CHECK(server.ask("PATCH", path + "/consent", "{}").status == 422);
  CHECK(server.ask("PATCH", path + "/consent", R"({"granted":"yes"})").status == 422);

  CHECK(server.ask("POST", path + "/tools", R"({"tool_name":"calculator","turn_index":3})").status
        == 200);
  CHECK(server.engine.last_edit().tool == "calculator");
  const auto unknown = server.ask("POST", path + "/tools", R"({"tool_name":"calculato"})");
  CHECK(unknown.status == 403);
  CHECK(has(unknown.body, R"("error":"tool_not_allowed")"));
  CHECK(server.ask("POST", path + "/tools", R"({"tool_name":""})").status == 422);
  const auto long_name = R"({"tool_name":")" + std::string(129, 'x') + "\"}";
  CHECK(server.ask("POST", path + "/tools", long_name).status == 422);
}

TEST_CASE("HT-02 a persona that does not validate is told where", "[api][routes]") {
  auto server = test_server{};
  const auto answer = server.ask("POST", "/v1/personas", R"({"yaml":"name: x"})");
  CHECK(answer.status == 422);
  CHECK(
    answer.body
    == R"({"error":"validation_error","detail":[{"type":"missing",)"
       R"("loc":["body","yaml","identity"],"msg":"is required"}],"context":{"field":"body.yaml.identity"}})");
}

TEST_CASE("HT-03 without a valid key there is a challenge; health and the document are open",
          "[api][routes]") {
  auto server = test_server{with_keys()};
  for (const auto* path : {"/v1/runs", "/v1/tools", "/v1/skills", "/v1/personas/x", "/metrics"}) {
    CAPTURE(path);
    const auto answer = server.ask("GET", path, "", bearer("wrong"));
    CHECK(answer.status == 401);
    CHECK(answer.header("www-authenticate") == "Bearer");
    CHECK(has(answer.body, R"("error":"authentication_error")"));
  }
  for (const auto* path : {"/livez", "/healthz", "/readyz", "/openapi.json", "/"}) {
    CAPTURE(path);
    CHECK(server.ask("GET", path).status == 200);
  }
  CHECK(server.ask("GET", "/v1/runs", "", bearer("alice-key")).status == 200);
}

TEST_CASE("the skills that personas may declare are listed", "[api][routes]") {
  auto server = test_server{};
  const auto answer = server.ask("GET", "/v1/skills");
  CHECK(answer.status == 200);
  CHECK(has(answer.body, R"([{"name":"knots","description":"Ties.")"));
}

TEST_CASE("usage: an admin sees everybody's, others their own", "[api][routes][usage]") {
  auto server = test_server{with_keys()};
  const auto ask = [&](const std::string& query, const char* key) {
    return server.ask("GET", "/v1/usage" + query, "", bearer(key));
  };
  CHECK(ask("", "alice-key").body == R"({"owner":"alice","by":"--dm"})");
  CHECK(ask("", "root-key").body == R"({"owner":"everybody","by":"--dm"})");
  CHECK(ask("?owner=alice&group=owner,persona", "root-key").body
        == R"({"owner":"alice","by":"op--"})");
  CHECK(ask("?owner=alice&group=", "alice-key").body == R"({"owner":"alice","by":"----"})");
  CHECK(ask("?owner=bob", "alice-key").status == 422);
  CHECK(ask("?from=2026-11-01&to=2026-11-30&limit=1000&offset=7&persona_id=p", "bob-key").status
        == 200);
  for (const auto* wrong :
       {"?from=yesterday", "?to=2026-02-30", "?from=2026-11-02&to=2026-11-01", "?group=hour",
        "?group=day,", "?limit=0", "?limit=1001", "?offset=-1"}) {
    CAPTURE(wrong);
    const auto answer = ask(wrong, "alice-key");
    CHECK(answer.status == (std::string_view{wrong} == "?group=day," ? 200U : 422U));
  }
  CHECK(server.ask("GET", "/v1/usage").status == 401);
}

TEST_CASE("reload: an admin's to ask for, answered with what became of it", "[api][routes]") {
  auto server = test_server{with_keys()};
  server.on_reload = [] { return reload_answer{true, R"({"status":"reloaded"})"}; };
  const auto ask = [&](const std::string& body, const char* key) {
    return server.ask("POST", "/v1/admin/reload", body, bearer(key));
  };
  CHECK(ask("", "root-key").status == 200);
  CHECK(ask("{}", "root-key").body == R"({"status":"reloaded"})");
  CHECK(ask("{}", "alice-key").status == 403);
  CHECK(has(ask("{}", "alice-key").body, R"("error":"forbidden")"));
  CHECK(ask(R"({"file":"x"})", "root-key").status == 422);
  CHECK(server.ask("POST", "/v1/admin/reload").status == 401);
  CHECK(server.ask("GET", "/v1/admin/reload", "", bearer("root-key")).status == 405);
}

TEST_CASE("reload: what is wrong with the file is a 422", "[api][routes]") {
  auto server = test_server{};
  server.on_reload = [] { return reload_answer{false, R"({"error":"validation_error"})"}; };
  const auto answer = server.ask("POST", "/v1/admin/reload");
  CHECK(answer.status == 422);
  CHECK(answer.body == R"({"error":"validation_error"})");
}

TEST_CASE("HT-07 another owner's run does not exist on any route", "[api][routes]") {
  auto server = test_server{with_keys()};
  const auto run = "/v1/runs/" + server.engine.add_run("alice").value;
  const auto bob = bearer("bob-key");
  CHECK(server.ask("GET", run, "", bob).status == 404);
  CHECK(server.ask("GET", run + "/events", "", bob).status == 404);
  CHECK(server.ask("POST", run + "/cancel", "{}", bob).status == 404);
  CHECK(server.ask("POST", run + "/respond", R"({"answer":"a"})", bob).status == 404);
  CHECK(server.ask("DELETE", run, "", bob).status == 404);
  CHECK_FALSE(has(server.ask("GET", "/v1/runs", "", bob).body, "run_"));
  CHECK(server.ask("GET", run, "", bearer("alice-key")).status == 200);
  CHECK(server.ask("GET", run, "", bearer("root-key")).status == 200);
}

TEST_CASE("HT-08 unknown fields and wrong types are refused on every route with a body",
          "[api][routes]") {
  auto server = test_server{};
  const auto run = "/v1/runs/" + server.engine.add_run("local-owner").value;
  for (const auto& path : {std::string{"/v1/personas"}, std::string{"/v1/runs"},
                           std::string{"/v1/personas/p/runs"}, run + "/cancel", run + "/respond"}) {
    CAPTURE(path);
    const auto unknown = server.ask("POST", path, R"({"nonsense":1})");
    CHECK(unknown.status == 422);
    CHECK(has(unknown.body, R"("loc":["body","nonsense"])"));
    const auto broken = server.ask("POST", path, "{");
    CHECK(broken.status == 400);
    CHECK(has(broken.body, R"("error":"malformed_json")"));
  }
}

TEST_CASE("HT-12 without a model runs answer 503, personas work", "[api][routes]") {
  auto server = test_server{};
  server.engine.fail_with(failure{errc::model_unavailable, "no model is configured"});
  const auto answer = server.ask("POST", "/v1/runs", R"({"persona_id":"p","task":"t"})");
  CHECK(answer.status == 503);
  CHECK(answer.header("retry-after") == "30");
  CHECK(has(answer.body, R"("error":"model_unavailable")"));
  CHECK(server.ask("POST", "/v1/personas", R"({"yaml":"identity: {}"})").status == 201);
}

TEST_CASE("HT-14 runs are listed newest first", "[api][routes]") {
  auto server = test_server{};
  const auto first = server.engine.add_run("local-owner");
  const auto last = server.engine.add_run("local-owner");
  const auto page = server.ask("GET", "/v1/runs");
  CHECK(page.status == 200);
  CHECK(page.body.find(last.value) < page.body.find(first.value));
  CHECK(has(page.body, R"("next_cursor":null)"));
  server.engine.finish(first);
  CHECK(has(server.ask("GET", "/v1/runs?status=completed").body, first.value));
  CHECK_FALSE(has(server.ask("GET", "/v1/runs?status=completed").body, last.value));
  CHECK(server.ask("GET", "/v1/runs?limit=201").status == 422);
}

TEST_CASE("a run is started by both routes, answered 202 with its Location", "[api][routes]") {
  auto server = test_server{};
  const auto by_body =
    server.ask("POST", "/v1/runs", R"({"persona_id":"p1","task":"t","max_steps":3})");
  CHECK(by_body.status == 202);
  CHECK(by_body.header("location") == "/v1/runs/" + id_in(by_body.body));
  CHECK(server.engine.last_request().persona.value == "p1");
  CHECK(server.engine.last_request().max_steps == 3U);
  const auto by_path = server.ask("POST", "/v1/personas/p2/runs", R"({"task":"u"})");
  CHECK(by_path.status == 202);
  CHECK(server.engine.last_request().persona.value == "p2");
  CHECK(server.ask("GET", by_path.header("location")).status == 200);
}

TEST_CASE("the same Idempotency-Key gives the same run, with another body 422", "[api][routes]") {
  auto server = test_server{};
  const auto key = std::string{"Idempotency-Key: k1\r\n"};
  const auto path = std::string{"/v1/personas/p/runs"};
  const auto one = server.ask("POST", path, R"({"task":"t","max_steps":1})", key);
  const auto again = server.ask("POST", path, R"({ "max_steps":1,"task":"t" })", key);
  CHECK(one.status == 202);
  CHECK(again.status == 202);
  CHECK(one.header("location") == again.header("location"));
  const auto other = server.ask("POST", path, R"({"task":"u"})", key);
  CHECK(other.status == 422);
  CHECK(has(other.body, R"("error":"idempotency_key_reused")"));
}

TEST_CASE("HT-15 an asking run takes its answer, others do not", "[api][routes]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  const auto path = "/v1/runs/" + run.value + "/respond";
  CHECK(server.ask("POST", path, R"({"answer":"four"})").status == 409);
  server.engine.emit(run, "asking_user", R"({"question":"which?"})");
  CHECK(server.ask("POST", path, R"({"answer":"","question_id":"q1"})").status == 204);
  CHECK(server.engine.last_answer() == "@q1");
}

TEST_CASE("HT-16 a cancel is answered 202, a second one 409", "[api][routes]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  const auto path = "/v1/runs/" + run.value;
  const auto cancelled = server.ask("POST", path + "/cancel", R"({"reason":"late"})");
  CHECK(cancelled.status == 202);
  CHECK(cancelled.body == R"({"status":"cancelling"})");
  CHECK(server.engine.last_reason() == "late");
  CHECK(has(server.ask("GET", path).body, R"("status":"cancelled")"));
  const auto again = server.ask("POST", path + "/cancel");  // a body is not needed
  CHECK(again.status == 409);
  CHECK(has(again.body, R"("error":"run_not_active")"));
}

TEST_CASE("errors name in their context what was asked for", "[api][routes]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner").value;
  const auto context = [](const raw_answer& answer) {
    const auto at = answer.body.find(R"("context":)");
    return at == std::string::npos ? std::string{} : answer.body.substr(at + 10);
  };
  CHECK(context(server.ask("GET", "/v1/runs/run_none")) == R"({"run_id":"run_none"}})");
  CHECK(context(server.ask("GET", "/v1/runs/run_none/events")) == R"({"run_id":"run_none"}})");
  CHECK(context(server.ask("DELETE", "/v1/runs/" + run)) == R"({"run_id":")" + run + "\"}}");
  CHECK(context(server.ask("POST", "/v1/runs/" + run + "/respond", R"({"answer":"a"})"))
        == R"({"run_id":")" + run + "\"}}");
  CHECK(context(server.ask("GET", "/v1/personas/none")) == R"({"persona_id":"none"}})");
  CHECK(context(server.ask("POST", "/v1/personas/p/runs", R"({"task":"t","max_steps":-1})"))
        == R"({"persona_id":"p","field":"body.max_steps"}})");
  CHECK(context(server.ask("GET", "/v1/runs?limit=0")) == R"({"field":"query.limit"}})");
  CHECK(context(server.ask("GET", "/v1/nothing")).empty());

  const auto key = std::string{"Idempotency-Key: k1\r\n"};
  CHECK(server.ask("POST", "/v1/personas/p/runs", R"({"task":"t"})", key).status == 202);
  CHECK(context(server.ask("POST", "/v1/personas/p/runs", R"({"task":"u"})", key))
        == R"({"persona_id":"p","idempotency_key":"k1"}})");

  server.engine.fail_with(failure{errc::overloaded, "full"});
  CHECK(context(server.ask("POST", "/v1/runs", R"({"persona_id":"q","task":"t"})"))
        == R"({"persona_id":"q","runs_live_max":"10000","runs_queued_max":"1000"}})");
}

TEST_CASE("what went wrong inside stands in the log, not in the answer", "[api][routes]") {
  auto server = test_server{};
  server.engine.fail_with(failure{errc::internal_error, "the setup abc is not in the store"});
  const auto answer = server.ask("POST", "/v1/runs", R"({"persona_id":"p","task":"t"})");
  CHECK(answer.status == 500);
  CHECK_FALSE(has(answer.body, "setup"));
  const auto said = server.log->saying("a request failed inside");
  REQUIRE(said.size() == 1);
  CHECK(said[0].level == log_level::error);
  CHECK(said[0].fields == "route=start_run cause=the setup abc is not in the store");
}

TEST_CASE("errors about limits name the limit in their context", "[api][routes]") {
  auto settings = with_keys();
  settings.rates.default_per_minute = 1;
  auto server = test_server{settings};
  const auto alice = bearer("alice-key");
  CHECK(server.ask("GET", "/v1/runs", "", alice).status == 200);
  CHECK(has(server.ask("GET", "/v1/runs", "", alice).body,
            R"("context":{"limit_per_minute":"1","kind":"default"}})"));
  const auto large = server.ask("POST", "/v1/runs", std::string((1 << 20) + 1, ' '), alice);
  CHECK(large.status == 413);
  CHECK(has(large.body, R"("context":{"body_bytes_max":"1048576"}})"));
  const auto wide = server.ask("GET", "/livez", "", "X: " + std::string(20'000, 'x') + "\r\n");
  CHECK(wide.status == 431);
  CHECK(has(wide.body, R"("context":{"header_bytes_max":"16384"}})"));
}

TEST_CASE("a live run is not deleted, an ended one is", "[api][routes]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  const auto path = "/v1/runs/" + run.value;
  CHECK(has(server.ask("DELETE", path).body, R"("error":"run_active")"));
  server.engine.finish(run);
  CHECK(server.ask("DELETE", path).status == 204);
  CHECK(server.ask("DELETE", path).status == 404);
}

TEST_CASE("HT-17 over the rate there is 429 with four headers; next minute passes",
          "[api][routes]") {
  auto settings = with_keys();
  settings.rates.default_per_minute = 2;
  auto server = test_server{settings};
  const auto alice = bearer("alice-key");
  CHECK(server.ask("GET", "/v1/runs", "", alice).header("x-ratelimit-remaining") == "1");
  CHECK(server.ask("GET", "/v1/tools", "", alice).header("x-ratelimit-remaining") == "0");
  const auto refused = server.ask("GET", "/v1/runs", "", alice);
  CHECK(refused.status == 429);
  CHECK(has(refused.body, R"("error":"rate_limit_exceeded")"));
  CHECK(refused.header("x-ratelimit-limit") == "2");
  CHECK(refused.header("x-ratelimit-remaining") == "0");
  CHECK(refused.header("x-ratelimit-reset") == "1767225660");
  CHECK(refused.header("retry-after") == "60");
  CHECK(server.ask("GET", "/v1/runs", "", bearer("bob-key")).status == 200);
  CHECK(server.ask("GET", "/livez").header("x-ratelimit-limit").empty());
  server.now_ms += 60'000;
  CHECK(server.ask("GET", "/v1/runs", "", alice).status == 200);
}

TEST_CASE("HT-19 livez needs nothing, healthz the journal, readyz says why not", "[api][routes]") {
  auto server = test_server{};
  CHECK(server.ask("GET", "/livez").body == R"({"status":"ok"})");
  CHECK(server.ask("GET", "/healthz").body == R"({"status":"ok","db":"connected"})");
  CHECK(server.ask("GET", "/readyz").status == 200);
  server.engine.fail_with(failure{errc::journal_unavailable, ""});
  server.engine.not_ready("draining");
  CHECK(server.ask("GET", "/livez").status == 200);
  const auto health = server.ask("GET", "/healthz");
  CHECK(health.status == 503);
  CHECK(health.body == R"({"status":"unavailable","db":"disconnected"})");
  const auto ready = server.ask("GET", "/readyz");
  CHECK(ready.status == 503);
  CHECK(has(ready.body, R"("reason":"draining")"));
}

TEST_CASE("checks come in order: JSON, key, rate, fields, existence", "[api][routes]") {
  auto settings = with_keys();
  settings.rates.default_per_minute = 1;
  auto server = test_server{settings};
  const auto alice = bearer("alice-key");
  const auto path = std::string{"/v1/runs/run_none/respond"};
  CHECK(server.ask("POST", path, "{").status == 400);
  CHECK(server.ask("POST", path, "{}").status == 401);
  CHECK(server.ask("POST", path, "{}", alice).status == 422);
  CHECK(server.ask("POST", path, R"({"answer":"a"})", alice).status == 429);
  server.now_ms += 60'000;
  CHECK(server.ask("POST", path, R"({"answer":"a"})", alice).status == 404);
}

TEST_CASE("overload is answered at once, with Retry-After", "[api][routes]") {
  auto server = test_server{};
  server.engine.fail_with(failure{errc::overloaded, "1000 runs are queued", 3s});
  const auto answer = server.ask("POST", "/v1/runs?wait=300", R"({"persona_id":"p","task":"t"})");
  CHECK(answer.status == 503);
  CHECK(answer.header("retry-after") == "3");
  CHECK(answer.body
        == R"({"error":"overloaded","detail":"1000 runs are queued","context":)"
           R"({"persona_id":"p","runs_live_max":"10000","runs_queued_max":"1000"}})");
}

TEST_CASE("without keys a page elsewhere reaches nothing", "[api][routes]") {
  auto server = test_server{};
  const auto post = [&](const std::string& headers) {
    auto client = raw_client{server.address()};
    client.send("POST /v1/runs HTTP/1.1\r\n" + headers
                + "Content-Length: 29\r\n\r\n{\"persona_id\":\"p\",\"task\":\"t\"}");
    return client.read_answer();
  };
  const auto json = std::string{"Content-Type: application/json\r\n"};
  CHECK(post("Host: 127.0.0.1:80\r\n" + json).status == 202);
  CHECK(has(post("Host: evil.example\r\n" + json).body, R"("error":"host_not_allowed")"));
  CHECK(post("Host: evil.example\r\n" + json).status == 403);
  CHECK(post("Host: localhost\r\nContent-Type: text/plain\r\n").status == 415);
  CHECK(post("Host: localhost\r\n").status == 415);
  CHECK(post("Host: localhost\r\nOrigin: http://evil.example\r\n" + json).status == 403);
  CHECK(post("Host: localhost\r\nOrigin: http://localhost\r\n" + json).status == 202);
}

TEST_CASE("a configured origin may call from a browser", "[api][routes]") {
  auto settings = api_settings{};
  settings.cors_origins = {"http://desk.example"};
  auto server = test_server{settings};
  const auto origin = std::string{"Origin: http://desk.example\r\n"};
  const auto answer = server.ask("GET", "/v1/runs", "", origin);
  CHECK(answer.status == 200);
  CHECK(answer.header("access-control-allow-origin") == "http://desk.example");
  CHECK(has(answer.header("access-control-expose-headers"), "X-RateLimit-Limit"));
  const auto preflight = server.ask("OPTIONS", "/v1/runs", "", origin);
  CHECK(preflight.status == 204);
  CHECK(has(preflight.header("access-control-allow-methods"), "POST"));
  CHECK(has(preflight.header("access-control-allow-headers"), "Idempotency-Key"));
  const auto stranger = server.ask("OPTIONS", "/v1/runs", "", "Origin: http://other.example\r\n");
  CHECK(stranger.header("access-control-allow-origin").empty());
  CHECK(stranger.header("access-control-allow-methods").empty());
}

TEST_CASE("unknown paths are 404, wrong methods 405 with Allow, HEAD has no body",
          "[api][routes]") {
  auto server = test_server{};
  CHECK(has(server.ask("GET", "/v1/chat/answers").body, R"("error":"not_found")"));
  CHECK(server.ask("GET", "/v1/talks").status == 404);
  const auto wrong = server.ask("PUT", "/v1/runs");
  CHECK(wrong.status == 405);
  CHECK(wrong.header("allow") == "POST, GET, HEAD, OPTIONS");
  CHECK(server.ask("OPTIONS", "/v1/runs").status == 204);
  const auto head = server.ask("HEAD", "/livez");
  CHECK(head.status == 200);
  CHECK(head.header("content-length") == "15");
  CHECK(head.body.empty());
  CHECK(server.ask("GET", "/v1/runs/..%2f..").status == 404);
  CHECK(server.ask("GET", "/v1/runs/%zz").status == 400);
  CHECK(server.ask("GET", "/").header("content-type") == "text/html; charset=utf-8");
}

TEST_CASE("metrics are the engine's and the edge's", "[api][routes]") {
  auto server = test_server{};
  CHECK(server.ask("GET", "/livez").status == 200);
  CHECK(server.ask("GET", "/nowhere").status == 404);
  const auto text = server.ask("GET", "/metrics").body;
  CHECK(has(text, "persona_runs_live 0\n"));
  CHECK(has(text, "persona_http_requests_total{route=\"livez\",status=\"2xx\"} 1\n"));
  CHECK(has(text, "persona_http_requests_total{route=\"other\",status=\"4xx\"} 1\n"));
  CHECK(has(text, "\npersona_http_viewers 0\n"));
  CHECK(server.metric("persona_http_bytes_out_total") > 100);
}
