#include "providers/chat/openai.hpp"

#include "providers/chat/json_reading.hpp"
#include "providers/chat/openai_body.hpp"
#include "providers/chat/openai_request.hpp"
#include "providers/http/url.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace persona_runtime {

namespace {

// Events wrap each token in some 250 bytes, so that the reply's own bound is met long before.
constexpr std::uint64_t wire_bytes_max = 512u << 20;
constexpr std::size_t error_body_bytes_max = 64u << 10;

struct target_settings {
  openai_target target;
  std::string url;
  std::string key;
  openai_surroundings around;
};

using settings_ptr = std::shared_ptr<const target_settings>;

model_error refused(const openai_options& options, std::string_view why) {
  auto error = model_error{};
  error.detail = "provider=" + options.provider + " " + std::string{why};
  return error;
}

http_timeouts timeouts_of(const call_timeouts& t) {
  return {t.connect, t.first_token, t.between_tokens, t.call};
}

/// One model call. On the client's thread, except cancel().
class openai_call final : public http_handler {
public:
  openai_call(settings_ptr settings, chat_request request, chat_provider::on_done done)
    : settings_{std::move(settings)}, context_{std::move(request.context)}, tools_{std::move(
                                                                              request.tools)},
      sink_{std::move(request.sink)}, done_{std::move(done)}, started_{settings_->around.now()} {}

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
    if (status_ == 200) {
      body_.emplace(std::string{provider()}, settings_->target.model, head.header("content-type"),
                    sink_.get());
    } else {
      head_ = {head.status, {}};
      for (const auto& name : {"retry-after", "x-request-id"}) {
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
  [[nodiscard]] std::string_view provider() const { return settings_->target.row->name; }

  void conclude() {
    if (!body_) {
      deliver(status_error());
      return;
    }
    auto parts = body_->finish();
    if (!parts) {
      deliver(parts.error());
    } else {
      deliver(reply_of(std::move(*parts)));
    }
  }

  model_error status_error() const {
    auto words = error_words_of(error_body_);
    words.status = status_;
    auto error = provider_error_of(provider(), settings_->target.model, words);
    add_headers(error, head_);
    return error;
  }

  model_reply reply_of(openai_parts parts) const {
    const auto& around = settings_->around;
    auto reply = model_reply{};
    reply.size = around.count(role::assistant, parts.text);
    reply.usage = parts.usage ? *parts.usage : estimate(parts);
    reply.text = std::move(parts.text);
    reply.reasoning = std::move(parts.reasoning);
    reply.calls = std::move(parts.calls);
    reply.finish = parts.finish;
    reply.latency_ms = std::chrono::duration<double, std::milli>{around.now() - started_}.count();
    return reply;
  }

  token_usage estimate(const openai_parts& parts) const {
    const auto& count = settings_->around.count;
    auto usage = token_usage{0, 0, true};
    for (const auto& m : context_) {
      usage.prompt += m->size.followed;
      for (const auto& call : m->calls) {
        usage.prompt += count(role::assistant, call.arguments).alone;
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
    done(std::move(outcome));
  }

  settings_ptr settings_;
  message_list context_;  // for an estimate when no usage is reported
  tool_list tools_;
  std::shared_ptr<text_sink> sink_;
  chat_provider::on_done done_;
  std::chrono::steady_clock::time_point started_;
  std::optional<openai_body> body_;  // of a 200
  std::string error_body_;           // of any other status
  http_response_head head_;          // likewise; what is needed of it
  std::atomic<bool> cancelled_{false};
  int status_ = 0;

  std::mutex mutex_;  // of what follows
  std::unique_ptr<pending_call> exchange_;
  bool aborted_ = false;
};

class openai_handle final : public pending_call {
public:
  explicit openai_handle(std::weak_ptr<openai_call> call) : call_{std::move(call)} {}

  void cancel() noexcept override {
    if (auto call = call_.lock()) {
      call->cancel();
    }
  }

private:
  std::weak_ptr<openai_call> call_;
};

class openai_provider final : public chat_provider {
public:
  openai_provider(settings_ptr settings, std::shared_ptr<http_client> client)
    : settings_{std::move(settings)}, client_{std::move(client)} {}

  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    auto post = http_request{};
    post.method = "POST";
    post.url = settings_->url;
    post.headers = {{"Content-Type", "application/json"},
                    {"Accept", "text/event-stream, application/json"}};
    if (!settings_->key.empty()) {
      post.headers.emplace_back("Authorization", "Bearer " + settings_->key);
    }
    post.body = openai_request_body(settings_->target, request);
    post.timeouts = timeouts_of(request.timeouts);
    post.body_bytes_max = wire_bytes_max;
    auto call = std::make_shared<openai_call>(settings_, std::move(request), std::move(done));
    call->own(client_->start(std::move(post), call));
    return std::make_unique<openai_handle>(std::move(call));
  }

private:
  settings_ptr settings_;
  std::shared_ptr<http_client> client_;
};

}  // namespace

model_result<std::unique_ptr<chat_provider>>
make_openai_provider(const openai_options& options, openai_surroundings surroundings) {
  const auto* row = find_provider_row(options.provider);
  if (row == nullptr) {
    return refused(options, "is not one of openai, deepseek, groq, together, nvidia");
  }
  if (row->needs_key && options.api_key.empty()) {
    auto error = refused(options, "needs an API key");
    error.kind = model_error_class::authentication;
    return error;
  }
  if (options.model.empty()) {
    return refused(options, "needs the name of a model");
  }
  auto settings = std::make_shared<target_settings>();
  settings->url = options.base_url.empty() ? std::string{row->base_url} : options.base_url;
  if (!settings->url.ends_with('/')) {
    settings->url += '/';
  }
  settings->url += "chat/completions";
  if (auto url = parse_http_url(settings->url); !url) {
    return refused(options, "has an unusable base URL: " + url.error().detail);
  }
  auto extra = json_fields(options.extra_body);
  if (!extra) {
    return refused(options, "has an extra_body that is not the text of a JSON object");
  }
  settings->target = {row, options.model, options.native_tools, options.temperature,
                      std::move(*extra)};
  settings->key = options.api_key;
  // The client keeps its calls and a call its settings: with the client in them it would never go.
  auto client = std::exchange(surroundings.client, nullptr);
  settings->around = std::move(surroundings);
  return std::unique_ptr<chat_provider>{
    std::make_unique<openai_provider>(std::move(settings), std::move(client))};
}

}  // namespace persona_runtime
