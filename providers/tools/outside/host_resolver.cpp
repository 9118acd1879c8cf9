#include "providers/tools/outside/host_resolver.hpp"

#include <array>
#include <netdb.h>
#include <sys/socket.h>

namespace persona_runtime {
namespace {

using addresses = std::vector<std::string>;

result<addresses> look_up(const std::string& host) {
  auto hints = addrinfo{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const auto error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0)
    return failure{errc::validation_error, ::gai_strerror(error)};
  const auto owner = std::unique_ptr<addrinfo, void (*)(addrinfo*)>{list, ::freeaddrinfo};
  auto found = addresses{};
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    auto text = std::array<char, NI_MAXHOST>{};
    // An address that has no text must not be lost: the guard refuses the empty one.
    ::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                  NI_NUMERICHOST);
    found.emplace_back(text.data());
  }
  if (found.empty())
    return failure{errc::validation_error, "no addresses"};
  return found;
}

class system_resolver final : public host_resolver {
public:
  explicit system_resolver(std::shared_ptr<worker_pool> pool) : pool_{std::move(pool)} {}

  void resolve(std::string host, on_done done) override {
    auto shared = std::make_shared<on_done>(std::move(done));
    if (!pool_->submit([host = std::move(host), shared] { (*shared)(look_up(host)); }))
      (*shared)(failure{errc::overloaded, "too many names are being looked up"});
  }

private:
  std::shared_ptr<worker_pool> pool_;
};

}  // namespace

std::unique_ptr<host_resolver> make_system_resolver(std::shared_ptr<worker_pool> pool) {
  return std::make_unique<system_resolver>(std::move(pool));
}

}  // namespace persona_runtime
