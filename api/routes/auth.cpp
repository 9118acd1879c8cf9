#include "api/routes/auth.hpp"

#include "api/routes/error_answer.hpp"
#include "domain/text/ascii_case.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <arpa/inet.h>

namespace persona_runtime::api {
namespace {

using digest = std::array<unsigned char, 32>;

digest sha256(std::string_view bytes) {
  auto hash = digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return hash;
}

std::optional<digest> digest_of(std::string_view hex) {
  constexpr auto digits = std::string_view{"0123456789abcdef"};
  const auto text = ascii_lower(hex);
  auto hash = digest{};
  if (text.size() != 2 * hash.size())
    return std::nullopt;
  for (auto i = std::size_t{0}; i < hash.size(); ++i) {
    const auto high = digits.find(text[2 * i]);
    const auto low = digits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
      return std::nullopt;
    hash[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return hash;
}

// "Bearer KEY" to "KEY"; empty when it is something else.
std::string_view bearer_token(std::string_view header) {
  constexpr auto scheme = std::string_view{"bearer "};
  if (ascii_lower(header.substr(0, scheme.size())) != scheme)
    return {};
  header.remove_prefix(scheme.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

bool is_loopback_address(const std::string& host) {
  auto v4 = in_addr{};
  auto v6 = in6_addr{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24) == 127;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool is_own_origin(const http_request& request, const std::vector<std::string>& origins) {
  return !request.origin || *request.origin == "http://" + request.host.value_or("")
         || std::find(origins.begin(), origins.end(), *request.origin) != origins.end();
}

}  // namespace

result<authenticator> authenticator::of(const std::vector<api_key>& keys) {
  auto made = authenticator{};
  for (const auto& key : keys) {
    const auto hash = digest_of(key.sha256);
    if (!hash) {
      return failure{errc::validation_error,
                     "auth.keys: the key '" + key.name
                       + "' needs sha256 as 64 hex digits (printf %s KEY | sha256sum)"};
    }
    made.keys_.push_back({*hash, {key.owner, key.admin}});
  }
  return made;
}

std::optional<caller>
authenticator::caller_of(const std::optional<std::string>& authorization) const {
  if (keys_.empty()) {
    return caller{owner_id{"local-owner"}, true};
  }
  const auto token = authorization ? bearer_token(*authorization) : std::string_view{};
  const auto hash = sha256(token);
  auto found = std::optional<caller>{};
  for (const auto& key : keys_) {
    if (CRYPTO_memcmp(hash.data(), key.hash.data(), hash.size()) == 0 && !token.empty()) {
      found = key.who;
    }
  }
  return found;
}

http_answer unauthenticated_answer() {
  auto answer = error_answer(401, "authentication_error",
                             "a valid key is needed: send it as 'Authorization: Bearer KEY'");
  answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

std::optional<http_answer> refuse_foreign_page(const http_request& request, bool needs_json,
                                               const std::vector<std::string>& origins) {
  if (request.host && !is_loopback_host(*request.host)) {
    return error_answer(403, "host_not_allowed",
                        "without keys only loopback names and addresses are served; this "
                        "request's Host is none");
  }
  if (!is_own_origin(request, origins)) {
    return error_answer(403, "origin_not_allowed",
                        "without keys pages of other origins are not served");
  }
  if (needs_json && !request.body.empty() && !is_json_type(request.content_type)) {
    return error_answer(415, "unsupported_media_type",
                        "without keys a body must have 'Content-Type: application/json'");
  }
  return std::nullopt;
}

bool is_loopback_host(std::string_view host) {
  auto name = ascii_lower(host);
  if (name.starts_with('[')) {
    const auto end = name.find(']');
    if (end == std::string::npos)
      return false;
    const auto rest = name.substr(end + 1);
    return (rest.empty() || rest.starts_with(':')) && is_loopback_address(name.substr(1, end - 1));
  }
  name = name.substr(0, name.find(':'));
  if (name.ends_with('.'))
    name.pop_back();
  return name == "localhost" || name.ends_with(".localhost") || is_loopback_address(name);
}

bool is_json_type(std::string_view content_type) {
  auto type = ascii_lower(content_type.substr(0, content_type.find(';')));
  type.erase(std::remove(type.begin(), type.end(), ' '), type.end());
  return type == "application/json";
}

}  // namespace persona_runtime::api
