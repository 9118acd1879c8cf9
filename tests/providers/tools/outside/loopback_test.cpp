// The HTTP tools over real sockets.

#include "domain/tool/result_bounds.hpp"
#include "providers/http/client.hpp"
#include "providers/http/io_thread.hpp"
#include "providers/tools/outside/http_tool.hpp"
#include "providers/tools/outside/web_fetch.hpp"
#include "tests/providers/tools/outside/fake_web.hpp"
#include "tests/providers/tools/outside/outside_support.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/recording_server.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

struct real_client {
  io_thread io;
  std::unique_ptr<http_client> client{std::move(make_http_client(io.context(), {}).value())};
};

struct calling {
  real_client real;
  std::shared_ptr<tool_body> tool;

  calling(const std::string& url, std::chrono::milliseconds timeout = 20s)
    : tool{make_http_tool({.name = "lookup",
                           .description = "Looks a berth up.",
                           .parameters = R"({"type":"object"})",
                           .timeout = timeout},
                          url, *real.client)} {}

  tool_result call() { return result_of(*tool, R"({"berth":7})"); }
};

tool_result answered_with(const std::string& answer) {
  const auto server = recording_server{answer};
  return calling{server.url("/lookup")}.call();
}

}  // namespace

TEST_CASE("an HTTP tool posts the call as JSON and takes the answer apart", "[tools][http_tool]") {
  const auto server = recording_server{
    plain_answer(R"({"content":"Berth 7 is free","data":{"free":true}})", "application/json")};
  auto t = calling{server.url("/lookup?v=1")};
  const auto result = t.call();
  CHECK(result.content == "Berth 7 is free");
  CHECK(result.data == R"({"free":true})");
  CHECK_FALSE(result.is_error);
  const auto request = server.request();
  CHECK(request.find("POST /lookup?v=1 HTTP/1.1\r\n") == 0);
  CHECK(contains(request, "application/json"));
  CHECK(contains(request, R"({"call_id":"call_7","name":"lookup","arguments":{"berth":7},)"
                          R"("run_id":"run_1","persona_id":"persona_1",)"
                          R"("idempotency_key":"run_1/2/0"})"));
}

TEST_CASE("an HTTP tool may answer any text", "[tools][http_tool]") {
  CHECK(answered_with(plain_answer("seven\n")).content == "seven\n");
  CHECK(answered_with(plain_answer("")).content.empty());
  CHECK(answered_with(plain_answer("[1]", "application/json")).content == "[1]");
}

TEST_CASE("another status is a tool error that names it, and redirects are not followed",
          "[tools][http_tool]") {
  const auto missing = answered_with(plain_answer("no berth 99", "text/plain", "404 Not Found"));
  CHECK(missing.is_error);
  CHECK(missing.content == "The tool lookup answered with HTTP status 404:\nno berth 99");

  const auto accepted = answered_with(plain_answer("later", "text/plain", "202 Accepted"));
  CHECK(accepted.is_error);
  CHECK(contains(accepted.content, "202"));

  const auto moved =
    answered_with("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n");
  CHECK(moved.is_error);
  CHECK(moved.content == "The tool lookup answered with HTTP status 302.");
}

TEST_CASE("an HTTP tool that is slow, gone or broken is a tool error", "[tools][http_tool]") {
  const auto silent = recording_server{""};
  const auto late = calling{silent.url(), 200ms}.call();
  CHECK(late.is_error);
  CHECK(contains(late.content, "did not answer in time"));

  auto closed_port = std::uint16_t{0};
  { closed_port = recording_server{""}.port(); }
  const auto gone = calling{"http://127.0.0.1:" + std::to_string(closed_port) + "/"}.call();
  CHECK(gone.is_error);
  CHECK(contains(gone.content, "could not be reached"));

  const auto broken = answered_with("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  CHECK(broken.is_error);
  CHECK(contains(broken.content, "broke off"));
}

TEST_CASE("a long answer of an HTTP tool is cut, a huge one is an error", "[tools][http_tool]") {
  const auto cut = answered_with(plain_answer(std::string(tool_result_bytes_max + 1, 'a')));
  CHECK(cut.truncated);
  CHECK(cut.content.size() == tool_result_bytes_max);
  CHECK(contains(cut.content, "262145 bytes"));
  const auto huge = answered_with(plain_answer(std::string((8 << 20) + 1, 'a')));
  CHECK(huge.is_error);
  CHECK(contains(huge.content, "8388608 bytes"));
}

TEST_CASE("cancel closes an HTTP tool's connection and tells nobody", "[tools][http_tool]") {
  auto gone = std::promise<void>{};
  auto server = loopback_server{[&gone](loopback_peer& peer) {
    peer.read_request();
    peer.stall();  // until the other side closes
    gone.set_value();
  }};
  auto t = calling{server.url()};
  auto answer = awaited<tool_result>{};
  const auto call = t.tool->start(a_call("{}"), answer.receiver());
  REQUIRE(eventually([&] { return server.accepted() == 1; }));
  call->cancel();
  CHECK(gone.get_future().wait_for(20s) == std::future_status::ready);
  CHECK_FALSE(answer.is_ready());
}

TEST_CASE("SG-07 over real sockets: the checked address is connected to, Host is the URL's",
          "[tools][web_fetch]") {
  const auto server = recording_server{plain_answer("a page")};
  auto real = real_client{};
  auto resolver = fake_resolver{};
  resolver.names["open.example"] = {{"127.0.0.1"}};
  auto options = web_fetch_options{};
  options.targets.allows = [](std::string_view address) { return address == "127.0.0.1"; };
  const auto tool = make_web_fetch(*real.client, resolver, real.io.context(),
                                   std::make_shared<worker_pool>(1, 8), options);
  const auto host = "open.example:" + std::to_string(server.port());
  const auto result = result_of(*tool, R"({"url":"http://)" + host + R"(/a"})");
  CHECK(result.content == "a page");
  CHECK(contains(server.request(), "Host: " + host + "\r\n"));
  CHECK(server.request().find("GET /a HTTP/1.1\r\n") == 0);
}

TEST_CASE("web_fetch reaches no server on this machine", "[tools][web_fetch]") {
  const auto server = recording_server{plain_answer("inside")};
  auto real = real_client{};
  const auto pool = std::make_shared<worker_pool>(2, 8);
  const auto resolver = make_system_resolver(pool);
  const auto tool = make_web_fetch(*real.client, *resolver, real.io.context(), pool);
  const auto port = ":" + std::to_string(server.port());
  for (const auto& host : {"127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "0",
                           "[::ffff:7f00:1]", "017700000001"}) {
    INFO(host);
    const auto result = result_of(*tool, R"({"url":"http://)" + (host + port) + R"(/"})");
    CHECK(result.is_error);
  }
  CHECK(server.accepted() == 0);
}

TEST_CASE("web_fetch stops a download at its bound and shows what came", "[tools][web_fetch]") {
  const auto page = std::string(3 << 20, 'a');
  for (const auto& answer :
       {plain_answer(page), chunked_head("text/plain") + as_chunk(page) + as_chunk(page)}) {
    const auto server = recording_server{answer};
    auto real = real_client{};
    auto resolver = fake_resolver{};
    auto options = web_fetch_options{};
    options.targets.allows = [](std::string_view) { return true; };
    const auto tool = make_web_fetch(*real.client, resolver, real.io.context(),
                                     std::make_shared<worker_pool>(1, 8), options);
    const auto result = result_of(*tool, R"({"url":")" + server.url() + R"("})");
    CHECK_FALSE(result.is_error);
    CHECK(result.content == std::string(4000, 'a'));
    CHECK(result.truncated);
    CHECK(contains(result.data, "\"original_length\":2097152"));
  }
}
