#pragma once
// Decides where a URL that is not the operator's may lead, before anything is sent.

#include "domain/tool/address_rules.hpp"
#include "providers/tools/outside/host_resolver.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persona_runtime {

struct target_policy {
  bool https_only = false;
  std::function<bool(std::string_view address)> allows = is_public_address;
};

/// A URL that may be requested, at one of these addresses only (http_request::address): looking
/// the name up again could give another answer.
struct checked_target {
  std::string url;                     // absolute, without fragment
  std::vector<std::string> addresses;  // numeric, in the resolver's order, at least one
};

struct refused_target {
  target_refusal why = target_refusal::blocked_target;
  std::string text;  // for a model; never an address that the URL did not hold itself
};

using target_verdict = std::variant<checked_target, refused_target>;

/// Thread-safe. `resolver` must outlive the checks.
class target_guard {
public:
  explicit target_guard(host_resolver& resolver, target_policy policy = {})
    : resolver_{resolver}, policy_{std::move(policy)} {}

  /// Reads the URL, resolves its host and looks at every address that it has: one that is not
  /// allowed refuses the host. Calls back once, on any thread, even from within.
  void check(std::string_view url, std::function<void(target_verdict)> then) const;

private:
  host_resolver& resolver_;
  target_policy policy_;
};

}  // namespace persona_runtime
