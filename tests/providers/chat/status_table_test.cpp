// Every status that an endpoint may answer with, over real sockets, in every protocol: its class
// and bucket (spec routing §4.4, column INTENT), with every form of Retry-After.

#include "domain/tier/walk.hpp"
#include "tests/providers/chat/all_wires.hpp"
#include "tests/providers/chat/wire_fixture.hpp"

#include <atomic>

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

using kind = model_error_class;
using bucket = error_bucket;

struct refusal_row {
  int status;
  kind expected;
  bucket then;
  std::string_view reason = "";
};

constexpr auto refusal_rows = std::to_array<refusal_row>({
  {400, kind::provider_error, bucket::surface},
  {401, kind::authentication, bucket::fall_over},
  {402, kind::rate_limit, bucket::fall_over, "insufficient_quota"},
  {403, kind::authentication, bucket::fall_over},
  {404, kind::model_not_found, bucket::fall_over},
  {408, kind::provider_error, bucket::surface},
  {409, kind::provider_error, bucket::retry},
  {413, kind::provider_error, bucket::surface},
  {422, kind::provider_error, bucket::surface},
  {429, kind::rate_limit, bucket::retry},
  {500, kind::provider_error, bucket::retry},
  {502, kind::provider_error, bucket::retry},
  {503, kind::provider_error, bucket::retry},
  {504, kind::provider_error, bucket::retry},
  {529, kind::provider_error, bucket::retry},
});

struct hint_row {
  std::string_view header;  // empty: there is none
  bool is_long;             // over two seconds, as a number: a 429 falls over
};

constexpr auto hint_rows = std::to_array<hint_row>({
  {"", false},
  {"0", false},
  {"1", false},
  {"1.5", false},
  {"2", false},
  {"2.0001", true},
  {"30", true},
  {"inf", true},
  {"-1", false},
  {"soon", false},
  {"Fri, 31 Dec 2027 23:59:59 GMT", false},
  {"Friday, 31-Dec-27 23:59:59 GMT", false},
  {"Fri Dec 31 23:59:59 2027", false},
});

/// Bodies of endpoints that speak each protocol, of proxies before them, and of none.
constexpr auto refusal_bodies = std::to_array<std::string_view>({
  R"({"error":{"message":"model m-1 of key-1: no","type":"x","code":null}})",
  R"({"type":"error","error":{"type":"nothing_we_know","message":"model key-1"}})",
  R"({"error":"model m-1 is not for key-1"})",
  "<html><body>key-1</body></html>",
  "",
  "\x1f\x8b\x08 not what it says",
});

struct refusal_case {
  refusal_row row;
  hint_row hint;
  std::string bytes;
};

/// All statuses with all hints; the bodies take turns.
std::vector<refusal_case> all_refusals() {
  auto cases = std::vector<refusal_case>{};
  for (const auto& row : refusal_rows) {
    for (const auto& hint : hint_rows) {
      const auto body = refusal_bodies[cases.size() % refusal_bodies.size()];
      auto bytes = "HTTP/1.1 " + std::to_string(row.status) + " No\r\nX-Request-Id: req-7\r\n";
      if (!hint.header.empty())
        bytes += "Retry-After: " + std::string{hint.header} + "\r\n";
      if (body.starts_with('\x1f'))
        bytes += "Content-Encoding: gzip\r\n";
      bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
      cases.push_back({row, hint, std::move(bytes)});
    }
  }
  return cases;
}

/// Answers one after the other, on as many connections as it takes.
class answers_in_order {
public:
  explicit answers_in_order(const std::vector<refusal_case>& cases)
    : cases_{cases}, server_{[this](loopback_peer& peer) {
        while (!peer.read_request().empty())
          peer.send(cases_.at(next_++).bytes);
      }} {}
  [[nodiscard]] std::string url() const { return server_.url("/"); }

private:
  const std::vector<refusal_case>& cases_;
  std::atomic<std::size_t> next_{0};
  loopback_server server_;
};

void check_refusal(const refusal_case& c, const model_error& error) {
  CHECK(error.kind == c.row.expected);
  CHECK(error.status == c.row.status);
  CHECK(error.reason == c.row.reason);
  CHECK(error.retry_after == c.hint.header);
  CHECK_FALSE(error.output_begun);
  const auto is_paced = c.row.status == 429 && c.hint.is_long;
  CHECK(classify(error) == (is_paced ? bucket::fall_over : c.row.then));
  CHECK(error.detail.size() <= 512);
  CHECK(error.detail.find("status=" + std::to_string(c.row.status)) != std::string::npos);
  CHECK(error.detail.find("request_id=req-7") != std::string::npos);
  CHECK(error.detail.find("key-1") == std::string::npos);
  CHECK(error.detail.find("the prompt") == std::string::npos);
}

tier_entry tier_of_two() {
  auto tier = tier_entry{"mid", {}};
  tier.members.resize(2);
  tier.members[0].model = "m-1";
  tier.members[1].model = "m-2";
  return tier;
}

}  // namespace

TEST_CASE("AC-ERR-05 AC-ERR-08 AC-ERR-09 AC-ANT-07 AC-OLL-06 each status has class and bucket",
          "[providers][wires]") {
  const auto cases = all_refusals();
  for (const auto& wire : all_wires()) {
    auto server = answers_in_order{cases};
    auto f = wire_fixture{};
    const auto provider = wire.provider(server.url(), f.around());
    REQUIRE(provider.has_value());
    for (const auto& c : cases) {
      CAPTURE(wire.name, c.row.status, c.hint.header);
      const auto outcome = call(**provider, ask());
      REQUIRE(outcome.has_error());
      check_refusal(c, outcome.error());
    }
  }
}

TEST_CASE("a 429 until a date is waited for or falls over, as far away as it is",
          "[providers][wires]") {
  constexpr auto until = std::int64_t{1'830'297'599'000};  // 2027-12-31 23:59:59 UTC
  const auto tier = tier_of_two();
  for (const auto& wire : all_wires()) {
    CAPTURE(wire.name);
    auto server =
      loopback_server{answer_with("HTTP/1.1 429 No\r\nContent-Length: 0\r\n"
                                  "Retry-After: Fri, 31 Dec 2027 23:59:59 GMT\r\n\r\n")};
    auto f = wire_fixture{};
    const auto provider = wire.provider(server.url("/"), f.around());
    const auto error = call(**provider, ask()).error();
    const auto far = next_attempt({}, error, tier, {}, 0.0, until - 30'000);
    REQUIRE(std::holds_alternative<walk_on>(far));
    CHECK(std::get<walk_on>(far).fell_over);
    const auto near = next_attempt({}, error, tier, {}, 0.0, until - 1'000);
    REQUIRE(std::holds_alternative<walk_on>(near));
    CHECK_FALSE(std::get<walk_on>(near).fell_over);
    CHECK(std::get<walk_on>(near).delay == std::chrono::milliseconds{1'000});
  }
}

TEST_CASE("statuses that nobody expects surface", "[providers][wires]") {
  for (const auto& wire : all_wires()) {
    for (const auto* line : {"201 Made", "204 Nothing", "206 Part", "301 Moved", "302 Found",
                             "304 Same", "418 Teapot", "451 Law", "501 Never", "599 Own"}) {
      CAPTURE(wire.name, line);
      auto server = loopback_server{
        answer_with("HTTP/1.1 " + std::string{line}
                    + "\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")};
      auto f = wire_fixture{};
      const auto provider = wire.provider(server.url("/"), f.around());
      const auto outcome = call(**provider, ask());
      REQUIRE(outcome.has_error());
      CHECK(outcome.error().kind == kind::provider_error);
      CHECK(outcome.error().status == std::stoi(line));
      CHECK(classify(outcome.error()) == bucket::surface);
      CHECK(server.accepted() == 1);  // a redirect is not followed: the key would go with it
    }
  }
}
