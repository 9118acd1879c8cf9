#pragma once
// A failure on its way between actors: CAF answers requests with a caf::error.

#include "domain/failure.hpp"

#include <caf/all.hpp>

namespace persona_runtime {

inline caf::error to_caf_error(const failure& f) {
  const auto wait = f.retry_after ? f.retry_after->count() : std::int64_t{-1};
  return {static_cast<std::uint8_t>(f.code), caf::atom("persona"),
          caf::make_message(f.detail, wait)};
}

/// The failure that to_caf_error packed. Any other error means that an actor of ours was silent or
/// gone.
inline failure to_failure(const caf::error& e) {
  if (e.category() != caf::atom("persona"))
    return {errc::journal_unavailable, "no answer in time", std::chrono::milliseconds{1000}};
  auto f = failure{static_cast<errc>(e.code()), {}};
  if (e.context().match_elements<std::string, std::int64_t>()) {
    f.detail = e.context().get_as<std::string>(0);
    if (const auto wait = e.context().get_as<std::int64_t>(1); wait >= 0)
      f.retry_after = std::chrono::milliseconds{wait};
  }
  return f;
}

}  // namespace persona_runtime
