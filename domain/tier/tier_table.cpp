#include "domain/tier/tier_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace persona_runtime {

namespace {

constexpr auto strengths = std::array<std::string_view, 3>{"weak", "medium", "strong"};

}  // namespace

std::string_view name_of(tool_strength s) {
  return strengths.at(static_cast<std::size_t>(s));
}

std::optional<tool_strength> tool_strength_of(std::string_view name) {
  const auto* found = std::find(strengths.begin(), strengths.end(), name);
  if (found == strengths.end())
    return std::nullopt;
  return static_cast<tool_strength>(found - strengths.begin());
}

std::uint64_t model_entry::at_most(std::uint64_t counted) const {
  constexpr auto inexact = 1.05;  // how far other tokenizers may be off ours
  return counts_exactly
           ? counted
           : static_cast<std::uint64_t>(std::ceil(static_cast<double>(counted) * inexact));
}

bool tier_entry::vision() const {
  return std::any_of(members.begin(), members.end(), [](const auto& m) { return m.vision; });
}

const model_entry* tier_entry::find(std::string_view label) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [label](const auto& m) { return m.label() == label; });
  return found == members.end() ? nullptr : &*found;
}

const tier_entry* tier_table::resolve(std::string_view name) const {
  const auto find = [this](std::string_view wanted) -> const tier_entry* {
    const auto found = std::find_if(tiers.begin(), tiers.end(),
                                    [wanted](const auto& tier) { return tier.name == wanted; });
    return found == tiers.end() ? nullptr : &*found;
  };
  // Always from small, whatever was asked: the order of the reference (spec routing §14.1).
  for (const auto wanted : std::array<std::string_view, 4>{name, "small", "mid", "frontier"}) {
    if (const auto* tier = find(wanted))
      return tier;
  }
  return nullptr;
}

const model_entry* tier_table::model_at(std::string_view name, std::size_t member) const {
  const auto* tier = resolve(name);
  if (tier == nullptr || tier->members.empty())
    return nullptr;
  return &tier->members[std::min(member, tier->members.size() - 1)];
}

std::optional<double> cost_cents(const model_entry& model, std::uint64_t prompt,
                                 std::uint64_t completion) {
  if (!model.price)
    return std::nullopt;
  return static_cast<double>(prompt) / 1000.0 * model.price->prompt
         + static_cast<double>(completion) / 1000.0 * model.price->completion;
}

std::optional<double> cost_cents(const model_entry& model, const token_usage& usage) {
  const auto read = std::min(usage.cache_read, usage.prompt);
  const auto written = std::min(usage.cache_write, usage.prompt - read);
  auto cents = cost_cents(model, usage.prompt - read - written, usage.completion);
  if (cents && read + written > 0) {
    const auto& price = *model.price;
    *cents += static_cast<double>(read) / 1000.0 * price.cache_read.value_or(price.prompt)
              + static_cast<double>(written) / 1000.0 * price.cache_write.value_or(price.prompt);
  }
  return cents;
}

double prompt_price_max(const model_price& price) {
  return std::max(price.prompt, price.cache_write.value_or(0));
}

std::uint64_t context_budget(const model_entry& model, std::uint64_t schema_tokens) {
  constexpr std::uint64_t budget_when_unknown = 4096;
  if (!model.context_window)
    return budget_when_unknown;
  const std::uint64_t window = *model.context_window;
  if (model.reply_tokens_max >= window)
    return 1;
  const auto left = window - model.reply_tokens_max;
  return schema_tokens >= left ? 1 : left - schema_tokens;
}

}  // namespace persona_runtime
