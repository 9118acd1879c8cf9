#include "providers/http/client.hpp"
#include "providers/http/io_thread.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_probe.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/no_descriptors.hpp"

#include <future>

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  explicit fixture(http_client_options options = {}) {
    options.sweep = 5ms;
    client = std::move(*make_http_client(io.context(), std::move(options)));
  }
  io_thread io;
  std::unique_ptr<http_client> client;
};

void answer_all(loopback_peer& peer) {
  while (!peer.read_request().empty()) {
    peer.send(plain_answer("hi"));
  }
}

void expect_error(const http_probe& probe, http_error_kind kind, std::string_view part) {
  REQUIRE(probe.error().has_value());
  CAPTURE(probe.error()->detail);
  CHECK(probe.error()->kind == kind);
  CHECK(probe.error()->detail.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a connection is kept and used again", "[providers][http][client]") {
  auto server = loopback_server{answer_all};
  auto f = fixture{};
  for (int i = 0; i < 3; ++i) {
    auto probe = fetch(*f.client, get(server.url("/a")));
    CHECK(probe->status() == 200);
    CHECK(probe->body() == "hi");
    CHECK(probe->head().header("content-type") == "text/plain");
    CHECK_FALSE(probe->error().has_value());
  }
  CHECK(server.accepted() == 1);
}

TEST_CASE("idle connections can be given up; the next call opens its own",
          "[providers][http][client]") {
  auto server = loopback_server{answer_all};
  auto f = fixture{};
  CHECK(fetch(*f.client, get(server.url()))->status() == 200);
  f.client->close_idle(10);
  CHECK(fetch(*f.client, get(server.url()))->status() == 200);
  CHECK(server.accepted() == 2);
  f.client->close_idle(0);
  CHECK(fetch(*f.client, get(server.url()))->status() == 200);
  CHECK(server.accepted() == 2);
}

TEST_CASE("out of descriptors an idle connection makes room for the one that is needed",
          "[providers][http][client]") {
  auto one = loopback_server{answer_all};
  auto other = loopback_server{answer_all};
  auto f = fixture{};
  CHECK(fetch(*f.client, get(one.url()))->status() == 200);
  CHECK(fetch(*f.client, get(other.url()))->status() == 200);
  auto third = loopback_server{answer_all};
  const auto taken = no_descriptors{};
  // The server takes the descriptor that the closed connection's other end gives back.
  CHECK(fetch(*f.client, get(third.url()))->status() == 200);
}

TEST_CASE("chunked and close-delimited bodies arrive whole", "[providers][http][client]") {
  const auto long_text = std::string(300'000, 'x');
  auto server = loopback_server{[&](loopback_peer& peer) {
    if (peer.read_request().starts_with("GET /chunks")) {
      peer.send(chunked_head("text/plain"));
      for (int i = 0; i < 3; ++i) {
        peer.send_in_pieces(as_chunk("part " + std::to_string(i)), 3);
      }
      peer.send(last_chunk);
    } else {
      peer.send("HTTP/1.1 200 OK\r\n\r\n" + long_text);
    }
  }};
  auto f = fixture{};
  CHECK(fetch(*f.client, get(server.url("/chunks")))->body() == "part 0part 1part 2");
  auto closed = fetch(*f.client, get(server.url("/close")));
  CHECK(closed->body() == long_text);
  CHECK_FALSE(closed->error().has_value());
}

TEST_CASE("a large request is sent in parts", "[providers][http][client]") {
  const auto body = std::string(5'000'000, 'b');
  auto server = loopback_server{[&](loopback_peer& peer) {
    auto request = peer.read_request();
    peer.send(plain_answer(request.ends_with(body) ? "whole" : "torn"));
  }};
  auto f = fixture{};
  auto request = get(server.url());
  request.method = "POST";
  request.body = body;
  CHECK(fetch(*f.client, request)->body() == "whole");
}

TEST_CASE("an answer before the request was taken is heard", "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    peer.send(plain_answer("too long", "text/plain", "413 Payload Too Large"));
    peer.stall();
  }};
  auto f = fixture{};
  auto request = get(server.url());
  request.method = "POST";
  request.body = std::string(50'000'000, 'b');
  CHECK(fetch(*f.client, request)->status() == 413);
}

TEST_CASE("a kept connection that died is replaced once", "[providers][http][client]") {
  std::atomic<int> connections{0};
  auto server = loopback_server{[&](loopback_peer& peer) {
    auto number = ++connections;
    peer.read_request();
    if (number == 3) {
      return;  // fresh and dead: nothing to be done
    }
    peer.send(plain_answer("hi"));
    peer.read_request();  // taken and never answered
  }};
  auto f = fixture{};
  CHECK(fetch(*f.client, get(server.url()))->body() == "hi");
  CHECK(fetch(*f.client, get(server.url()))->body() == "hi");
  CHECK(server.accepted() == 2);
  auto third = fetch(*f.client, get(server.url()));
  expect_error(*third, http_error_kind::reset, "before the answer");
  CHECK_FALSE(third->error()->response_begun);
  CHECK(server.accepted() == 3);
}

TEST_CASE("a request is not held for long, and then not repeated", "[providers][http][client]") {
  auto let_go = std::promise<void>{};
  auto gone = let_go.get_future().share();
  auto server = loopback_server{[&](loopback_peer& peer) {
    peer.read_request();
    peer.send(plain_answer("hi"));
    peer.read_request();
    gone.wait();
  }};
  auto options = http_client_options{};
  options.resend_within = 1ms;
  auto f = fixture{options};
  fetch(*f.client, get(server.url()));
  auto late = start_probed(*f.client, get(server.url()));
  // A later call whose time-out the same sweep notices: then the first one has let go as well.
  auto other = loopback_server{[](loopback_peer& peer) {
    peer.read_request();
    peer.read_request();
  }};
  auto timed = get(other.url());
  timed.timeouts.first_byte = 50ms;
  expect_error(*fetch(*f.client, timed), http_error_kind::timeout, "first_byte");
  let_go.set_value();
  CHECK(late.probe->wait());
  expect_error(*late.probe, http_error_kind::reset, "before the answer");
  CHECK(server.accepted() == 1);
}

TEST_CASE("nothing is repeated once an answer has begun", "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    peer.read_request();
    peer.send(plain_answer("hi"));
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  }};
  auto f = fixture{};
  fetch(*f.client, get(server.url()));
  auto cut = fetch(*f.client, get(server.url()));
  expect_error(*cut, http_error_kind::reset, "middle of the answer");
  CHECK(cut->error()->response_begun);
  CHECK(cut->body() == "half");
  CHECK(server.accepted() == 1);
}

TEST_CASE("each time-out says which limit was hit", "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    auto request = peer.read_request();
    if (request.starts_with("GET /head")) {
      peer.send(chunked_head("text/plain"));
    } else if (request.starts_with("GET /part")) {
      peer.send(chunked_head("text/plain") + as_chunk("some"));
    } else if (request.starts_with("GET /drip")) {
      peer.send(chunked_head("text/plain"));
      while (peer.send_in_pieces(as_chunk("x"), 2)) {
      }
      return;
    }
    peer.stall();
  }};
  auto f = fixture{};
  auto of = [&](std::string url, http_timeouts limits) {
    auto request = get(std::move(url));
    request.timeouts = limits;
    return fetch(*f.client, request);
  };
  const auto base = http_timeouts{10s, 10s, 10s, 10s};
  auto limits = base;
  limits.first_byte = 30ms;
  expect_error(*of(server.url("/none"), limits), http_error_kind::timeout, "first_byte timeout");
  auto head_only = of(server.url("/head"), limits);
  expect_error(*head_only, http_error_kind::timeout, "first_byte timeout");
  CHECK(head_only->error()->response_begun);
  limits = base;
  limits.between = 30ms;
  auto part = of(server.url("/part"), limits);
  expect_error(*part, http_error_kind::timeout, "between timeout");
  CHECK(part->body() == "some");
  limits = base;
  limits.total = 60ms;
  expect_error(*of(server.url("/drip"), limits), http_error_kind::timeout, "total timeout");
  limits = base;
  limits.connect = 30ms;  // the TLS handshake is part of it
  auto secure = "https" + server.url("/").substr(4);
  expect_error(*of(secure, limits), http_error_kind::timeout, "connect timeout");
}

TEST_CASE("cancel closes the connection and silences the call", "[providers][http][client]") {
  auto gone = std::promise<void>{};
  auto server = loopback_server{[&](loopback_peer& peer) {
    peer.read_request();
    peer.send(chunked_head("text/plain") + as_chunk("first"));
    peer.stall();
    gone.set_value();
  }};
  auto f = fixture{};
  auto call = start_probed(*f.client, get(server.url()));
  REQUIRE(call.probe->wait_for_body(5));
  call.handle->cancel();
  call.handle->cancel();
  CHECK(gone.get_future().wait_for(5s) == std::future_status::ready);
  CHECK(call.probe->ends() == 0);
  CHECK(call.probe.use_count() == 1);  // the client has let go of the handler
}

TEST_CASE("cancel before anything happened is silent too", "[providers][http][client]") {
  auto server = loopback_server{answer_all};
  auto f = fixture{};
  auto calls = std::vector<probed_call>{};
  for (int i = 0; i < 100; ++i) {
    calls.push_back(start_probed(*f.client, get(i % 2 == 0 ? server.url() : "nonsense")));
    calls.back().handle->cancel();
  }
  CHECK(fetch(*f.client, get(server.url()))->body() == "hi");
  for (const auto& call : calls) {
    CHECK(call.probe->ends() <= 1);
  }
}

TEST_CASE("what is wrong before the answer has a kind of its own", "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    auto request = peer.read_request();
    if (request.starts_with("GET /reset")) {
      peer.reset();
    } else {
      peer.send("what do you want?\r\n\r\n");
    }
  }};
  auto f = fixture{};
  expect_error(*fetch(*f.client, get("gopher://x/")), http_error_kind::bad_url, "http or https");
  expect_error(*fetch(*f.client, get("http://no..such/")), http_error_kind::resolve_failed,
               "no..such");
  expect_error(*fetch(*f.client, get("http://127.0.0.1:1/")), http_error_kind::connect_failed,
               "127.0.0.1:1");
  expect_error(*fetch(*f.client, get(server.url("/reset"))), http_error_kind::reset, "before");
  expect_error(*fetch(*f.client, get(server.url("/other"))), http_error_kind::protocol, "HTTP");
  auto request = get(server.url());
  request.headers = {{"X", "a\r\nb"}};
  expect_error(*fetch(*f.client, request), http_error_kind::bad_url, "line break");
}

TEST_CASE("a body over its bound ends the call", "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    peer.read_request();
    peer.send(chunked_head("text/plain"));
    while (peer.send(as_chunk(std::string(10'000, 'x')))) {
    }
  }};
  auto f = fixture{};
  auto request = get(server.url());
  request.body_bytes_max = 25'000;
  auto probe = fetch(*f.client, request);
  expect_error(*probe, http_error_kind::body_too_large, "25000");
  CHECK(probe->body().size() <= 25'000);
}

TEST_CASE("beyond the connections calls queue, beyond the queue they are refused",
          "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    if (peer.read_request().starts_with("GET /stall")) {
      peer.send(chunked_head("text/plain") + as_chunk("begun"));
      peer.stall();
    } else {
      peer.send(plain_answer("hi"));
    }
  }};
  auto options = http_client_options{};
  options.connections_max = 1;
  options.queue_max = 1;
  auto f = fixture{options};
  auto first = start_probed(*f.client, get(server.url("/stall")));
  REQUIRE(first.probe->wait_for_body(5));
  auto second = start_probed(*f.client, get(server.url("/next")));
  auto third = fetch(*f.client, get(server.url("/more")));
  expect_error(*third, http_error_kind::refused, "all 1 connections");
  CHECK(second.probe->ends() == 0);
  first.handle->cancel();
  REQUIRE(second.probe->wait());
  CHECK(second.probe->body() == "hi");
}

TEST_CASE("a queued call obeys its total time", "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) { peer.stall(); }};
  auto options = http_client_options{};
  options.connections_max = 1;
  auto f = fixture{options};
  auto first = start_probed(*f.client, get(server.url()));
  auto request = get(server.url());
  request.timeouts.total = 30ms;
  expect_error(*fetch(*f.client, request), http_error_kind::timeout, "total timeout");
}

TEST_CASE("idle connections make room first", "[providers][http][client]") {
  auto one = loopback_server{answer_all};
  auto other = loopback_server{answer_all};
  auto options = http_client_options{};
  options.connections_max = 1;
  auto f = fixture{options};
  CHECK(fetch(*f.client, get(one.url()))->body() == "hi");
  CHECK(fetch(*f.client, get(other.url()))->body() == "hi");
  CHECK(fetch(*f.client, get(one.url()))->body() == "hi");
  CHECK(one.accepted() == 2);
}

TEST_CASE("idle connections are closed in time", "[providers][http][client]") {
  auto gone = std::promise<void>{};
  auto server = loopback_server{[&](loopback_peer& peer) {
    answer_all(peer);
    gone.set_value();
  }};
  auto options = http_client_options{};
  options.idle_timeout = 20ms;
  auto f = fixture{options};
  CHECK(fetch(*f.client, get(server.url()))->body() == "hi");
  CHECK(gone.get_future().wait_for(5s) == std::future_status::ready);
}

TEST_CASE("names are resolved, and a fixed address replaces the look-up",
          "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      auto from = request.find("Host: ");
      peer.send(plain_answer(request.substr(from, request.find("\r\n", from) - from)));
    }
  }};
  auto f = fixture{};
  auto port = std::to_string(server.port());
  CHECK(fetch(*f.client, get("http://localhost:" + port))->body() == "Host: localhost:" + port);
  auto request = get("http://model.invalid:" + port);
  request.address = "127.0.0.1";
  CHECK(fetch(*f.client, request)->body() == "Host: model.invalid:" + port);
}

TEST_CASE("many calls at once each get their own answer", "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      peer.send(plain_answer(request.substr(4, request.find(' ', 4) - 4)));
    }
  }};
  auto options = http_client_options{};
  options.connections_max = 20;
  auto f = fixture{options};
  auto calls = std::vector<probed_call>{};
  for (int i = 0; i < 300; ++i) {
    calls.push_back(start_probed(*f.client, get(server.url("/" + std::to_string(i)))));
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    REQUIRE(calls[i].probe->wait());
    CHECK(calls[i].probe->body() == "/" + std::to_string(i));
  }
  CHECK(server.accepted() <= 20);
}

TEST_CASE("a client that goes takes its calls with it", "[providers][http][client]") {
  auto gone = std::promise<void>{};
  auto server = loopback_server{[&](loopback_peer& peer) {
    peer.read_request();
    peer.send(chunked_head("text/plain") + as_chunk("begun"));
    peer.stall();
    gone.set_value();
  }};
  auto f = fixture{};
  auto call = start_probed(*f.client, get(server.url()));
  REQUIRE(call.probe->wait_for_body(5));
  f.client.reset();
  CHECK(gone.get_future().wait_for(5s) == std::future_status::ready);
  CHECK(call.probe->ends() == 0);
  call.handle->cancel();
}

TEST_CASE("a thread that goes with calls under way leaks nothing", "[providers][http][client]") {
  auto server = loopback_server{[](loopback_peer& peer) { peer.stall(); }};
  auto probe = std::weak_ptr<http_probe>{};
  {
    auto f = fixture{};
    auto call = start_probed(*f.client, get(server.url()));
    probe = call.probe;
    f.client.reset();
  }
  CHECK(probe.expired());
}
