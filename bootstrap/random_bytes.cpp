#include "bootstrap/random_bytes.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace persona_runtime {

std::array<std::uint8_t, 10> random_bytes() {
  auto bytes = std::array<std::uint8_t, 10>{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system's random source does not answer");
  return bytes;
}

}  // namespace persona_runtime
