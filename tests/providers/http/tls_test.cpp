#include "providers/http/client.hpp"
#include "providers/http/io_thread.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/http_probe.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

void answer_in_chunks(loopback_peer& peer) {
  while (!peer.read_request().empty()) {
    peer.send(chunked_head("text/plain"));
    peer.send(as_chunk(std::string(40'000, 'x')));
    peer.send(as_chunk("end"));
    peer.send(last_chunk);
  }
}

struct tls_fixture {
  explicit tls_fixture(const std::string& ca_file) {
    auto options = http_client_options{};
    options.extra_ca_file = ca_file;
    client = std::move(*make_http_client(io.context(), options));
  }
  io_thread io;
  std::unique_ptr<http_client> client;
};

void expect_refused(http_client& client, const std::string& url, std::string_view why) {
  auto probe = fetch(client, get(url));
  REQUIRE(probe->error().has_value());
  CAPTURE(probe->error()->detail);
  CHECK(probe->error()->kind == http_error_kind::tls_failed);
  CHECK(probe->error()->detail.find(why) != std::string::npos);
  CHECK(probe->status() == 0);
}

}  // namespace

TEST_CASE("TLS carries requests and is kept alive", "[providers][http][tls]") {
  auto authority = test_authority{};
  auto server = loopback_server{answer_in_chunks, authority.issue({})};
  auto f = tls_fixture{authority.ca_file()};
  for (int i = 0; i < 3; ++i) {
    auto request = get(server.url());
    request.method = "POST";
    request.body = std::string(100'000, 'b');
    auto probe = fetch(*f.client, request);
    CHECK_FALSE(probe->error().has_value());
    CHECK(probe->body().size() == 40'003);
  }
  CHECK(server.accepted() == 1);
}

TEST_CASE("TLS checks a name as it checks an address", "[providers][http][tls]") {
  auto authority = test_authority{};
  auto server = loopback_server{answer_in_chunks, authority.issue({})};
  auto f = tls_fixture{authority.ca_file()};
  auto by_name = "https://localhost:" + std::to_string(server.port()) + "/";
  CHECK(fetch(*f.client, get(by_name))->status() == 200);
}

TEST_CASE("TLS refuses a wrong host, an expired certificate, an unknown authority",
          "[providers][http][tls]") {
  auto authority = test_authority{};
  auto other = test_authority{};
  auto wrong_host = loopback_server{answer_in_chunks, authority.issue({"DNS:elsewhere.test"})};
  auto expired = loopback_server{answer_in_chunks, authority.issue({"IP:127.0.0.1", -60})};
  auto unknown = loopback_server{answer_in_chunks, other.issue({})};
  auto f = tls_fixture{authority.ca_file()};
  expect_refused(*f.client, wrong_host.url(), "IP address mismatch");
  expect_refused(*f.client, "https://localhost:" + std::to_string(wrong_host.port()),
                 "hostname mismatch");
  expect_refused(*f.client, expired.url(), "expired");
  expect_refused(*f.client, unknown.url(), "unable to get local issuer");
}

TEST_CASE("TLS with a peer that speaks something else fails", "[providers][http][tls]") {
  auto server = loopback_server{[](loopback_peer& peer) { peer.send("220 mail ready\r\n"); }};
  auto f = tls_fixture{""};
  expect_refused(*f.client, "https://127.0.0.1:" + std::to_string(server.port()), "handshake");
}

TEST_CASE("TLS a body cut without a farewell is a reset", "[providers][http][tls]") {
  auto authority = test_authority{};
  auto server = loopback_server{[](loopback_peer& peer) {
                                  peer.read_request();
                                  peer.send("HTTP/1.1 200 OK\r\n\r\nup to the e");
                                  peer.reset();
                                },
                                authority.issue({})};
  auto f = tls_fixture{authority.ca_file()};
  auto probe = fetch(*f.client, get(server.url()));
  REQUIRE(probe->error().has_value());
  CHECK(probe->error()->kind == http_error_kind::reset);
}

TEST_CASE("a missing authority file is said at once", "[providers][http][tls]") {
  auto io = io_thread{};
  auto options = http_client_options{};
  options.extra_ca_file = "/nowhere/ca.pem";
  auto client = make_http_client(io.context(), options);
  REQUIRE_FALSE(client.has_value());
  CHECK(client.error().detail.find("/nowhere/ca.pem") != std::string::npos);
}
