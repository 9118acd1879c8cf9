#include "providers/http/response_parser.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

struct collector final : response_receiver {
  void on_parsed_head(http_response_head h) override {
    ++heads;
    head = std::move(h);
  }
  bool on_parsed_body(std::string_view bytes) override {
    body.append(bytes);
    return body.size() < stop_at;
  }
  int heads = 0;
  http_response_head head;
  std::string body;
  std::size_t stop_at = std::string::npos;
};

struct response_outcome {
  parse_state state;
  int status;
  std::string body;
  bool keeps_alive;
  http_error_kind kind;
  friend bool operator==(const response_outcome&, const response_outcome&) = default;
};

/// Feeds as the client does: what was not taken comes again, with more behind it.
response_outcome parsed_response(std::string_view text, std::size_t piece,
                                 parser_limits limits = {false, 1 << 20}) {
  auto into = collector{};
  auto parser = make_response_parser(into, limits);
  auto held = std::string{};
  while (!text.empty() && parser->state() == parse_state::wants_more) {
    held.append(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
    held.erase(0, parser->feed(held));
  }
  if (parser->state() == parse_state::wants_more) {
    parser->finish();
  }
  auto failed = parser->state() == parse_state::failed;
  return {parser->state(), into.head.status, into.body, parser->keeps_alive(),
          failed ? parser->error().kind : http_error_kind::cancelled};
}

std::string as_text(const char* text) {
  return text;
}

constexpr std::string_view chunked =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: 1\r\n\r\n"
  "5;note=x\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n";

}  // namespace

TEST_CASE("answers are read the same however they are cut", "[providers][http]") {
  const auto ok = parse_state::done;
  const auto none = http_error_kind::cancelled;
  struct row {
    std::string text;
    response_outcome expected;
  };
  for (const auto& r : {
         row{std::string{chunked}, {ok, 200, "hello, world", true, none}},
         row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             {ok, 200, "", true, none}},
         row{"HTTP/1.1 201 C\r\nContent-Length: 3\r\n\r\nabc", {ok, 201, "abc", true, none}},
         row{"HTTP/1.1 204 N\r\n\r\n", {ok, 204, "", true, none}},
         row{"HTTP/1.1 200 OK\r\n\r\nuntil the end", {ok, 200, "until the end", false, none}},
         row{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
             {ok, 200, "x", false, none}},
         row{"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", {ok, 200, "x", false, none}},
         row{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
             {ok, 200, "hi", true, none}},
       }) {
    CAPTURE(r.text);
    for (std::size_t piece = 1; piece <= r.text.size(); ++piece) {
      CAPTURE(piece);
      CHECK(parsed_response(r.text, piece) == r.expected);
    }
  }
}

TEST_CASE("what came of a chunk is passed on, though its end did not", "[providers][http]") {
  auto into = collector{};
  const auto parser = make_response_parser(into, {false, 1 << 20});
  parser->feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n");
  CHECK(parser->feed("a") == 1);
  CHECK(into.body == "a");
  CHECK(parser->feed("bc\r\n") == 2);
  CHECK(into.body == "abc");
}

TEST_CASE("a cut answer is a reset, whatever came before", "[providers][http]") {
  for (std::size_t cut = 1; cut < chunked.size(); ++cut) {
    CAPTURE(cut);
    auto got = parsed_response(chunked.substr(0, cut), 1000);
    CHECK(got.state == parse_state::failed);
    CHECK(got.kind == http_error_kind::reset);
  }
}

TEST_CASE("bodies stop at their bound", "[providers][http]") {
  const auto of = [](std::string text) { return parsed_response(text, 7, {false, 10}); };
  const auto ten = std::string(10, 'x');
  CHECK(of("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + ten).state == parse_state::done);
  CHECK(of("HTTP/1.1 200 OK\r\n\r\n" + ten).state == parse_state::done);
  for (const auto& text : {
         "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + ten + "x",
         "HTTP/1.1 200 OK\r\n\r\n" + ten + "x",
         as_text("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n6\r\nabcdef\r\n5\r\nabcde\r\n0\r\n\r\n"),
       }) {
    auto got = of(text);
    CHECK(got.state == parse_state::failed);
    CHECK(got.kind == http_error_kind::body_too_large);
    CHECK(got.body.size() <= 10);
  }
}

TEST_CASE("what is not HTTP is a protocol error", "[providers][http]") {
  const auto line = std::string(70'000, 'h');
  for (const auto& text : {
         std::string{"SSH-2.0-OpenSSH_9\r\n"},
         std::string{"HTTP/1.1 abc\r\n\r\n"},
         "HTTP/1.1 200 OK\r\nX: " + line + "\r\n\r\n",
         std::string{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"},
         std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
         std::string{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
       }) {
    CAPTURE(text.substr(0, 60));
    auto got = parsed_response(text, 4096);
    CHECK(got.state == parse_state::failed);
    CHECK(got.kind == http_error_kind::protocol);
  }
}

TEST_CASE("the answer to HEAD has no body", "[providers][http]") {
  auto got =
    parsed_response("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n", 1000, {true, 10});
  CHECK(got.state == parse_state::done);
  CHECK(got.keeps_alive);
}

TEST_CASE("a receiver can stop the parser within a piece", "[providers][http]") {
  auto into = collector{};
  into.stop_at = 5;
  auto parser = make_response_parser(into, {false, 1000});
  parser->feed(chunked);
  CHECK(parser->state() == parse_state::stopped);
  CHECK(into.body == "hello");
}

TEST_CASE("header names are found in any case", "[providers][http]") {
  auto head = http_response_head{200, {{"Retry-After", "3"}, {"retry-after", "4"}}};
  CHECK(head.header("RETRY-AFTER") == "3");
  CHECK(head.header("retry").empty());
}
