#pragma once
// What the HTTP edge is told: keys, limits of what may be asked for, rates, times, sizes.

#include "domain/ids.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

/// One accepted key. Only its hash is known.
struct api_key {
  std::string name;    // for people
  std::string sha256;  // 64 hex digits: SHA-256 of the key
  owner_id owner;
  bool admin = false;  // sees all owners
};

/// Ceilings of what one request may ask for; asking for more is a validation error. None: no
/// ceiling.
struct api_limits {
  std::uint32_t steps_max = 1000;
  std::optional<std::uint64_t> tokens_max{};
  std::optional<double> cost_cents_max{};
  std::optional<double> deadline_s_max{};
  std::size_t runs_live_max = 10'000;   // the engine's own; here for what is told about them
  std::size_t runs_queued_max = 1'000;  // likewise
};

/// Requests per minute of one owner, by class. None: no limit.
struct api_rates {
  std::optional<std::uint32_t> runs_per_minute{};
  std::optional<std::uint32_t> messages_per_minute{};
  std::optional<std::uint32_t> author_per_minute{};
  std::optional<std::uint32_t> default_per_minute{};
};

/// Times and sizes of connections.
struct api_connections {
  std::chrono::milliseconds header{10'000};       // for the whole head, from its first byte
  std::chrono::milliseconds body{30'000};         // for the whole body, from the end of the head
  std::chrono::milliseconds idle{75'000};         // between two requests
  std::chrono::milliseconds slow_reader{30'000};  // without taking a byte of what waits for it
  std::size_t slow_reader_buffer = 1 << 20;       // live text that may wait for one viewer
  std::chrono::milliseconds heartbeat{15'000};    // of silence, then a comment frame
  std::size_t open_max = 16'384;                  // connections; further ones get 503
};

struct api_settings {
  std::vector<api_key> keys;  // none: only loopback is served, everybody is the admin local-owner
  api_limits limits;
  api_rates rates;
  api_connections http;
  /// Pages of these origins ("https://desk.example") may call from a browser. None: no others
  /// than our own.
  std::vector<std::string> cors_origins;
};

/// Sizes that are promised to clients and therefore not configurable.
inline constexpr std::size_t body_bytes_max = 1 << 20;
/// Of routes that take images (takes_large_body), when the head gives the length.
inline constexpr std::size_t large_body_bytes_max = 20 << 20;
/// Of all bodies over body_bytes_max that one thread reads at a time; beyond it they get 503.
inline constexpr std::size_t large_bodies_bytes_max = 256 << 20;
inline constexpr std::size_t header_bytes_max = 16 << 10;
inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t task_bytes_max = 64 << 10;
inline constexpr std::size_t answer_bytes_max = 64 << 10;
inline constexpr std::size_t reason_bytes_max = 4 << 10;
inline constexpr std::size_t metadata_bytes_max = 16 << 10;
inline constexpr std::size_t persona_yaml_bytes_max = 256 << 10;
inline constexpr std::size_t idempotency_key_bytes_max = 255;
inline constexpr std::uint32_t page_max = 200;
inline constexpr std::uint32_t wait_s_max = 300;

}  // namespace persona_runtime
