#include "providers/http/sse_parser.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace persona_runtime;

namespace {

struct seen {
  std::string name;
  std::string data;
  std::string id;
  friend bool operator==(const seen&, const seen&) = default;
};

struct event_list {
  std::vector<seen> events;
  bool healthy = true;
  friend bool operator==(const event_list&, const event_list&) = default;
};

event_list events_of(std::string_view text, std::size_t piece) {
  auto all = event_list{};
  auto parser = sse_parser{[&](const sse_event& e) {
    all.events.push_back({std::string{e.name}, std::string{e.data}, std::string{e.id}});
    return true;
  }};
  while (!text.empty() && all.healthy) {
    // A copy of its own, so that a view kept too long is a read of freed memory.
    auto part = std::string{text.substr(0, piece)};
    all.healthy = parser.feed(part);
    text.remove_prefix(part.size());
  }
  all.healthy = all.healthy && parser.finish();
  return all;
}

std::vector<std::string> data_of(std::string_view text) {
  auto data = std::vector<std::string>{};
  for (auto& e : events_of(text, text.size() + 1).events) {
    data.push_back(std::move(e.data));
  }
  return data;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("SSE lines end in LF, CR or CRLF", "[providers][http][sse]") {
  CHECK(data_of("data: a\n\ndata: b\n\n") == texts{"a", "b"});
  CHECK(data_of("data: a\r\rdata: b\r\r") == texts{"a", "b"});
  CHECK(data_of("data: a\r\n\r\ndata: b\r\n\r\n") == texts{"a", "b"});
  CHECK(data_of("data: a\r\n\ndata: b\r\r\n") == texts{"a", "b"});
}

TEST_CASE("SSE data lines are joined, one blank behind the colon goes", "[providers][http][sse]") {
  CHECK(data_of("data: a\ndata:b\ndata:  c\n\n") == texts{"a\nb\n c"});
  CHECK(data_of("data\n\n") == texts{""});
  CHECK(data_of("data:\ndata:\n\n") == texts{"\n"});
  CHECK(data_of("data:\ndata: x\n\n") == texts{"\nx"});
  CHECK(data_of("\n\n\n").empty());
}

TEST_CASE("SSE comments, unknown fields and a byte order mark mean nothing",
          "[providers][http][sse]") {
  CHECK(data_of(": ping\n\nretry: 10\ncolour: red\ndata: x\n\n") == texts{"x"});
  CHECK(data_of("\xEF\xBB\xBF"
                "data: x\n\n")
        == texts{"x"});
  CHECK(data_of("\xEF\xBB"
                "data: x\n\ndata: y\n\n")
        == texts{"y"});
  CHECK(data_of("event: nothing\n\ndata: x\n\n") == texts{"x"});
}

TEST_CASE("SSE name and id belong to their event alone", "[providers][http][sse]") {
  auto all = events_of("event: tool\nid: 7\ndata: x\n\ndata: y\n\n", 1000);
  CHECK(all.events == std::vector<seen>{{"tool", "x", "7"}, {"", "y", ""}});
}

TEST_CASE("SSE the last event counts without its blank line", "[providers][http][sse]") {
  CHECK(data_of("data: a\n\ndata: b\n") == texts{"a", "b"});
  CHECK(data_of("data: a\n\ndata: b") == texts{"a", "b"});
}

TEST_CASE("SSE events are the same however the bytes are cut", "[providers][http][sse]") {
  const auto text = std::string{"\xEF\xBB\xBF: hello\r\n\r\nevent: start\rid: 1\rdata: one\r\r"
                                "data: two\ndata: more\n\n\n\ndata\n\r\ndata: gr\xC3\xBC\xC3\x9F"
                                "e\n\ndata:\ndata: tail\nid: 9"};
  const auto whole = events_of(text, text.size());
  REQUIRE(whole.events.size() == 5);
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    CHECK(events_of(text, piece) == whole);
  }
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    auto events = std::vector<seen>{};
    auto parser = sse_parser{[&](const sse_event& e) {
      events.push_back({std::string{e.name}, std::string{e.data}, std::string{e.id}});
      return true;
    }};
    auto first = text.substr(0, cut);
    REQUIRE(parser.feed(first));
    first.assign(first.size(), '?');
    REQUIRE(parser.feed(text.substr(cut)));
    REQUIRE(parser.finish());
    CHECK(events == whole.events);
  }
}

TEST_CASE("SSE a line of 1 MiB is read, a longer one is an error", "[providers][http][sse]") {
  const auto fits = "data: " + std::string(sse_line_bytes_max - 6, 'x') + "\n\n";
  CHECK(events_of(fits, 70'000).events.at(0).data.size() == sse_line_bytes_max - 6);
  const auto too_long = "data: " + std::string(sse_line_bytes_max - 5, 'x') + "\n\n";
  for (std::size_t piece : {std::size_t{1000}, too_long.size()}) {
    auto all = events_of(too_long, piece);
    CHECK_FALSE(all.healthy);
    CHECK(all.events.empty());
  }
}

TEST_CASE("SSE an endless event is stopped at its bound", "[providers][http][sse]") {
  auto parser = sse_parser{[](const sse_event&) { return true; }};
  const auto line = "data: " + std::string(100'000, 'x') + "\n";
  auto fed = 0;
  while (fed < 1000 && parser.feed(line)) {
    ++fed;
  }
  CHECK(fed == static_cast<int>(sse_event_bytes_max / 100'001));
  CHECK(parser.error() == "an event of the stream is longer than 8 MiB");
  CHECK_FALSE(parser.feed("data: more\n\n"));
}

TEST_CASE("SSE the callback can stop the parser", "[providers][http][sse]") {
  auto count = 0;
  auto parser = sse_parser{[&](const sse_event&) { return ++count < 2; }};
  CHECK_FALSE(parser.feed("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
  CHECK_FALSE(parser.feed("data: 4\n\n"));
  CHECK(count == 2);
  CHECK(parser.error().empty());
}
