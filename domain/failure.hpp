#pragma once
// Expected bad outcomes as values. A bug is not a failure: it ends the actor.

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// One code per different *reaction* of the caller; all else goes into `detail`. The name of a
/// code (`token_of`) is what HTTP clients see. Numbers are never reused.
enum class errc : std::uint8_t {
  validation_error = 1,    // caller's fault; never retry                        422
  malformed_json,          // caller's fault: the body is not JSON               400
  run_not_found,           // absent, or somebody else's                         404
  persona_not_found,       // absent, or somebody else's                         404
  run_not_active,          // it has ended otherwise                             409
  not_awaiting_user,       // nothing is asked                                   409
  run_active,              // a live run cannot be deleted                       409
  persona_in_use,          // a live run uses it                                 409
  idempotency_key_reused,  // the key came with another body                     422
  overloaded,              // ours; retry after `retry_after`                    503
  journal_unavailable,     // ours; retry after `retry_after`                    503
  model_unavailable,       // no model is configured                             503
  rate_limit_exceeded,     // retry after `retry_after`                          429
  internal_error,          // ours: a bug, or a part that did not answer in time 500
  conversation_not_found,  // absent, or somebody else's                         404
  turn_not_active,         // no turn is under way                               404
  turn_already_active,     // a conversation has one turn at a time              409
};

/// "validation_error", "run_not_found", …
[[nodiscard]] std::string_view token_of(errc code);

struct failure {
  errc code = errc::validation_error;
  std::string detail;  // for a human, English, no secrets, at most 512 bytes
  std::optional<std::chrono::milliseconds> retry_after{};
  friend bool operator==(const failure&, const failure&) = default;
};

template <class T>
using result = boost::system::result<T, failure>;

/// Lets result<T>::value() throw; production code tests first and never gets here.
[[noreturn]] void throw_exception_from_error(const failure& f, const boost::source_location&);

}  // namespace persona_runtime
