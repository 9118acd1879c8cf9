// Endpoints that break, stall, lie or never end, over real sockets, in every protocol: each call
// ends in the right class and bucket, says what happened, and takes in only so much.

#include "domain/text/utf8.hpp"
#include "domain/tier/walk.hpp"
#include "tests/providers/chat/all_wires.hpp"
#include "tests/providers/chat/wire_fixture.hpp"

#include <atomic>

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

using trouble = model_error_class;
using after = error_bucket;

/// What a peer does once it has the request.
using mischief = std::function<void(loopback_peer&, const wire_dialect&)>;

struct mischief_row {
  std::string_view name;
  mischief play;
  trouble kind;
  std::string_view reason;
  after then;
  std::string_view detail;  // stands in the error
  bool output_begun = false;
  call_timeouts limits{};
};

struct misplayed {
  std::optional<model_error> error;
  std::string heard;
};

std::string ok_head(const wire_dialect& wire, std::string_view more = "") {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + wire.type + "\r\n" + std::string{more} + "\r\n";
}

// Set by peers, which must not use the test's own checks: those are for one thread.
std::atomic<bool> was_listened_to_too_long{false};

/// A call while the peer does that.
misplayed call_against(wire_fixture& f, const wire_dialect& wire, const mischief& play,
                       const call_timeouts& limits = {}) {
  auto told = misplayed{};
  was_listened_to_too_long = false;
  {
    auto server = loopback_server{[&](loopback_peer& peer) {
      peer.read_request();
      play(peer, wire);
    }};
    const auto provider = wire.provider(server.url("/"), f.around());
    auto sink = std::make_shared<heard>();
    auto request = ask(sink);
    request.timeouts = limits;
    const auto outcome = call(**provider, std::move(request));
    if (outcome.has_error())
      told.error = outcome.error();
    else
      CHECK(outcome->text == sink->text);
    told.heard = sink->text;
  }
  CHECK_FALSE(was_listened_to_too_long);
  return told;
}

void check_mischief(wire_fixture& f, const mischief_row& row) {
  for (const auto& wire : all_wires()) {
    CAPTURE(row.name, wire.name);
    const auto told = call_against(f, wire, row.play, row.limits);
    REQUIRE(told.error.has_value());
    CAPTURE(told.error->detail);
    CHECK(told.error->kind == row.kind);
    CHECK(told.error->reason == row.reason);
    CHECK(classify(*told.error) == row.then);
    CHECK(told.error->output_begun == row.output_begun);
    CHECK(told.error->detail.find(row.detail) != std::string::npos);
    CHECK(told.error->detail.starts_with("provider=" + wire.name));
    CHECK(told.error->detail.size() <= 512);
    CHECK(is_valid_utf8(told.error->detail));
  }
}

/// Limits of which one is short.
call_timeouts short_first() {
  auto limits = call_timeouts{};
  limits.first_token = 60ms;
  return limits;
}
call_timeouts short_between() {
  auto limits = call_timeouts{};
  limits.between_tokens = 60ms;
  return limits;
}
call_timeouts short_call() {
  auto limits = call_timeouts{};
  limits.call = 150ms;
  return limits;
}

mischief saying(std::string_view bytes) {
  return
    [bytes = std::string{bytes}](loopback_peer& peer, const wire_dialect&) { peer.send(bytes); };
}

/// What the far side takes at most before it has seen enough: what its sockets hold, and a bound
/// of ours with room to spare.
constexpr std::size_t taken_bytes_max = 24u << 20;

/// Says `begin`, then `again` until nobody listens, or somebody has listened for too long.
mischief without_end(std::function<std::string(const wire_dialect&)> begin,
                     std::function<std::string(const wire_dialect&)> again) {
  return [begin, again](loopback_peer& peer, const wire_dialect& wire) {
    auto piece = std::string{};
    while (piece.size() < (64u << 10))
      piece += again(wire);
    auto said = std::size_t{0};
    for (auto goes_on = peer.send(begin(wire)); goes_on && said < taken_bytes_max;
         goes_on = peer.send(piece))
      said += piece.size();
    was_listened_to_too_long = said >= taken_bytes_max;
  };
}

std::function<std::string(const wire_dialect&)> always(std::string text) {
  return [text = std::move(text)](const wire_dialect&) { return text; };
}

}  // namespace

TEST_CASE("AC-OAI-14 AC-OLL-06 a connection that breaks has its class wherever it breaks",
          "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  const auto close = [](loopback_peer& peer, const wire_dialect&) { peer.close(); };
  const auto reset = [](loopback_peer& peer, const wire_dialect&) { peer.reset(); };
  const auto cut_head = [](loopback_peer& peer, const wire_dialect& wire) {
    peer.send(ok_head(wire).substr(0, 25));
  };
  const auto head_alone = [](loopback_peer& peer, const wire_dialect& wire) {
    peer.send(ok_head(wire, "Content-Length: 9999\r\n"));
  };
  const auto begun = [](loopback_peer& peer, const wire_dialect& wire) {
    peer.send(ok_head(wire, "Content-Length: 9999\r\n") + wire.words("hæl"));
  };
  const auto chunk_begun = [](loopback_peer& peer, const wire_dialect& wire) {
    peer.send(ok_head(wire, "Transfer-Encoding: chunked\r\n") + as_chunk(wire.words("hæl")) + "1f");
  };
  const auto begun_then_reset = [&](loopback_peer& peer, const wire_dialect& wire) {
    begun(peer, wire);
    peer.send_in_pieces(" ", 1);  // until all has arrived: a reset would overtake it
    peer.reset();
  };
  const auto ended_early = [](loopback_peer& peer, const wire_dialect& wire) {
    peer.send(ok_head(wire, "Connection: close\r\n") + wire.words("hæl"));
  };
  const auto lost = [](std::string_view name, mischief play, std::string_view reason,
                       std::string_view detail, bool output_begun) {
    return mischief_row{name,   std::move(play), trouble::backend_timeout, reason, after::retry,
                        detail, output_begun};
  };
  for (const auto& row : {
         lost("closed unheard", close, "", "broke before the answer", false),
         lost("reset unheard", reset, "", "broke before the answer", false),
         lost("closed within the head", cut_head, "", "broke in the middle", false),
         lost("closed behind the head", head_alone, "broken_stream", "in the middle", false),
         lost("closed within the body", begun, "broken_stream", "in the middle", true),
         lost("closed within a chunk's size", chunk_begun, "broken_stream", "in the middle", true),
         lost("reset within the body", begun_then_reset, "broken_stream", "in the middle", true),
         mischief_row{"ended in good order, too early", ended_early, trouble::provider_error,
                      "broken_stream", after::retry, "ended before the answer did", true},
       })
    check_mischief(f, row);
}

TEST_CASE("AC-OLL-06 where nobody listens the next is asked", "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  auto url = std::string{};
  {
    const auto gone = loopback_server{[](loopback_peer&) {}};
    url = gone.url("/");
  }
  for (const auto& wire : all_wires()) {
    CAPTURE(wire.name);
    const auto provider = wire.provider(url, f.around());
    const auto outcome = call(**provider, ask());
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().kind == trouble::backend_timeout);
    CHECK(classify(outcome.error()) == after::retry);
    CHECK(outcome.error().detail.find("cannot connect to 127.0.0.1") != std::string::npos);
  }
}

TEST_CASE("AC-OAI-14 AC-OLL-06 an endpoint that stalls runs into the limit that it should",
          "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  const auto stalls_behind = [](std::function<std::string(const wire_dialect&)> said) {
    return [said](loopback_peer& peer, const wire_dialect& wire) {
      peer.send(said(wire));
      peer.stall();
    };
  };
  const auto awake = [](loopback_peer& peer, const wire_dialect& wire) {
    const auto blank = std::string{wire.name == "ollama" ? "\n" : ": still there\n\n"};
    peer.send(ok_head(wire));
    while (peer.send_in_pieces(blank, 64)) {
    }
  };
  const auto half = [](const wire_dialect& wire) { return ok_head(wire) + wire.words("hæl"); };
  const auto only_head = [](const wire_dialect& wire) { return ok_head(wire); };
  const auto late = [](std::string_view name, mischief play, std::string_view detail,
                       const call_timeouts& limits, bool output_begun) {
    return mischief_row{name,         std::move(play), trouble::backend_timeout,
                        "",           after::retry,    detail,
                        output_begun, limits};
  };
  for (const auto& row : {
         late("silent", stalls_behind(always("")), "first_byte timeout", short_first(), false),
         late("silent within the head", stalls_behind(always("HTTP/1.1 200 OK\r\nConte")),
              "first_byte timeout", short_first(), false),
         late("silent behind the head", stalls_behind(only_head), "first_byte timeout",
              short_first(), false),
         late("silent within the body", stalls_behind(half), "between timeout", short_between(),
              true),
         late("awake, but says nothing", awake, "total timeout", short_call(), false),
       })
    check_mischief(f, row);
}

TEST_CASE("an error's status counts, though its body stalls or breaks",
          "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  for (const auto ends : {false, true}) {
    for (const auto& wire : all_wires()) {
      CAPTURE(wire.name, ends);
      const auto told = call_against(
        f, wire,
        [&](loopback_peer& peer, const wire_dialect&) {
          peer.send("HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 99\r\n\r\n{\"err");
          if (!ends)
            peer.stall();
        },
        short_between());
      REQUIRE(told.error.has_value());
      CHECK(told.error->kind == trouble::rate_limit);
      CHECK(told.error->retry_after == "7");
    }
  }
}

TEST_CASE("what is no answer in HTTP is a broken stream", "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  const auto broken = [](std::string_view name, std::string_view bytes, std::string_view detail) {
    return mischief_row{name,         saying(bytes), trouble::provider_error, "broken_stream",
                        after::retry, detail};
  };
  for (const auto& row : {
         broken("another protocol", "SSH-2.0-OpenSSH_9.2\r\n", "not a valid HTTP answer"),
         broken("HTTP/2", std::string_view{"\0\0\x12\x04\0\0\0\0\0", 9}, "not a valid HTTP"),
         broken("two lengths",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                "not a valid HTTP"),
         broken("no length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "not a valid HTTP"),
         broken("a chunk that is none",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not a valid HTTP"),
         broken(
           "only interim answers",
           [] {
             auto all = std::string{};
             for (auto i = 0; i < 9; ++i)
               all += "HTTP/1.1 103 Early\r\n\r\n";
             return all;
           }(),
           "interim"),
       })
    check_mischief(f, row);
}

TEST_CASE("a head without end is given up at its bound", "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  const auto endless = [](std::string_view name, std::string begin, std::string again) {
    return mischief_row{name,
                        without_end(always(std::move(begin)), always(std::move(again))),
                        trouble::provider_error,
                        "broken_stream",
                        after::retry,
                        "64 KiB"};
  };
  for (const auto& row : {
         endless("headers", "HTTP/1.1 200 OK\r\n", "X-More: and more\r\n"),
         endless("one header", "HTTP/1.1 200 OK\r\nX-More: ", "and more "),
         endless("a chunk's extension",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=", "yyyyyyyy"),
       })
    check_mischief(f, row);
  // Without a line's end it is no status line at all.
  check_mischief(f, {"a status line", without_end(always("HTTP/1.1 200 "), always("OK ")),
                     trouble::provider_error, "broken_stream", after::retry, ""});
}

TEST_CASE("a body without end is given up at its bound", "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  const auto head = [](const wire_dialect& wire) { return ok_head(wire); };
  // Another reply would be as long: nothing is tried again.
  check_mischief(
    f, {"words", without_end(head, [](const auto& w) { return w.words(std::string(4096, 'x')); }),
        trouble::provider_error, "", after::surface, "8 MiB", true});
  const auto endless_line = without_end(head, always("x"));
  for (const auto& wire : all_wires()) {
    CAPTURE(wire.name);
    const auto told = call_against(f, wire, endless_line);
    REQUIRE(told.error.has_value());
    CHECK(told.error->kind == trouble::provider_error);
    CHECK(told.error->detail.find("1 MiB") != std::string::npos);
    CHECK_FALSE(told.error->output_begun);
  }
}

TEST_CASE("an error's body without end is read so far as it can matter",
          "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  for (const auto& wire : all_wires()) {
    CAPTURE(wire.name);
    const auto told = call_against(
      f, wire,
      without_end(always("HTTP/1.1 503 No\r\n\r\n{\"error\":{\"message\":\""), always("no ")));
    REQUIRE(told.error.has_value());
    CHECK(told.error->status == 503);
    CHECK(classify(*told.error) == after::retry);
  }
}

TEST_CASE("a compressed answer is refused at its head", "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  // What would be gigabytes of zeros, were it unpacked: nobody does.
  const auto bomb = std::string{"\x1f\x8b\x08\0\0\0\0\0\0\x03", 10};
  for (const auto* coding : {"gzip", "deflate", "br", "x-unheard-of", "GZIP, identity"}) {
    const auto begin = [coding](const wire_dialect& wire) {
      return ok_head(wire, "Content-Encoding: " + std::string{coding} + "\r\n");
    };
    check_mischief(f, {coding, without_end(begin, always(bomb + std::string(4096, '\0'))),
                       trouble::provider_error, "broken_stream", after::retry, "compressed"});
  }
  for (const auto& wire : all_wires()) {
    const auto told = call_against(f, wire, [](loopback_peer& peer, const wire_dialect& w) {
      peer.send(ok_head(w, "Content-Encoding: Identity\r\n") + w.words("hæl") + w.end);
    });
    CHECK_FALSE(told.error.has_value());
    CHECK(told.heard == "hæl");
  }
}

TEST_CASE("an answer under a wrong name is read, another under the right one is not",
          "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  for (const auto& wire : all_wires()) {
    for (const auto* type : {"text/plain", "text/html; charset=utf-8", "application/octet-stream",
                             "TEXT/EVENT-STREAM; charset=UTF-8", "nonsense", ""}) {
      CAPTURE(wire.name, type);
      auto named = wire;
      named.type = wire.name == "ollama" && std::string_view{type}.starts_with("TEXT")
                     ? "application/X-NDJSON"
                     : type;
      const auto told = call_against(f, named, [](loopback_peer& peer, const wire_dialect& w) {
        peer.send(ok_head(w) + w.words("hæl") + w.words("lø") + w.end);
      });
      CHECK_FALSE(told.error.has_value());
      CHECK(told.heard == "hællø");
    }
    for (const auto& body : {"<html><body>Sign in</body></html>", "[]", "null", "42", "\"text\""}) {
      CAPTURE(wire.name, body);
      const auto told = call_against(
        f, wire, [&](loopback_peer& peer, const wire_dialect& w) { peer.send(ok_head(w) + body); });
      REQUIRE(told.error.has_value());
      CHECK(told.error->kind == trouble::provider_error);
      CHECK(classify(*told.error) == after::retry);
      CHECK_FALSE(told.error->output_begun);
    }
  }
  check_mischief(f, {"nothing at all",
                     [](loopback_peer& peer, const wire_dialect& wire) {
                       peer.send(ok_head(wire, "Content-Length: 0\r\n"));
                     },
                     trouble::provider_error, "broken_stream", after::retry, "ended"});
}

TEST_CASE("text that is no UTF-8 never reaches a reader", "[providers][wires][chaos]") {
  auto f = wire_fixture{};
  for (const auto& wire : all_wires()) {
    // Half a character before the text's end, in two events, at the body's end; a byte that begins
    // none; an overlong form; half a surrogate pair.
    for (const auto* half : {"h\xC3", "\xE7\x81", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\\ud83d"}) {
      CAPTURE(wire.name, half);
      const auto told = call_against(f, wire, [&](loopback_peer& peer, const wire_dialect& w) {
        peer.send(ok_head(w) + w.words("good") + w.words(half) + w.words("\xA6") + w.end);
      });
      CHECK(is_valid_utf8(told.heard));
      CHECK(told.heard.starts_with("good"));
      REQUIRE(told.error.has_value());
      CHECK(told.error->reason == "broken_stream");
      CHECK(classify(*told.error) == after::retry);
      CHECK(told.error->output_begun);
      CHECK(is_valid_utf8(told.error->detail));
    }
    const auto cut = call_against(f, wire, [](loopback_peer& peer, const wire_dialect& w) {
      const auto said = w.words("h\xC3\xA6l");
      peer.send(ok_head(w) + w.words("good") + said.substr(0, said.find('\xC3') + 1));
    });
    CHECK(cut.heard == "good");
    REQUIRE(cut.error.has_value());
    CHECK(classify(*cut.error) == after::retry);
  }
}
