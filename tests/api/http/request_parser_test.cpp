#include "api/http/request_parser.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;

namespace {

unsigned status_for(const std::string& bytes) {
  auto parser = request_parser{{16 << 10, 1 << 20}};
  parser.feed(bytes);
  return parser.failed() ? parser.failed()->status : parser.is_complete() ? 200U : 0U;
}

}  // namespace

TEST_CASE("a request is read with the fields that matter", "[api][request_parser]") {
  auto parser = request_parser{{16 << 10, 1 << 20}};
  const auto text = std::string{
    "POST /v1/runs?wait=1 HTTP/1.1\r\nhost: h\r\nAUTHORIZATION: Bearer k\r\n"
    "Content-Type: application/json\r\nAccept: text/event-stream\r\nLast-Event-ID: 7\r\n"
    "Idempotency-Key: abc\r\nOrigin: http://o\r\nContent-Length: 4\r\n\r\nbody"};
  const auto next = std::string{"GET / HTTP/1.1\r\n"};
  CHECK(parser.feed(text + next) == text.size());
  REQUIRE(parser.is_complete());
  const auto request = parser.take();
  CHECK(request.method == "POST");
  CHECK(request.target == "/v1/runs?wait=1");
  CHECK(request.body == "body");
  CHECK(request.host == "h");
  CHECK(request.authorization == "Bearer k");
  CHECK(request.last_event_id == "7");
  CHECK(request.idempotency_key == "abc");
  CHECK(request.origin == "http://o");
  CHECK(request.content_type == "application/json");
  CHECK(request.keep_alive);
}

TEST_CASE("a request may come byte by byte, and in chunks", "[api][request_parser]") {
  const auto head = std::string{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"};
  for (const auto& [chunks, body] : {
         std::pair{std::string{"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"}, std::string{"abcde"}},
         std::pair{std::string{"0\r\n\r\n"}, std::string{}},
         std::pair{std::string{"0\r\nTrailer: t\r\n\r\n"}, std::string{}},
       }) {
    CAPTURE(chunks);
    auto parser = request_parser{{16 << 10, 1 << 20}};
    auto waiting = std::string{};
    for (const auto byte : head + chunks) {
      CHECK_FALSE(parser.is_complete());
      waiting.push_back(byte);
      waiting.erase(0, parser.feed(waiting));
    }
    REQUIRE(parser.is_complete());
    CHECK(parser.take().body == body);
  }
}

TEST_CASE("what is no request has a status", "[api][request_parser]") {
  const auto long_header = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(17'000, 'x');
  CHECK(status_for(long_header) == 431);
  CHECK(status_for(long_header + "\r\n\r\n") == 431);
  CHECK(status_for("GET /" + std::string(17'000, 'x')) == 431);
  CHECK(status_for("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n") == 413);
  CHECK(status_for("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n"
                   + std::string(0x100001, 'x'))
        == 413);
  CHECK(status_for("GET / HTTP/1.1\r\n\r\n") == 400);                        // no Host
  CHECK(status_for("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);  // two
  CHECK(status_for("GET / HTTP/3.7\r\nHost: a\r\n\r\n") == 400);
  CHECK(status_for("\x16\x03\x01 hello\r\n\r\n") == 400);  // TLS by mistake
  CHECK(status_for("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n") == 400);
  CHECK(status_for("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n")
        == 400);
  CHECK(status_for("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n") == 400);
  CHECK(status_for("GET / HTTP/1.0\r\n\r\n") == 200);
}

TEST_CASE("the bound of a head does not depend on how it is cut", "[api][request_parser]") {
  constexpr auto head_max = std::size_t{200};
  for (const auto size : {head_max, head_max + 1}) {
    auto text = std::string{"GET /"} + std::string(100, 'x') + " HTTP/1.1\r\nHost: h\r\nX: ";
    text += std::string(size - text.size() - 4, 'y') + "\r\n\r\n";
    for (auto cut = std::size_t{1}; cut <= size; ++cut) {
      CAPTURE(size, cut);
      auto parser = request_parser{{head_max, 10}};
      const auto used = parser.feed(text.substr(0, cut));
      parser.feed(text.substr(used));
      CHECK(parser.is_complete() == (size == head_max));
      CHECK(parser.failed().has_value() == (size > head_max));
    }
  }
}

TEST_CASE("a body with two lengths is no request", "[api][request_parser]") {
  CHECK(
    status_for("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")
    == 400);
  CHECK(status_for("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        == 400);
}

TEST_CASE("a client may wait for the word to send its body", "[api][request_parser]") {
  auto parser = request_parser{{16 << 10, 1 << 20}};
  parser.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(parser.has_head());
  CHECK_FALSE(parser.is_complete());
  CHECK(parser.wants_continue());
}

namespace {

constexpr auto with_images =
  request_parser::bounds{16 << 10, 10, 100, [](std::string_view method, std::string_view target) {
                           return method == "POST" && target == "/i";
                         }};

unsigned status_of(const std::string& line, const std::string& fields, const std::string& body) {
  auto parser = request_parser{with_images};
  parser.feed(line + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n\r\n" + body);
  return parser.failed() ? parser.failed()->status : parser.is_complete() ? 200U : 0U;
}

std::string length(std::size_t bytes) {
  return "Content-Length: " + std::to_string(bytes);
}

}  // namespace

TEST_CASE("only routes that take images take a large body, whose length is said",
          "[api][request_parser]") {
  const auto large = std::string(100, 'x');
  CHECK(status_of("POST /i", length(100), large) == 200);
  CHECK(status_of("POST /i", length(101), large) == 413);
  CHECK(status_of("POST /o", length(10), std::string(10, 'x')) == 200);
  CHECK(status_of("POST /o", length(11), large) == 413);
  CHECK(status_of("PUT /i", length(11), large) == 413);
  const auto chunked = std::string{"Transfer-Encoding: chunked"};
  CHECK(status_of("POST /i", chunked, "a\r\n0123456789\r\n0\r\n\r\n") == 200);
  CHECK(status_of("POST /i", chunked, "b\r\n0123456789a\r\n0\r\n\r\n") == 413);
}

TEST_CASE("a large body is announced by its length", "[api][request_parser]") {
  const auto announced = [](std::size_t bytes) {
    auto parser = request_parser{with_images};
    parser.feed("POST /i HTTP/1.1\r\nHost: h\r\n" + length(bytes) + "\r\n\r\n");
    return parser.large_length();
  };
  CHECK(announced(10) == 0);
  CHECK(announced(11) == 11);
  CHECK(announced(100) == 100);
}
