#include "tests/api/test_server.hpp"

#include "api/http_server.hpp"
#include "providers/http/io_thread.hpp"

#include <deque>
#include <stdexcept>

namespace persona_runtime {

struct test_server::state {
  std::deque<io_thread> threads;
  std::unique_ptr<http_server> server;
};

test_server::test_server(api_settings settings, std::size_t threads,
                         std::function<void()> on_descriptors_short)
  : state_{std::make_unique<state>()} {
  auto contexts = std::vector<boost::asio::io_context*>{};
  for (auto i = std::size_t{0}; i < threads; ++i) {
    contexts.push_back(&state_->threads.emplace_back().context());
  }
  state_->server = std::make_unique<http_server>(
    contexts, std::move(settings), engine, [this] { return instant{now_ms.load()}; },
    server_hooks{log, std::move(on_descriptors_short),
                 [this](std::function<void(reload_answer)> done) { done(on_reload()); }});
  const auto listening = state_->server->listen("127.0.0.1:0");
  if (!listening)
    throw std::runtime_error(listening.error().detail);
}

test_server::~test_server() = default;

std::string test_server::address() const {
  return state_->server->bound_address();
}

result<void> test_server::listen_again(const std::string& address) {
  auto other = http_server{
    {&state_->threads.front().context()}, {}, engine, [this] { return instant{now_ms.load()}; }};
  return other.listen(address);
}

void test_server::stop_accepting() {
  state_->server->stop_accepting();
}

void test_server::close_all() {
  state_->server->close_all();
}

std::uint64_t test_server::metric(const std::string& name) {
  const auto text = "\n" + ask("GET", "/metrics").body;
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stoull(text.substr(at + name.size() + 2));
}

result<void> try_listen(const api_settings& settings, const std::string& address) {
  auto engine = fake_backend{};
  auto thread = io_thread{};
  auto server =
    http_server{{&thread.context()}, settings, engine, [] { return instant{1'767'225'600'000}; }};
  return server.listen(address);
}

}  // namespace persona_runtime
