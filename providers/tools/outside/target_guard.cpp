#include "providers/tools/outside/target_guard.hpp"

#include "domain/text/ascii_case.hpp"
#include "providers/http/url.hpp"
#include "providers/tools/outside/url_text.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

bool scheme_fits(std::string_view url, bool https_only) {
  const auto scheme = ascii_lower(url.substr(0, url.find(':')));
  return scheme == "https" || (scheme == "http" && !https_only);
}

refused_target bad_scheme(bool https_only) {
  return {target_refusal::scheme_not_https,
          https_only ? "only https URLs are allowed" : "only http and https URLs are allowed"};
}

target_verdict verdict_on(std::string url, const result<std::vector<std::string>>& found,
                          const target_policy& policy) {
  if (!found)
    return refused_target{target_refusal::unresolvable,
                          found.error().code == errc::overloaded
                            ? found.error().detail + "; try again later"
                            : "the host name cannot be resolved"};
  if (!std::all_of(found->begin(), found->end(), policy.allows))
    return refused_target{target_refusal::blocked_target,
                          "the URL leads to a non-public address, which is not allowed"};
  return checked_target{std::move(url), *found};
}

}  // namespace

void target_guard::check(std::string_view url, std::function<void(target_verdict)> then) const {
  auto tidy = tidy_url(url);
  if (!scheme_fits(tidy, policy_.https_only))
    return then(bad_scheme(policy_.https_only));
  const auto parsed = parse_http_url(tidy);
  if (!parsed)
    return then(refused_target{target_refusal::no_host, parsed.error().detail});
  const auto& host = parsed->host;
  if (parse_ip(host))
    return then(verdict_on(std::move(tidy), std::vector<std::string>{host}, policy_));
  resolver_.resolve(host, [url = std::move(tidy), policy = policy_,
                           then = std::move(then)](result<std::vector<std::string>> found) {
    then(verdict_on(url, found, policy));
  });
}

}  // namespace persona_runtime
