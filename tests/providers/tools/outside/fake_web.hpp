#pragma once
// A World Wide Web of a test: names with addresses, URLs with answers, and a record of what was
// sent where.

#include "providers/http/http_client.hpp"
#include "providers/http/io_thread.hpp"
#include "providers/tools/outside/host_resolver.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime::test {

struct fake_page {
  int status = 200;
  http_headers headers{{"Content-Type", "text/plain"}};
  std::string body{};
  std::optional<http_error_kind> error{};  // instead of the end
  bool stalls = false;                     // never answers
};

/// What went over the wire.
struct sent_request {
  std::string url;
  std::string address;
  http_headers headers;
  friend bool operator==(const sent_request&, const sent_request&) = default;
};

/// Answers from within start(), as an interface that promises nothing about it may.
class fake_client final : public http_client {
public:
  std::map<std::string, fake_page> pages;              // by URL; another URL: 404
  std::map<std::string, http_error_kind> unreachable;  // by address

  std::unique_ptr<pending_call> start(http_request request,
                                      std::shared_ptr<http_handler> handler) override;
  void close_idle(std::size_t) override {}  // keeps none

  [[nodiscard]] std::vector<sent_request> sent() const;
  [[nodiscard]] std::size_t cancelled() const;

private:
  class call;
  mutable std::mutex mutex_;
  std::vector<sent_request> sent_;
  std::size_t cancelled_ = 0;
};

/// Gives the next answer of a name, the last one for ever; an unknown name does not resolve.
class fake_resolver final : public host_resolver {
public:
  using addresses = std::vector<std::string>;
  std::map<std::string, std::deque<addresses>> names;
  bool stalls = false;

  void resolve(std::string host, on_done done) override;

private:
  std::mutex mutex_;
};

/// http_headers with this Location.
http_headers location(std::string url);

}  // namespace persona_runtime::test
