#include "domain/text/ulid.hpp"

#include <string_view>

namespace persona_runtime {

std::string ulid(instant at, const std::array<std::uint8_t, 10>& random) {
  constexpr auto digits = std::string_view{"0123456789ABCDEFGHJKMNPQRSTVWXYZ"};
  auto out = std::string(26, '0');
  auto time = static_cast<std::uint64_t>(at.value);
  for (auto i = 10; i-- > 0; time >>= 5)
    out[static_cast<std::size_t>(i)] = digits[time & 31];
  auto bits = std::uint32_t{0};
  auto have = 0;
  auto to = std::size_t{10};
  for (const auto byte : random) {
    bits = (bits << 8) | byte;
    for (have += 8; have >= 5; have -= 5)
      out[to++] = digits[(bits >> (have - 5)) & 31];
    bits &= (1u << have) - 1;
  }
  return out;
}

}  // namespace persona_runtime
