#pragma once
// How runs and turns have their calls carried out: by the tier and the tool that are named, and
// when there is no such one, by an answer that says so.

#include "domain/tool/result_bounds.hpp"
#include "messages/call_messages.hpp"
#include "messages/house_rules.hpp"

namespace persona_runtime {

/// Carries out the effects that are calls. `Self` points to an actor that takes their answers and
/// whose state has `services` with `tiers`, `tools` and `rules`. Made anew for each effect.
template <class Self>
class call_sender {
public:
  explicit call_sender(Self self) : self_{self} {}

  void operator()(const call_model& e) const {
    const auto* tier = services().rules.tiers->resolve(e.what->tier);
    const auto i = services().tiers.find(tier == nullptr ? std::string{} : tier->name);
    if (i != services().tiers.end())
      return send_urgent(self_, i->second, e);
    auto error = model_error{};
    error.detail = "tier " + e.what->tier + " is not configured";
    self_->send(self_, model_failed{e.call, error, e.what->tier, 0.0, {}, std::nullopt});
  }
  void operator()(const call_tool& e) const {
    const auto i = services().tools.find(e.what.name);
    if (i != services().tools.end())
      return send_urgent(self_, i->second, e);
    auto answer = tool_replied{e.call, e.index, {}, {}, {}, false};
    answer.result = error_result("tool " + e.what.name + " is not available any more");
    answer.size = services().rules.size_of(role::tool, answer.result.content);
    self_->send(self_, std::move(answer));
  }
  /// To all: who has none of these calls drops it.
  void operator()(const cancel_calls& e) const {
    for (const auto& [name, tier] : services().tiers)
      send_urgent(self_, tier, e);
    for (const auto& [name, tool] : services().tools)
      send_urgent(self_, tool, e);
  }

protected:
  [[nodiscard]] const auto& services() const { return *self_->state.services; }

  Self self_;
};

}  // namespace persona_runtime
