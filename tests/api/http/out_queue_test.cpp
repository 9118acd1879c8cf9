#include "api/http/out_queue.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;

namespace {

run_event event_of(std::uint64_t seq, const std::string& type, const std::string& data) {
  const auto json = R"({"seq":)" + std::to_string(seq) + R"(,"run_id":"run_1","type":")" + type
                    + R"(","step":0,"data":)" + data + "}";
  // A journal body holds many lines; the event is a slice of it.
  const auto body = shared_text{"{\"private\":1}\n" + json + "\n"};
  return {event_seq{seq}, body, 14, static_cast<std::uint32_t>(json.size())};
}

// Writes all that waits, `step` bytes at a time.
std::string write_out(out_queue& queue, std::size_t step,
                      std::vector<std::uint64_t>* sent = nullptr) {
  auto space = gather_space{};
  auto text = std::string{};
  while (!queue.empty()) {
    queue.gather(space);
    auto offered = std::string{};
    for (const auto piece : space.pieces)
      offered.append(piece);
    const auto count = std::min(step, offered.size());
    text.append(offered, 0, count);
    const auto last = queue.consume(space, count);
    if (last && sent != nullptr)
      sent->push_back(last->value);
  }
  return text;
}

}  // namespace

TEST_CASE("SE-09 an event is a frame with id, type and envelope; the stream ends with end",
          "[api][sse]") {
  auto queue = out_queue{};
  queue.frame_as({stream_format::sse, false, "run_1"});
  queue.push(out_item::of(event_of(0, "started", R"({"task":"t"})")));
  queue.push(out_item::mark(out_item::kind::end));
  CHECK(write_out(queue, 1'000)
        == "id: 0\nevent: started\n"
           "data: {\"seq\":0,\"run_id\":\"run_1\",\"type\":\"started\",\"step\":0,"
           "\"data\":{\"task\":\"t\"}}\n\n"
           "event: end\ndata: {}\n\n");
}

TEST_CASE("live text is a delta in the envelope, without seq and id", "[api][sse]") {
  auto queue = out_queue{};
  queue.frame_as({stream_format::sse, false, "run_1"});
  queue.push(out_item::delta(step_index{3}, shared_text{R"({"text":"Hei på"})"}));
  CHECK(write_out(queue, 1'000)
        == "event: delta\ndata: {\"run_id\":\"run_1\",\"type\":\"delta\",\"step\":3,"
           "\"data\":{\"text\":\"Hei på\"}}\n\n");
}

TEST_CASE("SE-14 a heartbeat is a comment", "[api][sse]") {
  auto queue = out_queue{};
  queue.frame_as({stream_format::sse, false, "run_1"});
  queue.push(out_item::mark(out_item::kind::heartbeat));
  CHECK(write_out(queue, 1'000) == ":\n\n");
}

TEST_CASE("NDJSON has one line per event and nothing else", "[api][sse]") {
  auto queue = out_queue{};
  queue.frame_as({stream_format::ndjson, false, "run_1"});
  queue.push(out_item::of(event_of(7, "thinking", "{}")));
  queue.push(out_item::delta(step_index{0}, shared_text{"{}"}));
  queue.push(out_item::mark(out_item::kind::heartbeat));
  queue.push(out_item::mark(out_item::kind::end));
  CHECK(write_out(queue, 1'000)
        == "{\"seq\":7,\"run_id\":\"run_1\",\"type\":\"thinking\",\"step\":0,\"data\":{}}\n"
           "{\"run_id\":\"run_1\",\"type\":\"delta\",\"step\":0,\"data\":{}}\n");
}

TEST_CASE("chunks carry their size, and the last one ends the body", "[api][sse]") {
  auto queue = out_queue{};
  queue.frame_as({stream_format::sse, true, "run_1"});
  queue.push(out_item::mark(out_item::kind::heartbeat));
  queue.push(out_item::mark(out_item::kind::end));
  queue.push(out_item::mark(out_item::kind::last));
  CHECK(write_out(queue, 1'000) == "3\r\n:\n\n\r\n15\r\nevent: end\ndata: {}\n\n\r\n0\r\n\r\n");
}

TEST_CASE("however few bytes the socket takes, the same bytes leave", "[api][sse]") {
  constexpr auto events = 150U;  // more pieces than one gather takes
  const auto fill = [](out_queue& queue) {
    queue.push(out_item::of(std::string{"HTTP/1.1 200 OK\r\n\r\n"}));
    queue.frame_as({stream_format::sse, true, "run_1"});
    for (auto seq = 0U; seq < events; ++seq) {
      queue.push(out_item::of(event_of(seq, "tool_result", R"({"n":1})")));
      queue.push(out_item::delta(step_index{seq}, shared_text{R"({"text":"x"})"}));
    }
    queue.push(out_item::mark(out_item::kind::last));
  };
  auto whole = out_queue{};
  fill(whole);
  const auto expected = write_out(whole, 1 << 20);
  for (const auto step : {1U, 7U, 64U, 1'000U}) {
    auto queue = out_queue{};
    fill(queue);
    CHECK(queue.unsent_live_bytes() == events * 12);
    auto sent = std::vector<std::uint64_t>{};
    CHECK(write_out(queue, step, &sent) == expected);
    CHECK(sent.back() == events - 1);
    CHECK(std::is_sorted(sent.begin(), sent.end()));
    CHECK(queue.unsent_live_bytes() == 0);
  }
}

TEST_CASE("an event counts as sent with its last byte, not before", "[api][sse]") {
  auto queue = out_queue{};
  queue.frame_as({stream_format::sse, true, "run_1"});
  queue.push(out_item::of(event_of(4, "thinking", "{}")));
  auto space = gather_space{};
  queue.gather(space);
  const auto size = space.frames.at(0);
  CHECK_FALSE(queue.consume(space, size - 1));
  queue.gather(space);
  CHECK(queue.consume(space, 1) == event_seq{4});
}

TEST_CASE("a data frame has neither type nor id, and counts as live text", "[api][sse]") {
  auto queue = out_queue{};
  queue.frame_as({stream_format::chat, true, "x"});
  queue.push(out_item::data(R"({"a":1})"));
  queue.push(out_item::data("[DONE]"));
  CHECK(queue.unsent_live_bytes() == 13);
  CHECK(write_out(queue, 3) == "f\r\ndata: {\"a\":1}\n\n\r\ne\r\ndata: [DONE]\n\n\r\n");
  CHECK(queue.unsent_live_bytes() == 0);
}
