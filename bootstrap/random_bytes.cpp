#include "bootstrap/random_bytes.hpp"

#include <openssl/rand.h>

#include <stdexcept>
#include <string_view>

namespace persona_runtime {
namespace {

template <std::size_t Count>
std::array<std::uint8_t, Count> from_random_source() {
  auto bytes = std::array<std::uint8_t, Count>{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system's random source does not answer");
  return bytes;
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
