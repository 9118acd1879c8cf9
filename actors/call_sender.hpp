#pragma once
// How runs and turns have their calls carried out: by the tier and the tool that are named, or by
// memory; and when there is no such one, by an answer that says so.

#include "domain/tool/result_bounds.hpp"
#include "messages/call_messages.hpp"
#include "messages/house_rules.hpp"
#include "messages/run_messages.hpp"

#include <type_traits>
#include <utility>

namespace persona_runtime {

/// To all: who has none of these calls drops it. `services` has `tiers` and `tools`.
template <class Self, class Services>
void cancel_everywhere(Self self, const Services& services, const cancel_calls& what) {
  for (const auto& [name, tier] : services.tiers)
    send_urgent(self, tier, what);
  for (const auto& [name, tool] : services.tools)
    send_urgent(self, tool, what);
}

/// What memory that does not answer in time is taken to have said.
[[nodiscard]] inline memory_recalled nothing_recalled(const recall_is_late& late) {
  return {late.call, nothing_read(), {}};
}

/// Carries out the effects that are calls. `Self` points to an actor that takes their answers and
/// whose state has `services` with `tiers`, `tools`, `rules` and memory's. Made anew for each
/// effect.
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
  void operator()(const start_hedge& e) const {
    const auto* tier = services().rules.tiers->resolve(e.tier);
    const auto i = services().tiers.find(tier == nullptr ? std::string{} : tier->name);
    if (i != services().tiers.end())
      send_urgent(self_, i->second, e);
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
  void operator()(const cancel_calls& e) const { cancel_everywhere(self_, services(), e); }
  /// Answered by recall_is_late, too, when it takes too long; whichever comes second is dropped.
  void operator()(const recall_memory& e) const {
    const auto to = typename std::remove_pointer_t<Self>::actor_hdl{self_};
    const auto tell = [to, call = e.call](recalled_memory memory,
                                          std::optional<learned_autonomy> learned) {
      caf::anon_send(to, memory_recalled{call, std::move(memory), std::move(learned)});
    };
    if (services().recall && services().recall(e.what, tell))
      self_->send(services().late, expect_recall{e.call});
    else
      self_->send(self_, memory_recalled{e.call, {}, {}});
  }

protected:
  [[nodiscard]] const auto& services() const { return *self_->state.services; }

  Self self_;
};

}  // namespace persona_runtime
