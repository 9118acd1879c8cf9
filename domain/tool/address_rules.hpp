#pragma once
// Which Internet addresses a URL from outside (a model's, a page's redirect, a user's setting) may
// lead to. Pure: no resolver, no socket. URLs that the operator configured are not held to this.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace persona_runtime {

/// An IPv4 or IPv6 address, network byte order. IPv4 uses the first four bytes.
struct ip_address {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const ip_address&, const ip_address&) = default;
};

/// Reads the usual text forms: four decimal numbers, or RFC 4291 §2.2 (with `::` and a dotted
/// tail). Strict: no octal, hexadecimal or shortened IPv4, no zone, no brackets, no blanks, since
/// two readers that disagree about a form are how such guards are passed.
[[nodiscard]] std::optional<ip_address> parse_ip(std::string_view text);

/// What an address is for, by the IANA special-purpose registries (RFC 6890 and its updates).
enum class address_kind : std::uint8_t {
  global,         // reachable across the Internet: the only kind that is allowed
  unspecified,    // 0.0.0.0/8, ::
  loopback,       // 127.0.0.0/8, ::1
  private_use,    // RFC 1918, fc00::/7, fec0::/10
  link_local,     // 169.254.0.0/16 (with the metadata services of clouds), fe80::/10
  shared,         // 100.64.0.0/10, between a carrier and its customers
  documentation,  // and benchmarking
  multicast,      //
  transition,     // 6to4, Teredo, ISATAP, IPv4-compatible, local-use NAT64: hides an IPv4 address
  reserved,       // all the rest, 168.63.129.16 (the platform service of one cloud) included
};

/// "global", "loopback", …
[[nodiscard]] std::string_view name_of(address_kind kind);

/// IPv4-mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96) addresses count as the IPv4 address in
/// them. Total: what no rule names is reserved in IPv6 and global in IPv4.
[[nodiscard]] address_kind classify(const ip_address& address);

/// True when `text` is an address of kind global. What does not parse is not public.
[[nodiscard]] bool is_public_address(std::string_view text);

/// Why a target is refused. Error texts carry the token only, never the address behind a name:
/// that would tell a model what our network looks like inside.
enum class target_refusal : std::uint8_t {
  scheme_not_https,  // or not http(s), where http is allowed too
  no_host,
  unresolvable,
  blocked_target,
};

/// "scheme_not_https", "no_host", "unresolvable", "blocked_target".
[[nodiscard]] std::string_view token_of(target_refusal refusal);

}  // namespace persona_runtime
