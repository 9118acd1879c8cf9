#include "providers/tools/outside/url_text.hpp"

#include "domain/text/ascii.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

namespace persona_runtime {
namespace {

namespace urls = boost::urls;

constexpr std::string_view allowed =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  "-._~:/?@!$&'()*+,;=%";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

void append_encoded(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

/// Where the host ends: what may hold an address in brackets.
std::size_t end_of_authority(std::string_view text) {
  const auto slashes = text.find("//");
  if (slashes == std::string_view::npos || text.find_first_of("/?#") < slashes)
    return 0;
  return std::min(text.find_first_of("/?#", slashes + 2), text.size());
}

}  // namespace

std::string tidy_url(std::string_view text) {
  text = trimmed(text);
  text = text.substr(0, text.find('#'));
  const auto host_end = end_of_authority(text);
  auto out = std::string{text.substr(0, host_end)};
  for (auto i = host_end; i < text.size(); ++i) {
    const auto c = text[i];
    const auto stray_percent =
      c == '%' && !(i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]));
    if (allowed.find(c) == std::string_view::npos || stray_percent)
      append_encoded(out, c);
    else
      out += c;
  }
  return out;
}

result<std::string> resolve_url(std::string_view base, std::string_view reference) {
  const auto tidy = tidy_url(reference);
  const auto from = urls::parse_uri({base.data(), base.size()});
  const auto to = urls::parse_uri_reference(tidy);
  auto out = urls::url{};
  if (!from || !to || !urls::resolve(*from, *to, out))
    return failure{errc::validation_error, "not a URL"};
  return std::string{std::string_view{out.buffer().data(), out.buffer().size()}};
}

}  // namespace persona_runtime
