#include "api/http/out_queue.hpp"

#include "domain/event/event_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace persona_runtime::api {
namespace {

constexpr auto frames_max = std::size_t{32};
// Room for what is made around one item: two numbers, an event type, a run id, fixed words.
constexpr auto made_bytes_max = std::size_t{384};
constexpr auto name_bytes_max = std::size_t{96};

void add_number(std::string& text, std::uint64_t number, int base = 10) {
  auto digits = std::array<char, 24>{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  text.append(digits.data(), end);
}

/// What stands before a payload in its text is the beginning of its event.
std::string_view type_of(const out_item& item) {
  if (item.what == out_item::kind::event)
    return run_event{{}, item.text, item.offset, item.length}.type();
  constexpr auto key = std::string_view{"\"type\":\""};
  const auto before = item.text.view().substr(0, item.offset);
  const auto begin = before.rfind(key) + key.size();
  return before.substr(begin, before.find('"', begin) - begin);
}

void add_sse_head(std::string& text, const out_item& item) {
  if (item.what == out_item::kind::event || item.what == out_item::kind::payload) {
    const auto type = type_of(item);
    text.append("id: ");
    add_number(text, item.number);
    text.append("\nevent: ").append(type.substr(0, name_bytes_max)).append("\ndata: ");
  } else if (item.what == out_item::kind::delta) {
    text.append("event: delta\ndata: ");
  } else if (item.what == out_item::kind::data) {
    text.append("data: ");
  } else if (item.what == out_item::kind::heartbeat) {
    text.append(":\n\n");
  } else if (item.what == out_item::kind::end) {
    text.append("event: end\ndata: {}\n\n");
  }
}

void add_delta_head(std::string& text, std::uint64_t step, std::string_view run) {
  text.append(R"({"run_id":")").append(run.substr(0, name_bytes_max));
  text.append(R"(","type":"delta","step":)");
  add_number(text, step);
  text.append(R"(,"data":)");
}

bool is_live(const out_item& item) {
  return item.what == out_item::kind::delta || item.what == out_item::kind::data;
}

std::string_view tail_of(out_item::kind what, stream_format format) {
  if (what == out_item::kind::data) {
    return "\n\n";
  }
  const auto is_delta = what == out_item::kind::delta;
  if (what != out_item::kind::event && what != out_item::kind::payload && !is_delta) {
    return {};
  }
  if (format == stream_format::ndjson) {
    return is_delta ? "}\n" : "\n";
  }
  return is_delta ? "}\n\n" : "\n\n";
}

}  // namespace

out_item out_item::of(std::string bytes) {
  const auto length = static_cast<std::uint32_t>(bytes.size());
  return {kind::plain, 0, length, 0, shared_text{std::move(bytes)}};
}

out_item out_item::of(const run_event& event) {
  return {kind::event, event.offset, event.length, event.seq.value, event.body};
}

out_item out_item::payload_of(const run_event& event) {
  const auto data = event_data_of(event.json());
  const auto offset = static_cast<std::uint32_t>(data.data() - event.body.view().data());
  return {kind::payload, offset, static_cast<std::uint32_t>(data.size()), event.seq.value,
          event.body};
}

out_item out_item::delta(step_index step, const shared_text& data_json) {
  return {kind::delta, 0, static_cast<std::uint32_t>(data_json.size()), step.value, data_json};
}

out_item out_item::data(std::string text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  return {kind::data, 0, length, 0, shared_text{std::move(text)}};
}

void out_queue::push(out_item item) {
  // NDJSON has no comments, and its end is the body's.
  const auto is_sse_only =
    item.what == out_item::kind::heartbeat || item.what == out_item::kind::end;
  if (is_sse_only && frame_.format == stream_format::ndjson) {
    return;
  }
  if (item.what == out_item::kind::end && frame_.format == stream_format::chat) {
    return;  // `done`, `error` or `cancelled` was the end
  }
  unsent_live_ += is_live(item) ? item.length : 0;
  items_.push_back(std::move(item));
}

void out_queue::gather(gather_space& space) const {
  space.made.clear();
  space.made.reserve(frames_max * made_bytes_max);  // views into it must not move
  space.pieces.clear();
  space.frames.clear();
  for (auto i = first_; i < items_.size() && space.frames.size() < frames_max; ++i) {
    add_frame(items_[i], space);
  }
  auto skip = sent_;
  for (auto& piece : space.pieces) {
    const auto gone = std::min(skip, piece.size());
    piece.remove_prefix(gone);
    skip -= gone;
  }
}

void out_queue::add_frame(const out_item& item, gather_space& space) const {
  if (item.what == out_item::kind::plain) {
    space.pieces.push_back(item.view());
    space.frames.push_back(item.length);
  } else if (item.what == out_item::kind::last) {
    const auto text = frame_.chunked ? std::string_view{"0\r\n\r\n"} : std::string_view{};
    space.pieces.push_back(text);
    space.frames.push_back(text.size());
  } else {
    add_wrapped(item, space);
  }
}

void out_queue::add_wrapped(const out_item& item, gather_space& space) const {
  auto& made = space.made;
  const auto head_at = made.size();
  if (frame_.format != stream_format::ndjson) {
    add_sse_head(made, item);
  }
  if (item.what == out_item::kind::delta) {
    add_delta_head(made, item.number, frame_.run);
  }
  const auto head = std::string_view{made}.substr(head_at);
  const auto tail = tail_of(item.what, frame_.format);
  const auto bytes = head.size() + item.length + tail.size();
  auto total = bytes;
  if (frame_.chunked) {
    const auto size_at = made.size();
    add_number(made, bytes, 16);
    made.append("\r\n");
    space.pieces.push_back(std::string_view{made}.substr(size_at));
    total += made.size() - size_at + 2;
  }
  space.pieces.push_back(head);
  space.pieces.push_back(item.view());
  space.pieces.push_back(tail);
  if (frame_.chunked) {
    space.pieces.push_back("\r\n");
  }
  space.frames.push_back(total);
}

std::optional<event_seq> out_queue::consume(const gather_space& space, std::size_t bytes) {
  auto last = std::optional<event_seq>{};
  for (const auto size : space.frames) {
    if (bytes < size - sent_) {
      sent_ += bytes;
      break;
    }
    bytes -= size - sent_;
    if (items_[first_].what == out_item::kind::event
        || items_[first_].what == out_item::kind::payload) {
      last = event_seq{items_[first_].number};
    }
    pop();
  }
  return last;
}

void out_queue::pop() {
  auto& gone = items_[first_];
  unsent_live_ -= is_live(gone) ? gone.length : 0;
  gone.text = {};
  sent_ = 0;
  ++first_;
  if (first_ == items_.size()) {
    items_.clear();
    first_ = 0;
    if (items_.capacity() > 4)
      items_.shrink_to_fit();
  } else if (first_ >= 256 && first_ * 2 > items_.size()) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

}  // namespace persona_runtime::api
