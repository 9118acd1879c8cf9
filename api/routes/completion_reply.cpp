#include "api/routes/completion_reply.hpp"

#include "api/routes/error_answer.hpp"
#include "api/routes/openai_error.hpp"

#include <utility>

namespace persona_runtime::api {
namespace {

/// The client's library tries failures again by itself unless it is told not to.
void forbid_retry(http_answer& answer) {
  answer.headers.emplace_back("x-should-retry", "false");
}

http_answer answer_of(const openai_failure& failed) {
  auto answer = http_answer{.status = failed.status, .body = failed.json};
  if (failed.may_retry)
    answer.headers.emplace_back("Retry-After", "1");
  else
    forbid_retry(answer);
  if (failed.status == 500)
    answer.cause = "a completion ended with internal_error";
  return answer;
}

}  // namespace

completion_reply::completion_reply(std::shared_ptr<exchange> back, completion_shape shape,
                                   event_stream_settings settings)
  : back_{std::move(back)}, shape_{std::move(shape)}, settings_{settings}, filter_{shape_.stop} {
  head_.created = shape_.created;
  head_.model = shape_.model;
  head_.with_usage = shape_.include_usage;
}

void completion_reply::start(reply_port& port, const caller& who, completion_request what,
                             completion_backend& engine) {
  port.attach(shared_from_this());
  auto begun = engine.complete(who, std::move(what), shared_from_this());
  handle_ = std::move(begun.handle);
  head_.id = std::move(begun.id);
  if (shape_.stream)
    port.wake_at(std::chrono::steady_clock::now() + settings_.heartbeat);
}

void completion_reply::on_text(std::string piece) {
  const auto lock = std::lock_guard{mutex_};
  if (!shape_.stream || is_settled() || is_over_full_)
    return;  // the whole text comes with the end
  is_over_full_ = !inbox_.empty() && inbox_.size() + piece.size() > settings_.live_bytes_max;
  inbox_ += piece;
  wake_connection();
}

void completion_reply::on_end(completion_end what) {
  const auto lock = std::lock_guard{mutex_};
  if (is_settled())
    return;
  ended_ = std::move(what);
  wake_connection();
}

void completion_reply::on_refused(const failure& why) {
  const auto lock = std::lock_guard{mutex_};
  if (is_settled())
    return;
  refused_ = why;
  wake_connection();
}

// Called with the mutex held.
void completion_reply::wake_connection() {
  if (std::exchange(is_woken_, true))
    return;
  back_->post([self = weak_from_this()](reply_port& port) {
    if (const auto reply = self.lock())
      reply->drain(port);
  });
}

void completion_reply::drain(reply_port& port) {
  if (is_over_)
    return;
  auto text = std::string{};
  auto ended = std::optional<completion_end>{};
  auto refused = std::optional<failure>{};
  auto is_over_full = false;
  auto is_closed = false;
  {
    const auto lock = std::lock_guard{mutex_};
    is_woken_ = false;
    text.swap(inbox_);
    is_closed_ = is_closed = is_settled();
    ended.swap(ended_);
    refused.swap(refused_);
    is_over_full = is_over_full_;
  }
  if (is_closed)
    handle_->has_ended();
  if (refused)
    return refuse(port, *refused);
  const auto unsent = port.unsent_live_bytes();
  if (is_over_full || (unsent > 0 && unsent + text.size() > settings_.live_bytes_max)) {
    port.abort();
    return;
  }
  if (!text.empty())
    send_text(port, filter_.feed(text));
  // One write, and one wake of the client, for text and end that come together.
  if (ended)
    finish(port, std::move(*ended));
  else
    port.flush();
}

void completion_reply::refuse(reply_port& port, const failure& why) {
  auto answer = in_openai_form(error_answer(why));
  if (!has_head_)
    return port.answer(std::move(answer));
  push_data(port, std::move(answer.body));
  port.end_stream();
}

void completion_reply::send_text(reply_port& port, const std::string& text) {
  if (text.empty())
    return;
  send_head(port);
  push_data(port, text_chunk(head_, text));
}

void completion_reply::finish(reply_port& port, completion_end end) {
  shape_.stream ? finish_stream(port, end) : finish_whole(port, std::move(end));
}

void completion_reply::finish_whole(reply_port& port, completion_end end) {
  if (end.status != message_status::complete) {
    port.answer(answer_of(openai_failure_of(end)));
    return;
  }
  end.text = filter_.feed(end.text);
  end.text += filter_.finish();
  if (filter_.has_stopped() && end.calls.empty())
    end.finish = finish_reason::stop;
  port.answer({.body = completion_json(head_, end)});
}

void completion_reply::finish_stream(reply_port& port, const completion_end& end) {
  if (end.status != message_status::complete) {
    const auto failed = openai_failure_of(end);
    if (!has_head_) {
      port.answer(answer_of(failed));
      return;
    }
    push_data(port, failed.json);
    port.end_stream();
    return;
  }
  send_head(port);
  if (const auto rest = filter_.finish(); !rest.empty())
    push_data(port, text_chunk(head_, rest));
  if (!end.calls.empty())
    push_data(port, calls_chunk(head_, end.calls));
  const auto is_stopped = filter_.has_stopped() && end.calls.empty();
  push_data(port, finish_chunk(head_, is_stopped ? finish_reason::stop : end.finish));
  if (shape_.include_usage)
    push_data(port, usage_chunk(head_, end.usage));
  push_data(port, "[DONE]");
  port.end_stream();
}

void completion_reply::send_head(reply_port& port) {
  if (std::exchange(has_head_, true))
    return;
  auto head = http_answer{};
  head.content_type = "text/event-stream";
  head.headers.emplace_back("Cache-Control", "no-store");
  head.headers.emplace_back("X-Accel-Buffering", "no");
  port.begin_stream(head, stream_format::chat, head_.id);
  push_data(port, role_chunk(head_));
}

void completion_reply::push_data(reply_port& port, std::string json) {
  port.push(out_item::data(std::move(json)));
}

void completion_reply::on_wake(reply_port& port, steady_time now) {
  if (!has_head_) {
    send_head(port);
    port.flush();
  } else if (now - port.last_progress() >= settings_.heartbeat && port.is_all_sent()) {
    port.push(out_item::mark(out_item::kind::heartbeat));
    port.flush();
  }
  port.wake_at(now + settings_.heartbeat);
}

void completion_reply::on_over() {
  is_over_ = true;
  handle_.reset();
  const auto lock = std::lock_guard{mutex_};
  is_closed_ = true;
  inbox_.clear();
}

}  // namespace persona_runtime::api
