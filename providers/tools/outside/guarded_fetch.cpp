#include "providers/tools/outside/guarded_fetch.hpp"

#include "providers/tools/outside/url_text.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <set>

namespace persona_runtime {
namespace {

using std::chrono::steady_clock;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// What one fetch works with.
struct fetch_means {
  http_client& client;
  const target_guard& guard;
  boost::asio::io_context& io;
  fetch_limits limits;
};

/// One fetch over all its hops. On io's thread; callbacks from elsewhere are posted there. The
/// hop that a callback belongs to is part of it, so that a late one is recognised.
class fetch_call : public std::enable_shared_from_this<fetch_call> {
public:
  fetch_call(fetch_means means, http_headers headers, guarded_fetch::on_done done)
    : means_{means}, headers_{std::move(headers)}, done_{std::move(done)}, timer_{means.io} {}

  void begin(const std::string& url) {
    if (!done_)
      return;
    deadline_ = steady_clock::now() + means_.limits.timeout;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error)
        return;
      self->fail("timeout: the page did not arrive within "
                 + std::to_string(self->means_.limits.timeout.count()) + " ms");
    });
    follow(url);
  }

  void drop() {
    done_ = nullptr;
    release();
  }

private:
  /// Runs `what` on io's thread, unless the fetch has gone on meanwhile.
  template <class What>
  auto back_here(What what) {
    return [self = shared_from_this(), hop = hop_, what = std::move(what)](auto value) {
      boost::asio::post(self->means_.io, [self, hop, what, value = std::move(value)]() mutable {
        if (self->done_ && self->hop_ == hop)
          what(*self, std::move(value));
      });
    };
  }

  void follow(const std::string& url) {
    ++hop_;
    means_.guard.check(url, back_here([](fetch_call& self, target_verdict verdict) {
                         self.on_verdict(std::move(verdict));
                       }));
  }

  void on_verdict(target_verdict verdict) {
    if (auto* refused = std::get_if<refused_target>(&verdict))
      return finish(fetch_problem{refused->why, std::move(refused->text)});
    target_ = std::move(std::get<checked_target>(verdict));
    if (!visited_.insert(target_.url).second)
      return fail("redirect loop: the page leads back to itself");
    address_ = 0;
    request();
  }

  void request() {
    ++hop_;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - steady_clock::now());
    auto get = http_request{};
    get.url = target_.url;
    get.headers = headers_;
    get.timeouts = {.connect = std::min(get.timeouts.connect, left),
                    .first_byte = left,
                    .between = left,
                    .total = left};
    // The client would refuse a body that announces itself as too long; its beginning is enough.
    get.body_bytes_max = std::numeric_limits<std::int64_t>::max();
    get.address = target_.addresses[address_];
    auto collector = std::make_shared<answer_collector>(
      means_.limits.body_bytes_max, when_full::stop,
      back_here([](fetch_call& self, http_answer answer) { self.on_answer(std::move(answer)); }));
    exchange_ = means_.client.start(std::move(get), std::move(collector));
  }

  void on_answer(http_answer answer) {
    if (answer.error && answer.error->kind == http_error_kind::connect_failed
        && address_ + 1
             < std::min<std::size_t>(target_.addresses.size(), means_.limits.addresses_tried_max)) {
      ++address_;
      return request();
    }
    const auto is_cut =
      answer.error && answer.error->kind == http_error_kind::body_too_large && !answer.body.empty();
    if (is_redirect(answer.head.status) && (!answer.error || is_cut))
      return redirect(answer.head.header("location"));
    if (answer.error && !is_cut)
      return fail(problem_text(*answer.error));
    finish(fetched{std::move(answer), target_.url});
  }

  void redirect(std::string_view location) {
    if (location.empty())
      return fail("the page redirects without saying where to");
    if (++redirects_ > means_.limits.redirects_max)
      return fail("more than " + std::to_string(means_.limits.redirects_max) + " redirects");
    auto next = resolve_url(target_.url, location);
    if (!next)
      return fail("the page redirects to something that is no URL");
    follow(*next);
  }

  [[nodiscard]] std::string problem_text(const http_error& error) const {
    if (error.kind == http_error_kind::timeout)
      return "timeout: " + error.detail;
    if (error.kind == http_error_kind::body_too_large)
      return "the page is larger than " + std::to_string(means_.limits.body_bytes_max) + " bytes";
    return "network error: " + error.detail;
  }

  void fail(std::string text) { finish(fetch_problem{std::nullopt, std::move(text)}); }

  void finish(fetch_outcome outcome) {
    if (const auto done = std::exchange(done_, nullptr)) {
      release();
      done(std::move(outcome));
    }
  }

  void release() {
    ++hop_;
    timer_.cancel();
    if (exchange_)
      exchange_->cancel();
    exchange_.reset();
  }

  fetch_means means_;
  http_headers headers_;
  guarded_fetch::on_done done_;  // empty: told, or cancelled
  boost::asio::steady_timer timer_;
  steady_clock::time_point deadline_;
  unsigned hop_ = 0;
  unsigned redirects_ = 0;
  checked_target target_;
  std::size_t address_ = 0;
  std::set<std::string> visited_;
  std::unique_ptr<pending_call> exchange_;
};

class fetch_handle final : public pending_call {
public:
  fetch_handle(boost::asio::io_context& io, std::weak_ptr<fetch_call> call)
    : io_{io}, call_{std::move(call)} {}

  void cancel() noexcept override {
    auto call = call_.lock();
    if (!call)
      return;
    try {
      boost::asio::post(io_, [call] { call->drop(); });
    } catch (const std::bad_alloc&) {
      // Its time limit ends the fetch; whoever asked drops what comes late.
    }
  }

private:
  boost::asio::io_context& io_;
  std::weak_ptr<fetch_call> call_;
};

}  // namespace

guarded_fetch::guarded_fetch(http_client& client, const target_guard& guard,
                             boost::asio::io_context& io, fetch_limits limits)
  : client_{client}, guard_{guard}, io_{io}, limits_{limits} {
}

std::unique_ptr<pending_call> guarded_fetch::start(std::string url, http_headers headers,
                                                   on_done done) const {
  auto call = std::make_shared<fetch_call>(fetch_means{client_, guard_, io_, limits_},
                                           std::move(headers), std::move(done));
  auto handle = std::make_unique<fetch_handle>(io_, call);
  boost::asio::post(io_, [call, url = std::move(url)] { call->begin(url); });
  return handle;
}

}  // namespace persona_runtime
