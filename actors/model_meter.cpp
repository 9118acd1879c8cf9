#include "actors/model_meter.hpp"

namespace persona_runtime {
namespace {

constexpr auto pairs_max = std::size_t{1'000};

}  // namespace

model_meter::sums& model_meter::at(std::string_view tier, std::string_view model) {
  auto key = std::pair{std::string{tier}, std::string{model}};
  if (all_.size() >= pairs_max && !all_.contains(key))
    key.second = "other";
  return all_[std::move(key)];
}

void model_meter::replied(std::string_view tier, std::string_view model, const token_usage& usage,
                          std::optional<double> cents) {
  const auto lock = std::lock_guard{mutex_};
  auto& to = at(tier, model);
  ++to.replies;
  to.prompt_tokens += usage.prompt;
  to.completion_tokens += usage.completion;
  to.cents += cents.value_or(0);
  to.unpriced += cents ? 0 : 1;
}

void model_meter::failed(std::string_view tier, std::string_view model,
                         std::string_view error_class) {
  const auto lock = std::lock_guard{mutex_};
  ++at(tier, model).failures[std::string{error_class}];
}

model_meter::pairs model_meter::all() const {
  const auto lock = std::lock_guard{mutex_};
  return all_;
}

}  // namespace persona_runtime
