#include "providers/http/client.hpp"

#include "providers/http/client_core.hpp"
#include "providers/http/request_head.hpp"
#include "providers/http/url.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>

namespace persona_runtime {

namespace {

namespace asio = boost::asio;

http_timeouts bounded(http_timeouts asked) {
  constexpr auto longest = std::chrono::milliseconds{std::chrono::hours{24 * 30}};  // no overflow
  for (auto* limit : {&asked.connect, &asked.first_byte, &asked.between, &asked.total}) {
    *limit = std::clamp(*limit, std::chrono::milliseconds{1}, longest);
  }
  return asked;
}

result<prepared_request> prepare(http_request request) {
  auto url = parse_http_url(request.url);
  if (!url) {
    return url.error();
  }
  auto head = request_head(request, *url);
  if (!head) {
    return head.error();
  }
  auto ready = prepared_request{};
  ready.to = {std::move(url->host), request.address.value_or(""), url->port, url->tls};
  ready.head = std::move(*head);
  ready.body = std::move(request.body);
  ready.timeouts = bounded(request.timeouts);
  ready.limits = {request.method == "HEAD", request.body_bytes_max};
  return ready;
}

class http_call final : public pending_call {
public:
  http_call(asio::io_context& io, std::weak_ptr<exchange> e) : io_{io}, exchange_{std::move(e)} {}

  void cancel() noexcept override {
    auto call = exchange_.lock();
    if (!call || call->is_cancelled()) {
      return;
    }
    call->cancel_soon();
    try {
      asio::post(io_, [call] { call->drop(); });
    } catch (const std::bad_alloc&) {
      // The flag alone silences the call; its due time closes the connection.
    }
  }

private:
  asio::io_context& io_;
  std::weak_ptr<exchange> exchange_;
};

/// A call that failed before it began; its error is on the way.
class failed_call final : public pending_call {
public:
  using flag = std::shared_ptr<std::atomic<bool>>;
  explicit failed_call(flag cancelled) : cancelled_{std::move(cancelled)} {}
  void cancel() noexcept override { *cancelled_ = true; }

private:
  flag cancelled_;
};

class pooled_client final : public http_client {
public:
  pooled_client(asio::io_context& io, http_client_options options, std::shared_ptr<tls_context> tls)
    : io_{io}, core_{std::make_shared<client_core>(io, std::move(options), std::move(tls))} {}

  ~pooled_client() override {
    asio::post(io_, [core = std::move(core_)] { core->close(); });
  }
  pooled_client(const pooled_client&) = delete;
  pooled_client& operator=(const pooled_client&) = delete;

  std::unique_ptr<pending_call> start(http_request request,
                                      std::shared_ptr<http_handler> handler) override {
    auto ready = prepare(std::move(request));
    if (!ready) {
      // Posted like every other callback: a caller never hears from within start().
      auto cancelled = std::make_shared<std::atomic<bool>>(false);
      asio::post(io_, [handler = std::move(handler), detail = ready.error().detail, cancelled] {
        if (!*cancelled) {
          handler->on_error({http_error_kind::bad_url, detail});
        }
      });
      return std::make_unique<failed_call>(std::move(cancelled));
    }
    auto call = std::make_shared<exchange>(std::move(*ready), std::move(handler),
                                           std::chrono::steady_clock::now());
    auto handle = std::make_unique<http_call>(io_, call);
    asio::post(io_, [core = core_, call = std::move(call)] { core->begin(call); });
    return handle;
  }

  void close_idle(std::size_t count) override {
    asio::post(io_, [core = core_, count] { static_cast<void>(core->close_idle(count)); });
  }

private:
  asio::io_context& io_;
  std::shared_ptr<client_core> core_;
};

}  // namespace

result<std::unique_ptr<http_client>> make_http_client(asio::io_context& io,
                                                      http_client_options options) {
  auto tls = tls_context::make(options.extra_ca_file);
  if (!tls) {
    return tls.error();
  }
  return std::unique_ptr<http_client>{
    std::make_unique<pooled_client>(io, std::move(options), std::move(*tls))};
}

}  // namespace persona_runtime
