#pragma once
// Host names to addresses, one look-up at a time per name.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace persona_runtime {

/// A thousand calls to a name that is not known yet are one question to the resolver, and an
/// answer is used again for a few seconds. On the io thread.
class name_cache : public std::enable_shared_from_this<name_cache> {
public:
  using tcp = boost::asio::ip::tcp;
  using endpoints = std::vector<tcp::endpoint>;
  using on_answer = std::function<void(const boost::system::error_code&, const endpoints&)>;

  name_cache(boost::asio::io_context& io, std::chrono::milliseconds ttl)
    : resolver_{io}, ttl_{ttl} {}

  /// Calls back once; from within for a numeric host or a fresh answer.
  void resolve(const std::string& host, std::uint16_t port, on_answer then);
  /// Nobody who still waits is called back.
  void close();

private:
  struct known {
    endpoints found;
    std::chrono::steady_clock::time_point until;
    std::vector<on_answer> waiting;
  };

  void on_looked_up(const std::string& key, const boost::system::error_code& error,
                    endpoints found);

  tcp::resolver resolver_;
  std::chrono::milliseconds ttl_;
  std::unordered_map<std::string, known> names_;
};

}  // namespace persona_runtime
