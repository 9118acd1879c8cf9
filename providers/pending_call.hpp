#pragma once

namespace persona_runtime {

/// One call under way at the outside. Whoever holds it owns the call.
class pending_call {
public:
  virtual ~pending_call() = default;
  pending_call() = default;
  pending_call(const pending_call&) = delete;
  pending_call& operator=(const pending_call&) = delete;

  /// Stops the call: aborts the HTTP request, kills the process tree. Returns at once, from any
  /// thread, and never waits for a callback, so one that is already under way may still finish.
  virtual void cancel() noexcept = 0;
};

}  // namespace persona_runtime
