#include "domain/text/sha256.hpp"

#include <bit>
#include <cstddef>

namespace persona_runtime {
namespace {

// The first 32 bits of the fractions of the cube roots of the first 64 primes.
constexpr auto round_constants = std::array<std::uint32_t, 64>{
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using sha_state = std::array<std::uint32_t, 8>;
constexpr auto block_bytes = std::size_t{64};

std::array<std::uint32_t, 64> schedule(const std::uint8_t* block) {
  auto w = std::array<std::uint32_t, 64>{};
  for (auto i = std::size_t{0}; i < 16; ++i) {
    w[i] = std::uint32_t{block[4 * i]} << 24 | std::uint32_t{block[4 * i + 1]} << 16
           | std::uint32_t{block[4 * i + 2]} << 8 | std::uint32_t{block[4 * i + 3]};
  }
  for (auto i = std::size_t{16}; i < 64; ++i) {
    const auto a = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const auto b = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  return w;
}

void take_block(sha_state& state, const std::uint8_t* block) {
  const auto w = schedule(block);
  auto [a, b, c, d, e, f, g, h] = state;
  for (auto i = std::size_t{0}; i < 64; ++i) {
    const auto s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const auto t1 = h + s1 + ((e & f) ^ (~e & g)) + round_constants[i] + w[i];
    const auto s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const auto t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const auto worked = sha_state{a, b, c, d, e, f, g, h};
  for (auto i = std::size_t{0}; i < state.size(); ++i)
    state[i] += worked[i];
}

}  // namespace

std::array<std::uint8_t, 32> sha256_of(std::string_view text) {
  auto state = sha_state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  auto at = std::size_t{0};
  for (; at + block_bytes <= text.size(); at += block_bytes)
    take_block(state, bytes + at);

  auto tail = std::array<std::uint8_t, 2 * block_bytes>{};
  auto length = std::size_t{0};
  while (at < text.size())
    tail[length++] = bytes[at++];
  tail[length] = 0x80;
  const auto blocks = length + 9 <= block_bytes ? std::size_t{1} : std::size_t{2};
  const auto bits = std::uint64_t{text.size()} * 8;
  for (auto i = std::size_t{0}; i < 8; ++i)
    tail[blocks * block_bytes - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  for (auto i = std::size_t{0}; i < blocks; ++i)
    take_block(state, tail.data() + i * block_bytes);

  auto out = std::array<std::uint8_t, 32>{};
  for (auto i = std::size_t{0}; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  return out;
}

std::string sha256_text(std::string_view text) {
  constexpr auto digits = std::string_view{"0123456789abcdef"};
  auto out = std::string{};
  out.reserve(64);
  for (const auto byte : sha256_of(text)) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace persona_runtime
