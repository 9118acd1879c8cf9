#pragma once
// What every actor of ours does alike.

#include "messages/errors.hpp"

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

}  // namespace persona_runtime
