#include "actors/service_guard.hpp"

#include "messages/house_rules.hpp"

#include <map>
#include <memory>
#include <utility>

namespace persona_runtime {
namespace {

bool is_crash(const caf::error& reason) {
  return reason && reason != caf::exit_reason::user_shutdown
         && reason != caf::exit_reason::unreachable;  // only while the engine is being destroyed
}

std::string why_of(const caf::error& reason) {
  if (reason.context().match_elements<std::string>())
    return reason.context().get_as<std::string>(0);
  return caf::to_string(reason);
}

}  // namespace

caf::behavior guard_behavior(caf::event_based_actor* self, const std::vector<service>& services,
                             on_service_crash tell) {
  follow_house_rules(self);
  auto names = std::make_shared<std::map<caf::actor_id, std::string>>();
  for (const auto& s : services)
    names->emplace(s.actor->id(), s.name);
  self->set_down_handler([self, names, tell = std::move(tell)](const caf::down_msg& down) {
    const auto gone = names->extract(down.source.id());
    if (!gone.empty() && tell && is_crash(down.reason))
      tell(gone.mapped(), why_of(down.reason));
    if (names->empty())
      self->quit();
  });
  for (const auto& s : services)
    self->monitor(s.actor);
  return {[](caf::unit_t) {}};
}

}  // namespace persona_runtime
