#include "bootstrap/random_bytes.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace persona_runtime {
namespace {

/// Asks the source for many bytes at once: most of what asking costs is the asking. No byte is
/// handed out twice. Not across fork(): the processes that we start become other programs at once.
class random_stock {
public:
  template <std::size_t Count>
  std::array<std::uint8_t, Count> take() {
    static_assert(Count <= std::tuple_size_v<decltype(bytes_)>);
    if (bytes_.size() - used_ < Count)
      refill();
    auto out = std::array<std::uint8_t, Count>{};
    std::copy_n(bytes_.begin() + used_, Count, out.begin());
    used_ += Count;
    return out;
  }

private:
  void refill() {
    if (RAND_bytes(bytes_.data(), static_cast<int>(bytes_.size())) != 1)
      throw std::runtime_error("the system's random source does not answer");
    used_ = 0;
  }

  std::array<std::uint8_t, 512> bytes_{};
  std::size_t used_ = bytes_.size();
};

template <std::size_t Count>
std::array<std::uint8_t, Count> from_random_source() {
  thread_local auto stock = random_stock{};
  return stock.take<Count>();
}

}  // namespace

std::array<std::uint8_t, 10> random_bytes() {
  return from_random_source<10>();
}

std::string fresh_nonce() {
  constexpr auto hex = std::string_view{"0123456789abcdef"};
  auto out = std::string{};
  for (const auto byte : from_random_source<16>()) {
    out += hex[byte >> 4];
    out += hex[byte & 15];
  }
  return out;
}

}  // namespace persona_runtime
