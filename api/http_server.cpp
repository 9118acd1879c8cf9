#include "api/http_server.hpp"

#include "api/http/connection.hpp"
#include "api/http/io_loop.hpp"
#include "api/routes/route_handler.hpp"
#include "domain/text/listen_address.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace persona_runtime {

using namespace api;  // NOLINT(google-build-using-namespace): this is its face

namespace {

using namespace std::chrono_literals;
namespace net = boost::asio;
using tcp = net::ip::tcp;
using edge_acceptor = net::basic_socket_acceptor<tcp, net::io_context::executor_type>;

// Connections over open_max that are told so; beyond them the kernel's queue has to wait.
constexpr auto refused_open_max = std::int64_t{64};
constexpr auto accepts_per_wake = 64;
constexpr auto backlog = 4096;

failure bad_address(std::string_view address, std::string_view why) {
  return {errc::validation_error,
          "listen: cannot use '" + std::string{address} + "': " + std::string{why}};
}

result<tcp::endpoint> endpoint_of(std::string_view address) {
  constexpr auto form = "write it as ADDRESS:PORT, for example 127.0.0.1:8080 or [::1]:8080";
  const auto read = parse_listen_address(address);
  if (!read)
    return bad_address(address, form);
  auto ec = boost::system::error_code{};
  const auto ip = net::ip::make_address(read->numeric_host(), ec);
  if (ec)
    return bad_address(address, form);
  return tcp::endpoint{ip, read->port};
}

// Runs `work` on the context's thread and waits for it. Gives up after 5 s: a context that nobody
// runs would hold a destructor for ever.
void run_on(net::io_context& context, const std::function<void()>& work) {
  struct gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool is_open = false;
  };
  const auto shared = std::make_shared<gate>();
  net::post(context, [shared, work] {
    work();
    const auto lock = std::lock_guard{shared->mutex};
    shared->is_open = true;
    shared->opened.notify_all();
  });
  auto lock = std::unique_lock{shared->mutex};
  static_cast<void>(shared->opened.wait_for(lock, 5s, [&] { return shared->is_open; }));
}

// Takes connections on the first context and deals them out to all.
class listener : public std::enable_shared_from_this<listener> {
public:
  listener(std::vector<std::shared_ptr<io_loop>> loops, edge_metrics& metrics, std::size_t open_max,
           server_hooks hooks)
    : loops_{std::move(loops)}, metrics_{metrics}, open_max_{open_max}, hooks_{std::move(hooks)},
      acceptor_{loops_.front()->context().get_executor()} {}

  boost::system::error_code open(const tcp::endpoint& at) {
    auto ec = boost::system::error_code{};
    static_cast<void>(acceptor_.open(at.protocol(), ec));
    if (!ec)
      static_cast<void>(acceptor_.set_option(net::socket_base::reuse_address{true}, ec));
    if (!ec)
      static_cast<void>(acceptor_.bind(at, ec));
    if (!ec)
      static_cast<void>(acceptor_.listen(backlog, ec));
    if (!ec)
      static_cast<void>(acceptor_.non_blocking(true, ec));
    if (!ec)
      bound_ = acceptor_.local_endpoint(ec);
    return ec;
  }

  [[nodiscard]] const tcp::endpoint& bound() const { return bound_; }

  // The rest: on the first context's thread.
  void start() {
    loops_.front()->on_sweep([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && std::exchange(self->is_paused_, false))
        self->wait();
    });
    wait();
  }

  void close() {
    auto ec = boost::system::error_code{};
    static_cast<void>(acceptor_.close(ec));
  }

private:
  void wait() {
    if (!acceptor_.is_open())
      return;
    acceptor_.async_wait(edge_acceptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& ec) {
                           if (ec)
                             return;
                           self->accept();
                         });
  }

  void accept() {
    for (auto i = 0; i < accepts_per_wake && acceptor_.is_open(); ++i) {
      const auto open = metrics_.connections_open.load(std::memory_order_relaxed);
      const auto over = open - static_cast<std::int64_t>(open_max_);
      if (over >= refused_open_max) {
        is_paused_ = true;
        return;
      }
      auto& loop = loops_[next_++ % loops_.size()];
      auto ec = boost::system::error_code{};
      auto socket = edge_socket{loop->context().get_executor()};
      static_cast<void>(acceptor_.accept(socket, ec));
      if (ec == net::error::would_block || ec == net::error::try_again)
        break;
      if (ec == boost::system::errc::too_many_files_open
          || ec == boost::system::errc::too_many_files_open_in_system
          || ec == boost::system::errc::not_enough_memory || ec == net::error::no_buffer_space) {
        // The connection stays in the kernel's queue, so waiting would wake at once, over and
        // over. The next sweep tries again.
        pause_accepting(ec.message());
        return;
      }
      if (!ec)
        hand_over(loop, std::move(socket), over >= 0);
    }
    wait();
  }

  void pause_accepting(const std::string& why) {
    metrics_.accept_pauses.fetch_add(1, std::memory_order_relaxed);
    is_paused_ = true;
    hooks_.log->write(log_level::warning, "http", "no connection can be accepted for a moment",
                      {{"reason", why}});
    if (hooks_.on_descriptors_short)
      hooks_.on_descriptors_short();
  }

  void hand_over(const std::shared_ptr<io_loop>& loop, edge_socket socket, bool is_refused) {
    if (is_refused) {
      metrics_.connections_refused.fetch_add(1, std::memory_order_relaxed);
      hooks_.log->write(log_level::warning, "http", "connection refused: too many are open",
                        {{"connections_max", std::to_string(open_max_)}});
    }
    // Counted here, so that a burst cannot pass the limit on its way to the loops.
    metrics_.connections_open.fetch_add(1, std::memory_order_relaxed);
    const auto made = std::make_shared<connection>(loop, std::move(socket));
    net::post(loop->context(), [loop, made, is_refused] {
      if (!loop->is_closed())
        made->start(is_refused);
    });
  }

  const std::vector<std::shared_ptr<io_loop>> loops_;
  edge_metrics& metrics_;
  const std::size_t open_max_;
  const server_hooks hooks_;
  edge_acceptor acceptor_;
  tcp::endpoint bound_;
  std::size_t next_ = 0;
  bool is_paused_ = false;
};

}  // namespace

struct http_server::state {
  std::vector<net::io_context*> contexts;
  api_settings settings;
  backend& engine;
  std::function<instant()> now;
  server_hooks hooks;
  edge_metrics metrics{};
  std::unique_ptr<route_handler> handler{};
  std::vector<std::shared_ptr<io_loop>> loops{};
  std::shared_ptr<listener> door{};
};

http_server::http_server(std::vector<net::io_context*> contexts, api_settings settings,
                         backend& engine, std::function<instant()> now, server_hooks hooks)
  : state_{
    new state{std::move(contexts), std::move(settings), engine, std::move(now), std::move(hooks)}} {
}

http_server::~http_server() {
  stop_accepting();
  close_all();
}

result<void> http_server::listen(std::string_view address) {
  auto& s = *state_;
  const auto at = endpoint_of(address);
  if (!at)
    return at.error();
  auto keys = authenticator::of(s.settings.keys);
  if (!keys)
    return keys.error();
  if (!keys->has_keys() && !at->address().is_loopback()) {
    return bad_address(address, "without auth.keys only loopback addresses are served; "
                                "configure a key or listen on 127.0.0.1");
  }
  s.handler = std::make_unique<route_handler>(s.settings, std::move(*keys), s.engine, s.metrics,
                                              s.now, s.hooks);
  auto loops = std::vector<std::shared_ptr<io_loop>>{};
  for (auto* context : s.contexts) {
    loops.push_back(std::make_shared<io_loop>(*context, s.settings.http, *s.handler, s.metrics,
                                              s.now, s.hooks.log));
  }
  auto door = std::make_shared<listener>(loops, s.metrics, s.settings.http.open_max, s.hooks);
  if (const auto ec = door->open(*at)) {
    return bad_address(address, ec == net::error::address_in_use
                                  ? "another process listens there; stop it or choose another port"
                                  : ec.message());
  }
  s.loops = std::move(loops);
  s.door = std::move(door);
  for (const auto& loop : s.loops)
    run_on(loop->context(), [loop] { loop->start(); });
  run_on(*s.contexts.front(), [door = s.door] { door->start(); });
  return {};
}

std::string http_server::bound_address() const {
  if (!state_->door)
    return {};
  const auto& at = state_->door->bound();
  const auto host = at.address().to_string();
  return (at.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(at.port());
}

void http_server::stop_accepting() {
  if (!state_->door)
    return;
  run_on(*state_->contexts.front(), [door = state_->door] { door->close(); });
  for (const auto& loop : state_->loops)
    run_on(loop->context(), [loop] { loop->drain(); });
}

void http_server::close_all() {
  for (const auto& loop : state_->loops)
    run_on(loop->context(), [loop] { loop->close_all(); });
  state_->loops.clear();
  state_->door.reset();
}

}  // namespace persona_runtime
