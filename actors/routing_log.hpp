#pragma once
// What routing tells the operator: that the rules decided where scores were wanted, and in shadow
// mode what the other router would have done.

#include "domain/conversation/turn_state.hpp"
#include "domain/log_sink.hpp"
#include "domain/tier/routing/unified_router.hpp"

#include <functional>
#include <mutex>

namespace persona_runtime {

/// One for all conversations of a node, so that a thousand of them warn once a minute for every
/// reason and not a thousand times. Thread-safe.
class routing_log {
public:
  routing_log(log_ptr log, std::function<instant()> now)
    : log_{std::move(log)}, now_{std::move(now)} {}

  /// Writes down what is worth it, when `records` have routed the turn of that state.
  void note(const std::vector<turn_record>& records, const turn_state& turn);

private:
  void warn(const turn_state& turn, const routing_decision& decision);
  void compare(const turn_state& turn, const routing_decision& decision,
               const routing_decision& shadow);

  log_ptr log_;
  std::function<instant()> now_;
  std::mutex mutex_;
  fallback_log_limiter limiter_;
};

}  // namespace persona_runtime
