#include "providers/chat/reply_player.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

namespace persona_runtime {
namespace {

using steady = std::chrono::steady_clock;

/// One call under way. Lives until its last callback; touched by the thread alone, but for the
/// flag.
class playing : public std::enable_shared_from_this<playing> {
public:
  playing(scripted_reply reply, chat_request request, chat_provider::on_done done,
          tokenizer_ptr counter, io_thread& thread)
    : reply_{std::move(reply)}, request_{std::move(request)}, done_{std::move(done)},
      counter_{std::move(counter)}, timer_{thread.context()} {}

  void begin() {
    if (cancelled_)
      return;
    timer_.expires_after(reply_.delay);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error)
        self->run();
    });
  }

  /// Any thread. The timer belongs to its own one, so stopping it is posted there.
  void cancel() noexcept {
    cancelled_ = true;
    try {
      boost::asio::post(timer_.get_executor(), [self = shared_from_this()] {
        self->timer_.cancel();
        self->done_ = nullptr;
      });
    } catch (...) {
      // No memory for the note: the flag alone stops the call when its time comes.
    }
  }

private:
  void run() {
    if (cancelled_)
      return;
    if (!hand_out())
      return;
    const auto done = std::exchange(done_, nullptr);
    if (reply_.error) {
      reply_.error->output_begun = handed_out_ > 0;
      done(std::move(*reply_.error));
    } else {
      done(whole());
    }
  }

  /// False when the call was cancelled meanwhile.
  bool hand_out() {
    const std::size_t pieces = reply_.reasoning.size() + reply_.deltas.size();
    const std::size_t end =
      reply_.error ? std::min(pieces, reply_.error_after.value_or(0)) : pieces;
    for (; handed_out_ < end && !cancelled_; ++handed_out_) {
      if (!request_.sink)
        continue;
      const std::size_t text = handed_out_ - std::min(handed_out_, reply_.reasoning.size());
      if (handed_out_ < reply_.reasoning.size())
        request_.sink->on_reasoning(reply_.reasoning[handed_out_]);
      else
        request_.sink->on_text(reply_.deltas[text]);
    }
    return !cancelled_;
  }

  model_reply whole() {
    model_reply out;
    for (const std::string& delta : reply_.deltas)
      out.text += delta;
    for (const std::string& delta : reply_.reasoning)
      out.reasoning += delta;
    out.calls = std::move(reply_.calls);
    out.finish = out.calls.empty() ? finish_reason::stop : finish_reason::tool_calls;
    out.usage = reply_.usage ? *reply_.usage : counted_usage(*counter_, request_.context, out.text);
    out.size = size_of(*counter_, role::assistant, out.text);
    out.latency_ms = std::chrono::duration<double, std::milli>(steady::now() - begun_).count();
    return out;
  }

  scripted_reply reply_;
  chat_request request_;
  chat_provider::on_done done_;
  tokenizer_ptr counter_;
  boost::asio::steady_timer timer_;
  const steady::time_point begun_ = steady::now();
  std::size_t handed_out_ = 0;
  std::atomic<bool> cancelled_{false};
};

class playing_call : public pending_call {
public:
  explicit playing_call(std::shared_ptr<playing> call) : call_{std::move(call)} {}
  void cancel() noexcept override { call_->cancel(); }

private:
  std::shared_ptr<playing> call_;
};

}  // namespace

token_usage counted_usage(const tokenizer& counter, const message_list& context,
                          std::string_view text) {
  token_usage usage;
  usage.estimated = true;
  usage.completion = counter.count(text);
  for (std::size_t i = 0; i < context.size(); ++i) {
    const message& m = *context[i];
    const bool known = m.size != message_size{};
    const message_size size = known ? m.size : size_of(counter, m.from, m.content.view());
    usage.prompt += i + 1 == context.size() ? size.alone : size.followed;
  }
  return usage;
}

std::unique_ptr<pending_call> play(scripted_reply reply, chat_request request,
                                   chat_provider::on_done done, tokenizer_ptr counter,
                                   io_thread& thread) {
  auto call = std::make_shared<playing>(std::move(reply), std::move(request), std::move(done),
                                        std::move(counter), thread);
  // The timer is not for several threads at once, and a cancel() is posted to its thread too.
  boost::asio::post(thread.context(), [call] { call->begin(); });
  return std::make_unique<playing_call>(std::move(call));
}

}  // namespace persona_runtime
