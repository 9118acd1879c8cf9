#include "api/edge/turn_listener.hpp"

#include "domain/event/event_data.hpp"
#include "domain/event/turn_codec.hpp"
#include "domain/text/utf8.hpp"

#include <simdjson.h>

#include <utility>

namespace persona_runtime {
namespace {

/// Fields of an event of ours, which is well formed.
class event_fields {
public:
  explicit event_fields(std::string_view json) : json_{json} {
    is_read_ = parser_.parse(json_.data(), json_.size()).get(root_) == simdjson::SUCCESS;
  }
  [[nodiscard]] std::string text(std::string_view pointer) const {
    auto found = std::string_view{};
    const auto is_there = is_read_ && root_.at_pointer(pointer).get(found) == simdjson::SUCCESS;
    return is_there ? std::string{found} : std::string{};
  }
  [[nodiscard]] std::uint64_t number(std::string_view pointer) const {
    auto found = std::uint64_t{0};
    const auto is_there = is_read_ && root_.at_pointer(pointer).get(found) == simdjson::SUCCESS;
    return is_there ? found : 0;
  }

private:
  std::string json_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
  bool is_read_ = false;
};

}  // namespace

void turn_listener::hold(std::unique_ptr<run_watch> watch) {
  const auto lock = std::lock_guard{mutex_};
  if (is_released_)
    return;
  watch_ = std::move(watch);
  if (seen_)
    watch_->ack(*seen_);
}

void turn_listener::release() {
  auto gone = std::unique_ptr<run_watch>{};
  const auto lock = std::lock_guard{mutex_};
  is_released_ = true;
  gone = std::move(watch_);
}

void turn_listener::on_events(std::span<const run_event> events) {
  for (const auto& event : events)
    take(event);
  const auto lock = std::lock_guard{mutex_};
  if (events.empty())
    return;
  seen_ = event_seq{events.back().seq.value + 1};
  if (watch_)
    watch_->ack(*seen_);
}

void turn_listener::take(const run_event& event) {
  const auto type = event.type();
  if (type == "chunk") {
    auto piece = chunk_text_of(event);
    visible_ += piece;
    listener_->on_text(std::move(piece));
  } else if (type == "tool_calling") {
    round_begin_ = visible_.size();
  } else if (type == "done") {
    const auto fields = event_fields{event_data_of(event.json())};
    what_.usage.prompt = fields.number("/usage/prompt_tokens");
    what_.usage.completion = fields.number("/usage/completion_tokens");
    if (fields.text("/finish_reason") == "length")
      what_.finish = finish_reason::length;
    what_.status = message_status::complete;
  } else if (type == "error") {
    const auto fields = event_fields{event_data_of(event.json())};
    what_.error_kind = fields.text("/kind");
    what_.error = fields.text("/message");
  } else if (type == "cancelled") {
    what_.status = message_status::cancelled;
  }
}

void turn_listener::on_end(end why) {
  if (why == end::finished) {
    const auto last = std::string_view{visible_}.substr(round_begin_);
    what_.text = stripped(last).empty() ? std::string{stripped(visible_)} : std::string{last};
  } else {
    what_.status = message_status::error;
    what_.error_kind =
      token_of(why == end::shut_down ? errc::overloaded : errc::journal_unavailable);
    what_.error = "the turn goes on, but cannot be watched any more";
  }
  if (what_.status == message_status::error && what_.error_kind.empty())
    what_.error_kind = token_of(errc::internal_error);
  listener_->on_end(std::move(what_));
  release();
}

}  // namespace persona_runtime
