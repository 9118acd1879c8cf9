#pragma once
// What every actor of ours does alike.

#include "domain/failure.hpp"

#include <caf/all.hpp>

namespace persona_runtime {

using namespace std::chrono_literals;

/// Requests are for answers that are due at once; this is the safety net, not a deadline.
inline constexpr auto request_timeout = std::chrono::seconds{10};

/// An exception is a broken invariant: it ends the actor, and whoever monitors it answers for it.
/// CAF's own handler would also print to stdout, which belongs to the program.
template <class Self>
void follow_house_rules(Self* self) {
  self->set_exception_handler(
    [](std::exception_ptr&) -> caf::error { return caf::sec::runtime_error; });
}

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
