#include "providers/http/name_cache.hpp"

#include <boost/asio/ip/address.hpp>

namespace persona_runtime {

namespace {

using boost::system::error_code;

constexpr std::size_t names_max = 1024;

}  // namespace

void name_cache::resolve(const std::string& host, std::uint16_t port, on_answer then) {
  auto numeric_error = error_code{};
  auto address = boost::asio::ip::make_address(host, numeric_error);
  if (!numeric_error) {
    then({}, {tcp::endpoint{address, port}});
    return;
  }
  auto key = host + ":" + std::to_string(port);
  auto& name = names_[key];
  if (!name.found.empty() && std::chrono::steady_clock::now() < name.until) {
    auto found = name.found;  // the callback may change the table
    then({}, found);
    return;
  }
  name.found.clear();
  name.waiting.push_back(std::move(then));
  if (name.waiting.size() > 1) {
    return;
  }
  resolver_.async_resolve(
    host, std::to_string(port), tcp::resolver::numeric_service,
    [self = weak_from_this(), key](const error_code& error, const tcp::resolver::results_type& r) {
      if (auto cache = self.lock()) {
        auto found = endpoints{};
        for (const auto& one : r) {
          found.push_back(one.endpoint());
        }
        cache->on_looked_up(key, error, std::move(found));
      }
    });
}

void name_cache::on_looked_up(const std::string& key, const error_code& error, endpoints found) {
  auto at = names_.find(key);
  if (at == names_.end()) {
    return;
  }
  auto waiting = std::move(at->second.waiting);
  if (error || found.empty() || names_.size() > names_max) {
    names_.erase(at);
  } else {
    at->second = {found, std::chrono::steady_clock::now() + ttl_, {}};
  }
  for (auto& then : waiting) {
    then(error, found);
  }
}

void name_cache::close() {
  resolver_.cancel();
  names_.clear();
}

}  // namespace persona_runtime
