#include "providers/http/url.hpp"

#include "domain/text/ascii_case.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>
#include <optional>

namespace persona_runtime {

namespace {

namespace urls = boost::urls;

constexpr std::size_t url_bytes_max = 8192;

failure refused(std::string detail) {
  return {errc::validation_error, std::move(detail)};
}

std::string_view view_of(urls::string_view text) {
  return {text.data(), text.size()};
}

/// Brackets off an IPv6 address; a zone or a future form is refused by leaving the host empty.
std::string host_of(const urls::url_view& url) {
  auto host = ascii_lower(view_of(url.encoded_host()));
  if (host.size() > 2 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
    return url.host_type() == urls::host_type::ipv6 ? host : std::string{};
  }
  return host.find('%') == std::string::npos ? host : std::string{};
}

/// Boost 1.81 wraps numbers over 65535 around.
std::optional<std::uint16_t> port_of(std::string_view digits) {
  auto port = std::uint16_t{0};
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const auto whole = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
  return whole && port > 0 ? std::optional{port} : std::nullopt;
}

}  // namespace

result<http_url> parse_http_url(std::string_view text) {
  if (text.size() > url_bytes_max) {
    return refused("the URL is longer than 8 KiB");
  }
  auto parsed = urls::parse_uri({text.data(), text.size()});
  if (!parsed) {
    return refused("not an absolute URL; write it like https://host/path");
  }
  const auto& url = *parsed;
  auto scheme = ascii_lower(view_of(url.scheme()));
  if (scheme != "http" && scheme != "https") {
    return refused("the URL's scheme is not http or https");
  }
  if (url.has_userinfo()) {
    return refused("the URL holds a user name or password, which is not supported");
  }
  auto found = http_url{};
  found.tls = scheme == "https";
  found.port = found.tls ? 443 : 80;
  found.host = host_of(url);
  if (found.host.empty() || found.host.size() > 253) {
    return refused("the URL has no usable host");
  }
  if (url.has_port() && !url.port().empty()) {
    const auto port = port_of(view_of(url.port()));
    if (!port) {
      return refused("the URL's port is not in 1..65535");
    }
    found.port = *port;
  }
  auto path = view_of(url.encoded_path());
  if (!path.empty() && path.front() != '/') {
    return refused("the URL's port is not a number");  // Boost 1.81 calls "h:x/" a path behind "h:"
  }
  found.target = path.empty() ? "/" : std::string{path};
  if (url.has_query()) {
    found.target.append("?").append(view_of(url.encoded_query()));
  }
  auto is_default = found.port == (found.tls ? 443 : 80);
  auto bare = found.host.find(':') == std::string::npos;
  found.authority = bare ? found.host : "[" + found.host + "]";
  if (!is_default) {
    found.authority.append(":").append(std::to_string(found.port));
  }
  return found;
}

}  // namespace persona_runtime
