#pragma once
// What every actor of ours does alike.

#include "messages/errors.hpp"

#include <caf/all.hpp>

#include <exception>
#include <string>

namespace persona_runtime {

using namespace std::chrono_literals;

/// Requests are for answers that are due at once; this is the safety net, not a deadline.
inline constexpr auto request_timeout = std::chrono::seconds{10};

/// What an exception says of itself.
inline std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown kind";
  }
}

/// An exception is a broken invariant: it ends the actor, and whoever monitors it answers for it:
/// the supervisor for runs, actors/service_guard.hpp for all others.
/// CAF's own handler would also print to stdout, which belongs to the program.
template <class Self>
void follow_house_rules(Self* self) {
  self->set_exception_handler([](std::exception_ptr& thrown) {
    return caf::make_error(caf::sec::runtime_error, text_of(thrown));
  });
}

}  // namespace persona_runtime
