#pragma once
// What waits to be written to one connection, and its framing (SSE, NDJSON, chunks). Texts are
// shared with everybody who sends the same; only the few bytes around them are made, anew for
// each write, so that a viewer costs no copy of what it is sent.

#include "domain/event/run_event.hpp"
#include "domain/text/shared_text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::api {

/// chat: SSE whose data is the bare payload, without end frame (persona-tools §21.2).
enum class stream_format : std::uint8_t { sse, ndjson, chat };

/// One piece of output.
struct out_item {
  enum class kind : std::uint8_t {
    plain,      // bytes as they are: heads, bodies
    event,      // one run event; number = its seq
    payload,    // the data of one turn event; number = its seq
    delta,      // live text; the text is the event's `data`, number = the step
    data,       // live text that is a frame's data as it is
    heartbeat,  // SSE comment
    end,        // SSE `event: end`
    last,       // ends a chunked body
  };
  kind what = kind::plain;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::uint64_t number = 0;
  shared_text text{};

  [[nodiscard]] std::string_view view() const { return text.view().substr(offset, length); }

  [[nodiscard]] static out_item of(std::string bytes);
  [[nodiscard]] static out_item of(const run_event& event);
  /// Of an event, only its `data`; its type stands in front of it in the same text.
  [[nodiscard]] static out_item payload_of(const run_event& event);
  [[nodiscard]] static out_item delta(step_index step, const shared_text& data_json);
  /// An SSE frame with neither type nor id.
  [[nodiscard]] static out_item data(std::string text);
  [[nodiscard]] static out_item mark(kind what) { return {what}; }
};

/// How the items of one stream are framed.
struct stream_frame {
  stream_format format = stream_format::sse;
  bool chunked = true;  // HTTP/1.1
  std::string run;      // of the deltas
};

/// Where one write is put together; shared by all connections of a thread.
struct gather_space {
  std::string made;
  std::vector<std::string_view> pieces;  // valid until the next gather or change of the queue
  std::vector<std::size_t> frames;       // bytes of each frame, the first one whole
};

/// First in, first out. Not thread-safe.
class out_queue {
public:
  void frame_as(stream_frame frame) { frame_ = std::move(frame); }
  void push(out_item item);

  [[nodiscard]] bool empty() const { return first_ == items_.size(); }
  /// Bytes of live text that wait, without what framing adds. Nobody acknowledges those, so
  /// they need a bound of their own.
  [[nodiscard]] std::size_t unsent_live_bytes() const { return unsent_live_; }

  /// The next bytes to write, of at most 32 items.
  void gather(gather_space& space) const;
  /// `bytes` of what was gathered have been written. The last event that is now wholly out.
  std::optional<event_seq> consume(const gather_space& space, std::size_t bytes);

private:
  void add_frame(const out_item& item, gather_space& space) const;
  void add_wrapped(const out_item& item, gather_space& space) const;
  void pop();

  std::vector<out_item> items_;
  std::size_t first_ = 0;  // items before it are gone
  std::size_t sent_ = 0;   // bytes of the first item's frame that are gone
  std::size_t unsent_live_ = 0;
  stream_frame frame_;
};

}  // namespace persona_runtime::api
