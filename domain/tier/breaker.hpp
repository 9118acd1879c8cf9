#pragma once
// When a model that keeps failing is left alone. Pure: time is a parameter.

#include "domain/ids.hpp"
#include "domain/tier/model_error.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace persona_runtime {

struct breaker_limits {
  std::uint32_t failures_max = 5;                   // in a row, at least 1
  std::chrono::milliseconds first_pause{5'000};     // from opening to the first probe
  std::chrono::milliseconds longest_pause{60'000};  // pauses double up to this
};

/// How a failure counts: what says nothing about the model's health does not.
enum class failure_weight : std::uint8_t { none, counts, shuts };

/// 429 and what is wrong with the request itself: none. A key that is refused shuts. Everything
/// else that would make a call go on to the next model counts.
[[nodiscard]] failure_weight weight_of(const model_error& error);

enum class breaker_verdict : std::uint8_t {
  pass,   // call
  probe,  // call; nobody else may until it has ended
  wait,   // not before retry_at()
  shut,   // not before the configuration is read again
};

/// For people, and for rules that ask no more.
enum class breaker_state : std::uint8_t {
  closed,   // calls pass
  open,     // none does, until one may probe
  probing,  // one does
  shut,     // none does: the key was refused
};

/// "closed", "open", "probing", "shut".
[[nodiscard]] std::string_view name_of(breaker_state s);

/// One model's. Closed: calls pass. Open: none passes, until one may probe; the probe closes it or
/// opens it for twice as long. Shut: the key was refused. A value; used by one actor.
class breaker {
public:
  /// Limits must hold what they promise.
  explicit breaker(const breaker_limits& limits = {}) : limits_{limits} {}

  /// Asked before every call. After `probe` exactly one of on_success, on_failure and on_abandoned
  /// must follow.
  [[nodiscard]] breaker_verdict ask(instant now);
  /// What ask() would say; changes nothing.
  [[nodiscard]] breaker_verdict look(instant now) const;

  void on_success();
  void on_failure(const model_error& error, instant now);
  /// The call was cancelled, or lost a hedge: it says nothing.
  void on_abandoned();

  /// While it is open and nobody probes: when a probe may start.
  [[nodiscard]] instant retry_at() const { return retry_at_; }
  [[nodiscard]] breaker_state state() const { return state_; }

private:
  void open(instant now, std::chrono::milliseconds pause);

  breaker_limits limits_;
  breaker_state state_ = breaker_state::closed;
  std::uint32_t failures_ = 0;  // in a row, while closed
  std::chrono::milliseconds pause_{0};
  instant retry_at_;
};

}  // namespace persona_runtime
