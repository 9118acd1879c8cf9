#include "providers/chat/http_chat.hpp"

#include "domain/text/ascii_case.hpp"
#include "providers/chat/error_body.hpp"
#include "providers/chat/prompted_tools.hpp"
#include "providers/chat/rate_headers.hpp"
#include "providers/http/url.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace persona_runtime {

namespace {

// Events wrap each token in some 250 bytes, so that the reply's own bound is met long before.
constexpr std::uint64_t wire_bytes_max = 512u << 20;
constexpr std::size_t error_body_bytes_max = 64u << 10;

struct call_target {
  std::shared_ptr<const chat_wire> wire;
  chat_surroundings around;  // without its client
};

using target_ptr = std::shared_ptr<const call_target>;

http_timeouts timeouts_of(const call_timeouts& t) {
  return {t.connect, t.first_token, t.between_tokens, t.call};
}

/// Whether the answer may hold calls that only its words show.
bool is_prompted(const chat_wire& wire, const tool_list& tools, tool_choice choice) {
  return !wire.native_tools() && tools && !tools->empty() && choice != tool_choice::none;
}

/// One model call. On the client's thread, except cancel().
class chat_call final : public http_handler {
public:
  chat_call(target_ptr to, chat_request request, chat_provider::on_done done)
    : to_{std::move(to)}, context_{std::move(request.context)}, tools_{std::move(request.tools)},
      sink_{std::move(request.sink)}, on_limits_{std::move(request.on_limits)},
      done_{std::move(done)}, started_{to_->around.now()} {
    if (is_prompted(*to_->wire, tools_, request.choice)) {
      prompted_ = std::make_shared<prompted_sink>(std::move(sink_));
      sink_ = prompted_;
    }
  }

  /// Called once, maybe after callbacks have begun.
  void own(std::unique_ptr<pending_call> exchange) {
    auto lock = std::lock_guard{mutex_};
    exchange_ = std::move(exchange);
    if (aborted_) {
      exchange_->cancel();
    }
  }

  void cancel() {
    cancelled_.store(true, std::memory_order_relaxed);
    abort();
  }

  void on_head(const http_response_head& head) override {
    status_ = head.status;
    if (on_limits_ && !cancelled_.load(std::memory_order_relaxed)) {
      if (const auto said = rate_report_of(head); said != rate_report{})
        on_limits_(said);
    }
    if (const auto coding = head.header("content-encoding");
        status_ == 200 && !coding.empty() && !ascii_equal(coding, "identity")) {
      refuse("the answer is compressed, which was not asked for (Content-Encoding)");
    } else if (status_ == 200) {
      body_ = to_->wire->read_answer(head.header("content-type"), sink_.get());
    } else {
      head_ = {head.status, {}};
      for (const auto& name : {"retry-after", "x-request-id", "request-id"}) {
        head_.headers.emplace_back(name, head.header(name));
      }
    }
  }

  void on_body(std::string_view bytes) override {
    if (is_silent()) {
      return;
    }
    if (!body_) {
      error_body_.append(bytes.substr(0, error_body_bytes_max - error_body_.size()));
      if (error_body_.size() == error_body_bytes_max) {
        abort();  // whoever talks on says nothing more that counts
        conclude();
      }
    } else if (!body_->feed(bytes)) {
      // Behind the end mark only the body's end follows, and reading it keeps the connection.
      if (!body_->is_done()) {
        abort();
      }
      conclude();
    }
  }

  void on_end() override {
    if (!is_silent()) {
      conclude();
    }
  }

  void on_error(const http_error& error) override {
    if (is_silent()) {
      return;
    }
    if (!body_ && status_ != 0) {
      conclude();  // the status says more than the end of its body
      return;
    }
    if (body_ && body_->has_finished()) {
      conclude();
      return;
    }
    auto mapped = connection_error_of(provider(), error);
    mapped.output_begun = body_ && body_->has_begun();
    deliver(std::move(mapped));
  }

private:
  void abort() {
    auto lock = std::lock_guard{mutex_};
    aborted_ = true;
    if (exchange_) {
      exchange_->cancel();
    }
  }
  [[nodiscard]] bool is_silent() const {
    return done_ == nullptr || cancelled_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::string_view provider() const { return to_->wire->provider(); }

  void refuse(std::string_view why) {
    if (!is_silent()) {
      abort();
      deliver(broken_stream(provider(), why));
    }
  }

  void conclude() {
    if (!body_) {
      deliver(status_error());
      return;
    }
    auto parts = body_->finish();
    if (!parts) {
      deliver(parts.error());
    } else {
      if (prompted_) {
        prompted_->finish(*parts);
      }
      deliver(reply_of(std::move(*parts)));
    }
  }

  model_error status_error() const {
    auto words = error_words_of(error_body_);
    words.status = status_;
    auto error = provider_error_of(provider(), to_->wire->model(), words);
    add_headers(error, head_);
    return error;
  }

  model_reply reply_of(answer_parts parts) const {
    const auto& around = to_->around;
    auto reply = model_reply{};
    reply.size = around.count(role::assistant, parts.text);
    reply.usage = parts.usage ? *parts.usage : estimate(parts);
    reply.text = std::move(parts.text);
    reply.reasoning = std::move(parts.reasoning);
    reply.calls = std::move(parts.calls);
    reply.finish = parts.finish;
    reply.thinking = std::move(parts.thinking);
    reply.latency_ms = std::chrono::duration<double, std::milli>{around.now() - started_}.count();
    return reply;
  }

  token_usage estimate(const answer_parts& parts) const {
    const auto& count = to_->around.count;
    auto usage = token_usage{0, 0, true};
    for (const auto& m : context_) {
      usage.prompt += m->size.followed;
      for (const auto& call : m->calls) {
        usage.prompt += count(role::assistant, call.arguments).alone;
      }
      if (!m->thinking.blocks.empty()) {
        usage.prompt += count(role::assistant, m->thinking.blocks).alone;
      }
    }
    if (tools_) {
      for (const auto& tool : *tools_) {
        usage.prompt += count(role::system, tool.description + tool.parameters).alone;
      }
    }
    usage.completion = count(role::assistant, parts.text).alone;
    if (!parts.reasoning.empty()) {
      usage.completion += count(role::assistant, parts.reasoning).alone;
    }
    for (const auto& call : parts.calls) {
      usage.completion += count(role::assistant, call.arguments).alone;
    }
    return usage;
  }

  void deliver(model_result<model_reply> outcome) {
    auto done = std::exchange(done_, nullptr);
    sink_ = nullptr;
    prompted_ = nullptr;
    done(std::move(outcome));
  }

  target_ptr to_;
  message_list context_;  // for an estimate when no usage is reported
  tool_list tools_;
  std::shared_ptr<text_sink> sink_;
  std::function<void(const rate_report&)> on_limits_;
  std::shared_ptr<prompted_sink> prompted_;  // null: calls are no words
  chat_provider::on_done done_;
  std::chrono::steady_clock::time_point started_;
  std::unique_ptr<answer_reader> body_;  // of a 200
  std::string error_body_;               // of any other status
  http_response_head head_;              // likewise; what is needed of it
  std::atomic<bool> cancelled_{false};
  int status_ = 0;

  std::mutex mutex_;  // of what follows
  std::unique_ptr<pending_call> exchange_;
  bool aborted_ = false;
};

class chat_handle final : public pending_call {
public:
  explicit chat_handle(std::weak_ptr<chat_call> call) : call_{std::move(call)} {}

  void cancel() noexcept override {
    if (auto call = call_.lock()) {
      call->cancel();
    }
  }

private:
  std::weak_ptr<chat_call> call_;
};

class http_chat_provider final : public chat_provider {
public:
  http_chat_provider(target_ptr to, std::shared_ptr<http_client> client)
    : to_{std::move(to)}, client_{std::move(client)} {}

  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    const auto& wire = *to_->wire;
    auto post = wire.native_tools() ? wire.to_http(request) : wire.to_http(in_words(request));
    post.timeouts = timeouts_of(request.timeouts);
    post.body_bytes_max = wire_bytes_max;
    auto call = std::make_shared<chat_call>(to_, std::move(request), std::move(done));
    call->own(client_->start(std::move(post), call));
    return std::make_unique<chat_handle>(std::move(call));
  }

  [[nodiscard]] bool has_limits() const override { return true; }

private:
  target_ptr to_;
  std::shared_ptr<http_client> client_;
};

}  // namespace

std::unique_ptr<chat_provider> make_http_chat_provider(std::shared_ptr<const chat_wire> wire,
                                                       chat_surroundings around) {
  // The client keeps its calls and a call its target: with the client in it they would never go.
  auto client = std::exchange(around.client, nullptr);
  auto to = std::make_shared<call_target>(call_target{std::move(wire), std::move(around)});
  return std::make_unique<http_chat_provider>(std::move(to), std::move(client));
}

model_result<std::string> endpoint_url(std::string_view provider, std::string base,
                                       std::string_view standard, std::string_view path) {
  auto url = base.empty() ? std::string{standard} : std::move(base);
  if (!url.ends_with('/')) {
    url += '/';
  }
  url += path;
  if (auto parsed = parse_http_url(url); !parsed) {
    auto error = model_error{};
    error.detail =
      "provider=" + std::string{provider} + " has an unusable base URL: " + parsed.error().detail;
    return error;
  }
  return url;
}

}  // namespace persona_runtime
