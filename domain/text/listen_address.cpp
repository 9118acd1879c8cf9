#include "domain/text/listen_address.hpp"

#include <charconv>

namespace persona_runtime {
namespace {

std::optional<std::uint16_t> port_in(std::string_view digits) {
  auto port = std::uint16_t{0};
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, port);
  if (digits.empty() || read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return port;
}

}  // namespace

std::string listen_address::numeric_host() const {
  return host == "localhost" ? "127.0.0.1" : host;
}

std::optional<listen_address> parse_listen_address(std::string_view text) {
  constexpr std::size_t bytes_max = 255;
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || text.size() > bytes_max)
    return std::nullopt;
  auto host = text.substr(0, colon);
  const auto is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed)
    host = host.substr(1, host.size() - 2);
  const auto is_host = !host.empty() && host.find_first_of(" []/@") == std::string_view::npos
                       && (is_bracketed || host.find(':') == std::string_view::npos);
  const auto port = port_in(text.substr(colon + 1));
  if (!is_host || !port)
    return std::nullopt;
  return listen_address{std::string{host}, *port};
}

}  // namespace persona_runtime
