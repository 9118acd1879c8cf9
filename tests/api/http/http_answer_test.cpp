#include "api/http/http_answer.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;

TEST_CASE("the head of an answer has status, date, type, length and the extra lines",
          "[api][http_answer]") {
  auto answer = http_answer{.status = 202, .body = "{}"};
  answer.headers.emplace_back("Location", "/v1/runs/run_1");
  CHECK(head_text(answer, {2, false, true}, "D", "X-A: b\r\n")
        == "HTTP/1.1 202 Accepted\r\nDate: D\r\nContent-Type: application/json\r\n"
           "Content-Length: 2\r\nLocation: /v1/runs/run_1\r\nX-A: b\r\n"
           "Connection: keep-alive\r\n\r\n");
}

TEST_CASE("a stream is chunked; 204 has neither type nor length", "[api][http_answer]") {
  const auto stream =
    head_text({.content_type = "text/event-stream"}, {std::nullopt, true, false}, "D", "");
  CHECK(stream.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(stream.find("Content-Length") == std::string::npos);
  CHECK(stream.find("Connection: close\r\n") != std::string::npos);
  const auto empty = head_text({.status = 204}, {0, false, true}, "D", "");
  CHECK(empty == "HTTP/1.1 204 No Content\r\nDate: D\r\nConnection: keep-alive\r\n\r\n");
}

TEST_CASE("a line feed in a header's value cannot begin another header", "[api][http_answer]") {
  auto answer = http_answer{};
  answer.headers.emplace_back("Location", "/a\r\nX-Evil: 1");
  const auto head = head_text(answer, {0, false, true}, "D", "");
  CHECK(head.find("Location: /a  X-Evil: 1\r\n") != std::string::npos);
}

TEST_CASE("the date has RFC 9110's form", "[api][http_answer]") {
  CHECK(http_date(instant{784'111'777'000}) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(instant{951'827'696'999}) == "Tue, 29 Feb 2000 12:34:56 GMT");
}
