#include "bootstrap/settings/tier_facts.hpp"

#include "bootstrap/settings/providers.hpp"
#include "bootstrap/settings/units.hpp"
#include "domain/text/ascii_case.hpp"
#include "domain/yaml/problem.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace persona_runtime {
namespace {

constexpr double number_max = 1e9;
constexpr double window_max = 100'000'000;

std::optional<double> number_in(const environment& env, const std::string& name, double max) {
  const auto text = env.get(name);
  const auto value = text ? parse_number(*text) : std::nullopt;
  return value && *value >= 0 && *value <= max ? value : std::nullopt;
}

std::optional<std::uint32_t> window_in(const environment& env, const std::string& prefix) {
  const auto value = number_in(env, prefix + "CONTEXT_WINDOW", window_max);
  if (!value || *value < 1 || *value != std::floor(*value))
    return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::optional<tool_strength> strength_in(const environment& env, const std::string& prefix) {
  const auto text = env.get(prefix + "TOOL_STRENGTH");
  return text ? tool_strength_of(*text) : std::nullopt;
}

bool flag_in(const environment& env, const std::string& name, bool otherwise) {
  const auto text = env.get(name);
  if (!text)
    return otherwise;
  const auto word = ascii_lower(*text);
  return word == "true" || word == "1" || word == "yes" || word == "on";
}

constexpr std::array metadata_suffixes{"COST_INPUT_PER_1K",      "COST_OUTPUT_PER_1K",
                                       "FIRST_TOKEN_LATENCY_MS", "THROUGHPUT_TOKENS_PER_SEC",
                                       "CONTEXT_WINDOW",         "TOOL_STRENGTH"};

void warn_of_wrong(const environment& env, const std::string& prefix, built_models& out) {
  const auto warn = [&](const std::string& name, std::string_view wanted) {
    out.setup.notices.push_back({true, name + "=" + in_quotes(env.get(name).value_or(""))
                                         + " is not used: wanted is " + std::string{wanted}});
  };
  for (const auto* suffix : metadata_suffixes) {
    const auto name = prefix + suffix;
    if (!env.get(name))
      continue;
    const std::string_view which{suffix};
    if (which == "TOOL_STRENGTH") {
      if (!strength_in(env, prefix))
        warn(name, "weak, medium or strong");
    } else if (which == "CONTEXT_WINDOW") {
      if (!window_in(env, prefix))
        warn(name, "an integer from 1 on");
    } else if (!number_in(env, name, number_max)) {
      warn(name, "a number from 0 on");
    }
  }
}

std::optional<tier_metadata> metadata_of_environment(const environment& env,
                                                     const std::string& prefix) {
  const auto in = number_in(env, prefix + "COST_INPUT_PER_1K", number_max);
  const auto out = number_in(env, prefix + "COST_OUTPUT_PER_1K", number_max);
  const auto latency = number_in(env, prefix + "FIRST_TOKEN_LATENCY_MS", number_max);
  const auto throughput = number_in(env, prefix + "THROUGHPUT_TOKENS_PER_SEC", number_max);
  const auto window = window_in(env, prefix);
  const auto strength = strength_in(env, prefix);
  if (!in || !out || !latency || !throughput || !window || !strength)
    return std::nullopt;
  return tier_metadata{*in,
                       *out,
                       *latency,
                       *throughput,
                       *window,
                       *strength,
                       flag_in(env, prefix + "REASONING_CAPABLE", false),
                       flag_in(env, prefix + "COST_VERIFIED_AT_DEPLOY", true)};
}

std::optional<tier_metadata> metadata_of_file(const tier_settings& file) {
  const auto strength = tool_strength_of(file.tool_strength.value_or(""));
  if (!file.cost_input_per_1k_tokens || !file.cost_output_per_1k_tokens
      || !file.first_token_latency_ms || !file.throughput_tokens_per_sec || !file.context_window
      || !strength) {
    return std::nullopt;
  }
  return tier_metadata{*file.cost_input_per_1k_tokens, *file.cost_output_per_1k_tokens,
                       *file.first_token_latency_ms,   *file.throughput_tokens_per_sec,
                       *file.context_window,           *strength,
                       file.reasoning_capable,         file.cost_verified_at_deploy};
}

/// What the file says about the tier, also when its models come from variables.
const tier_settings* file_of(const model_input& input, const tier_plan& plan) {
  const auto found = input.loaded.values.tiers.find(plan.tier);
  return found == input.loaded.values.tiers.end() ? nullptr : &found->second;
}

std::optional<model_price> price_of_operator(const model_input& input, const tier_plan& plan) {
  const auto in = number_in(input.env, plan.prefix + "COST_INPUT_PER_1K", number_max);
  const auto out = number_in(input.env, plan.prefix + "COST_OUTPUT_PER_1K", number_max);
  if (in && out)
    return model_price{*in, *out};
  const auto* file = plan.file;
  if (file == nullptr || !file->cost_input_per_1k_tokens || !file->cost_output_per_1k_tokens) {
    return std::nullopt;
  }
  return model_price{*file->cost_input_per_1k_tokens, *file->cost_output_per_1k_tokens};
}

void check_number(const environment& env, const std::string& name, double above, bool or_equal,
                  double max, std::string_view wanted, built_models& out) {
  const auto text = env.get(name);
  if (!text)
    return;
  const auto value = parse_number(*text);
  const bool is_low = value && (or_equal ? *value < above : *value <= above);
  if (value && !is_low && *value <= max)
    return;
  out.problems.push_back(
    {name, in_quotes(*text) + " stands here; wanted is " + std::string{wanted}});
}

void check_prefix(const environment& env, const std::string& prefix, built_models& out) {
  constexpr double reply_max = 1e6;
  constexpr double day_s = 86'400;
  const auto tokens = prefix + "MAX_TOKENS";
  check_number(env, tokens, 1, true, reply_max, "an integer from 1 to 1000000", out);
  const auto cap = parse_number(env.get(tokens).value_or("1")).value_or(1);
  if (cap != std::floor(cap))
    out.problems.push_back({tokens, "an integer is wanted"});
  check_number(env, prefix + "TEMPERATURE", 0, true, 100, "a number from 0 on", out);
  check_number(env, prefix + "REQUEST_TIMEOUT_S", 0, false, day_s,
               "a number of seconds above 0, at most 86400", out);
  if (const auto body = env.get(prefix + "EXTRA_BODY")) {
    boost::system::error_code error;
    const auto value = boost::json::parse(*body, error);
    if (error || !value.is_object()) {
      out.problems.push_back({prefix + "EXTRA_BODY", "a JSON object is wanted"});
    }
  }
  const auto quantization = env.get(prefix + "LOCAL_QUANTIZATION").value_or("none");
  if (quantization != "4bit" && quantization != "8bit" && quantization != "none") {
    out.problems.push_back({prefix + "LOCAL_QUANTIZATION", "4bit, 8bit or none is wanted"});
  }
}

}  // namespace

std::optional<tier_metadata> metadata_of(const model_input& input, const tier_plan& plan,
                                         built_models& out) {
  warn_of_wrong(input.env, plan.prefix, out);
  if (auto metadata = metadata_of_environment(input.env, plan.prefix))
    return metadata;
  const auto* file = file_of(input, plan);
  return file == nullptr ? std::nullopt : metadata_of_file(*file);
}

const tier_metadata* metadata_for(const model_setup& setup, std::string_view name) {
  const auto* tier = setup.table->resolve(name);
  if (tier == nullptr)
    return nullptr;
  return tier->metadata ? &*tier->metadata : nullptr;
}

model_entry facts_of(const model_input& input, const tier_plan& plan, const model_slot& slot) {
  auto entry = input.catalog.entry(slot.provider, slot.model);
  const auto* file = file_of(input, plan);
  if (const auto window = window_in(input.env, plan.prefix)) {
    entry.context_window = window;
  } else if (file != nullptr && file->context_window) {
    entry.context_window = file->context_window;
  }
  if (plan.slots.size() == 1) {
    if (const auto price = price_of_operator(input, plan))
      entry.price = price;
  }
  return entry;
}

void check_knobs(const environment& env, built_models& out) {
  check_prefix(env, "PERSONA_", out);
  for (const auto& provider : providers()) {
    check_prefix(env, "PERSONA_" + ascii_upper(provider.name) + '_', out);
  }
}

void check_tier_knobs(const environment& env, const std::string& tier, built_models& out) {
  check_prefix(env, "PERSONA_" + ascii_upper(tier) + '_', out);
}

}  // namespace persona_runtime
