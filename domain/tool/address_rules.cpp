#include "domain/tool/address_rules.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <span>

namespace persona_runtime {
namespace {

using byte_view = std::span<const std::uint8_t>;

/// A block of addresses: the first `bits` bits are those of `prefix`.
struct block {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
  address_kind kind;
};

/// The more special block stands first: the first match counts.
constexpr auto v4_blocks = std::array<block, 17>{{
  {{}, 8, address_kind::unspecified},
  {{10}, 8, address_kind::private_use},
  {{100, 64}, 10, address_kind::shared},
  {{127}, 8, address_kind::loopback},
  {{168, 63, 129, 16}, 32, address_kind::reserved},
  {{169, 254}, 16, address_kind::link_local},
  {{172, 16}, 12, address_kind::private_use},
  {{192, 0, 0}, 24, address_kind::reserved},
  {{192, 0, 2}, 24, address_kind::documentation},
  {{192, 88, 99}, 24, address_kind::transition},
  {{192, 168}, 16, address_kind::private_use},
  {{198, 18}, 15, address_kind::documentation},
  {{198, 51, 100}, 24, address_kind::documentation},
  {{203, 0, 113}, 24, address_kind::documentation},
  {{224}, 4, address_kind::multicast},
  {{240}, 4, address_kind::reserved},
  {{255, 255, 255, 255}, 32, address_kind::reserved},
}};

/// Only 2000::/3 is given out as global unicast, so that is allowed last and nothing else is.
constexpr auto v6_blocks = std::array<block, 15>{{
  {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, address_kind::transition},
  {{0x01, 0x00}, 64, address_kind::reserved},
  {{0x20, 0x01, 0x0d, 0xb8}, 32, address_kind::documentation},
  {{0x20, 0x01, 0x00, 0x02, 0x00, 0x00}, 48, address_kind::documentation},
  {{0x20, 0x01, 0x00, 0x00}, 32, address_kind::transition},  // Teredo
  {{0x20, 0x01}, 23, address_kind::reserved},
  {{0x20, 0x02}, 16, address_kind::transition},  // 6to4
  {{0x3f, 0xff}, 20, address_kind::documentation},
  {{0x5f, 0x00}, 16, address_kind::reserved},
  {{0xfc}, 7, address_kind::private_use},
  {{0xfe, 0x80}, 10, address_kind::link_local},
  {{0xfe, 0xc0}, 10, address_kind::private_use},  // the old site-local
  {{0xff}, 8, address_kind::multicast},
  {{0x20}, 3, address_kind::global},
  {{}, 0, address_kind::reserved},
}};

bool begins_with(byte_view bytes, byte_view prefix, unsigned bits) {
  const auto whole = bits / 8;
  if (!std::equal(prefix.begin(), prefix.begin() + whole, bytes.begin()))
    return false;
  const auto rest = bits % 8;
  const auto mask = static_cast<std::uint8_t>(0xff00u >> rest);
  return rest == 0 || (bytes[whole] & mask) == (prefix[whole] & mask);
}

bool all_zero(byte_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

address_kind first_match(byte_view bytes, std::span<const block> blocks, address_kind otherwise) {
  for (const auto& candidate : blocks) {
    if (begins_with(bytes, candidate.prefix, candidate.bits))
      return candidate.kind;
  }
  return otherwise;
}

address_kind classify_v4(byte_view bytes) {
  return first_match(bytes, v4_blocks, address_kind::global);
}

/// An ISATAP interface identifier carries an IPv4 address behind any prefix (RFC 5214 §6.1).
bool is_isatap(byte_view bytes) {
  constexpr std::array<std::uint8_t, 3> mark{0x00, 0x5e, 0xfe};
  return (bytes[8] & 0xfdu) == 0 && std::equal(mark.begin(), mark.end(), bytes.begin() + 9);
}

address_kind classify_v6(byte_view bytes) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::array<std::uint8_t, 12> nat64{0x00, 0x64, 0xff, 0x9b};
  if (begins_with(bytes, mapped, 96) || begins_with(bytes, nat64, 96))
    return classify_v4(bytes.subspan(12));
  if (all_zero(bytes))
    return address_kind::unspecified;
  if (all_zero(bytes.first(15)) && bytes[15] == 1)
    return address_kind::loopback;
  if (all_zero(bytes.first(12)) || is_isatap(bytes))
    return address_kind::transition;
  return first_match(bytes, v6_blocks, address_kind::reserved);
}

/// One decimal number of a dotted address, without leading zeros (which some readers take as
/// octal).
std::optional<std::uint8_t> parse_octet(std::string_view text) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0'))
    return std::nullopt;
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

bool parse_dotted(std::string_view text, std::span<std::uint8_t, 4> out) {
  for (std::size_t i = 0; i < 4; ++i) {
    const auto dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos)
      return false;
    const auto octet = parse_octet(text.substr(0, dot));
    if (!octet)
      return false;
    out[i] = *octet;
    text.remove_prefix(std::min(text.size(), dot + 1));
  }
  return true;
}

/// The groups on one side of `::`, as bytes. The dotted tail may only end the address.
struct half {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;

  bool append_group(std::string_view text) {
    std::uint16_t value = 0;
    if (text.empty() || text.size() > 4 || size + 2 > bytes.size())
      return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size())
      return false;
    bytes[size++] = static_cast<std::uint8_t>(value >> 8);
    bytes[size++] = static_cast<std::uint8_t>(value & 0xff);
    return true;
  }

  bool append_dotted(std::string_view text) {
    if (size + 4 > bytes.size())
      return false;
    const auto ok = parse_dotted(text, std::span<std::uint8_t, 4>{bytes.data() + size, 4});
    size += 4;
    return ok;
  }
};

std::optional<half> parse_half(std::string_view text, bool may_end_dotted) {
  auto out = half{};
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto group = text.substr(0, colon);
    const auto last = colon == std::string_view::npos;
    const auto dotted = group.find('.') != std::string_view::npos;
    if (dotted && !(last && may_end_dotted))
      return std::nullopt;
    if (!(dotted ? out.append_dotted(group) : out.append_group(group)))
      return std::nullopt;
    if (last)
      return out;
    text.remove_prefix(colon + 1);
    if (text.empty())
      return std::nullopt;  // a colon at the end
  }
  return out;
}

std::optional<ip_address> parse_v6(std::string_view text) {
  const auto gap = text.find("::");
  const auto has_gap = gap != std::string_view::npos;
  const auto head = parse_half(text.substr(0, gap), !has_gap);
  const auto tail = parse_half(has_gap ? text.substr(gap + 2) : std::string_view{}, true);
  if (!head || !tail)
    return std::nullopt;
  const auto size = head->size + tail->size;
  if (has_gap ? size > 14 : size != 16)
    return std::nullopt;
  auto out = ip_address{.v6 = true};
  std::copy_n(head->bytes.begin(), head->size, out.bytes.begin());
  std::copy_n(tail->bytes.begin(), tail->size, out.bytes.end() - static_cast<int>(tail->size));
  return out;
}

}  // namespace

std::optional<ip_address> parse_ip(std::string_view text) {
  if (text.find(':') != std::string_view::npos)
    return parse_v6(text);
  auto out = ip_address{};
  if (!parse_dotted(text, std::span<std::uint8_t, 4>{out.bytes.data(), 4}))
    return std::nullopt;
  return out;
}

std::string_view name_of(address_kind kind) {
  switch (kind) {
  case address_kind::global:
    return "global";
  case address_kind::unspecified:
    return "unspecified";
  case address_kind::loopback:
    return "loopback";
  case address_kind::private_use:
    return "private_use";
  case address_kind::link_local:
    return "link_local";
  case address_kind::shared:
    return "shared";
  case address_kind::documentation:
    return "documentation";
  case address_kind::multicast:
    return "multicast";
  case address_kind::transition:
    return "transition";
  case address_kind::reserved:
    break;
  }
  return "reserved";
}

address_kind classify(const ip_address& address) {
  const auto bytes = byte_view{address.bytes};
  return address.v6 ? classify_v6(bytes) : classify_v4(bytes.first(4));
}

bool is_public_address(std::string_view text) {
  const auto address = parse_ip(text);
  return address && classify(*address) == address_kind::global;
}

std::string_view token_of(target_refusal refusal) {
  switch (refusal) {
  case target_refusal::scheme_not_https:
    return "scheme_not_https";
  case target_refusal::no_host:
    return "no_host";
  case target_refusal::unresolvable:
    return "unresolvable";
  case target_refusal::blocked_target:
    break;
  }
  return "blocked_target";
}

}  // namespace persona_runtime
