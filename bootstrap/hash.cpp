#include "bootstrap/hash.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace persona_runtime {

std::string sha256_hex(std::string_view text) {
  auto digest = std::array<unsigned char, 32>{};
  auto length = 0u;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  constexpr auto hex = std::string_view{"0123456789abcdef"};
  auto out = std::string{};
  for (const auto byte : digest) {
    out += hex[byte >> 4];
    out += hex[byte & 15];
  }
  return out;
}

std::array<std::uint8_t, 10> random_bytes() {
  auto bytes = std::array<std::uint8_t, 10>{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system's random source does not answer");
  return bytes;
}

}  // namespace persona_runtime
