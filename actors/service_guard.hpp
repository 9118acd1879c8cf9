#pragma once
// Who notices when an actor fails that nobody can start again.

#include <caf/event_based_actor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace persona_runtime {

/// An actor that lives as long as the engine does.
struct service {
  std::string name;  // for people: "journal", "tool search"
  caf::strong_actor_ptr actor;
};

/// Told which service has crashed, and what it died of.
using on_service_crash = std::function<void(const std::string& name, const std::string& why)>;

/// Watches services. One that ends otherwise than by an exit message of ours has crashed: what it
/// had in its hands (appends, calls, cursors) is gone, and others would wait for it for ever.
/// Nothing short of a new process puts that right, and the journal has everything for it.
///
/// Spawned by: bootstrap, one per node, which holds its handle: nobody else has one.
/// Thread:     CAF pool; never blocks, apart from `tell`.
/// Dies:       when all services have ended.
caf::behavior guard_behavior(caf::event_based_actor* self, const std::vector<service>& services,
                             on_service_crash tell);

}  // namespace persona_runtime
