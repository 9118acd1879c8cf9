#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Where a server listens.
struct listen_address {
  std::string host;        // a name or a numeric address, without brackets
  std::uint16_t port = 0;  // 0: any free one
  friend bool operator==(const listen_address&, const listen_address&) = default;

  /// The host to bind to: `localhost` as the number that it stands for.
  [[nodiscard]] std::string numeric_host() const;
};

/// "127.0.0.1:8080", "[::1]:0", "localhost:80". None: something else, or over 255 bytes. Whether
/// there is such a host is not looked at.
[[nodiscard]] std::optional<listen_address> parse_listen_address(std::string_view text);

}  // namespace persona_runtime
