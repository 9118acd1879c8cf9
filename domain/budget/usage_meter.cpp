#include "domain/budget/usage_meter.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace persona_runtime {

void usage_meter::count(const std::string& model, const token_usage& usage,
                        std::optional<double> cents) {
  auto& entry = counted_[model];
  ++entry.calls;
  entry.prompt_tokens += usage.prompt;
  entry.completion_tokens += usage.completion;
  entry.cents += cents.value_or(0);
  entry.unpriced += cents ? 0 : 1;
  entry.estimated += usage.estimated ? 1 : 0;
}

template <class Fact>
void usage_meter::on(const Fact& fact) {
  if constexpr (std::is_same_v<Fact, fact::reserved>) {
    (fact.beside ? beside_ : open_) = fact;
  } else if constexpr (std::is_same_v<Fact, fact::settled>) {
    open_.reset();
    beside_.reset();
    if (fact.sent)
      count(fact.model, fact.usage, fact.cents);
  } else if constexpr (std::is_same_v<Fact, fact::retried>) {
    if (fact.sent && open_)  // else it was settled just before
      count(fact.model, {}, 0.0);
  } else if constexpr (
    std::is_same_v<
      Fact,
      fact::
        finished> || std::is_same_v<Fact, fact::resumed> || std::is_same_v<Fact, turn_fact::finished> || std::is_same_v<Fact, turn_fact::taken_up>) {
    for (auto* each : {&open_, &beside_}) {
      if (const auto open = std::exchange(*each, std::nullopt))
        count(open->model, {open->amount.tokens - open->reply_tokens_max, 0, true},
              open->prompt_cents);
    }
  }
}

void usage_meter::note(const record& r) {
  std::visit([this](const auto& fact) { on(fact); }, r);
}

void usage_meter::note(const turn_record& r) {
  std::visit([this](const auto& fact) { on(fact); }, r);
}

std::vector<usage_entry> usage_meter::take(const owner_id& owner, const persona_id& persona,
                                           instant now) {
  auto taken = std::vector<usage_entry>{};
  for (auto& [model, entry] : std::exchange(counted_, {})) {
    taken.push_back(std::move(entry));
    taken.back().owner = owner;
    taken.back().persona = persona;
    taken.back().day = day_of(now);
    taken.back().model = model;
  }
  return taken;
}

}  // namespace persona_runtime
