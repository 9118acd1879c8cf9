#include "bootstrap/settings/member_reader.hpp"

#include "bootstrap/settings/providers.hpp"
#include "bootstrap/settings/units.hpp"
#include "domain/text/ascii.hpp"
#include "domain/text/ascii_case.hpp"

#include <algorithm>

namespace persona_runtime {

member_reader::member_reader(const model_input& input, const tier_plan& plan,
                             const model_slot& slot)
  : input_{input}, plan_{plan}, slot_{slot}, provider_prefix_{"PERSONA_"
                                                              + ascii_upper(slot.provider) + '_'} {
}

std::optional<std::string> member_reader::knob(const std::string& suffix) const {
  if (auto value = input_.env.get(plan_.prefix + suffix))
    return value;
  if (auto value = from_file(suffix))
    return value;
  if (auto value = input_.env.get(provider_prefix_ + suffix))
    return value;
  return input_.env.get("PERSONA_" + suffix);
}

configured_value member_reader::base_url() const {
  if (plan_.takes_tier_variables && !plan_.tier.empty()) {
    if (auto url = input_.env.get(plan_.prefix + "BASE_URL")) {
      return {*url, plan_.prefix + "BASE_URL"};
    }
  }
  if (plan_.file != nullptr && plan_.file->base_url) {
    return {*plan_.file->base_url, file_place("base_url")};
  }
  if (auto url = input_.env.get(provider_prefix_ + "BASE_URL")) {
    return {*url, provider_prefix_ + "BASE_URL"};
  }
  if (is_global_provider()) {
    if (auto url = input_.env.get("PERSONA_BASE_URL"))
      return {*url, "PERSONA_BASE_URL"};
  }
  return {std::string{find_provider(slot_.provider)->base_url}, "default"};
}

key_result member_reader::api_key() const {
  using found = std::optional<configured_value>;
  if (!plan_.is_list || is_of_one_provider_in_file()) {
    if (auto key = input_.env.get(plan_.prefix + "API_KEY")) {
      return found{{*key, plan_.prefix + "API_KEY"}};
    }
  }
  if (plan_.file != nullptr && !plan_.file->api_key.empty()) {
    return found{{std::string{trimmed(plan_.file->api_key.reveal())}, file_place("api_key")}};
  }
  if (plan_.file != nullptr && plan_.file->api_key_file)
    return key_from_file();
  const auto name = provider_prefix_ + "API_KEY";
  if (const auto key = input_.env.raw(name)) {
    const auto text = trimmed(*key);
    if (text.empty())
      return blank_key(name);
    return found{{std::string{text}, name}};
  }
  if (is_global_provider()) {
    if (auto key = input_.env.get("PERSONA_API_KEY"))
      return found{{*key, "PERSONA_API_KEY"}};
  }
  return found{};
}

std::string member_reader::missing_key_name() const {
  return (plan_.is_list ? provider_prefix_ : plan_.prefix) + "API_KEY";
}

bool member_reader::is_global_provider() const {
  return slot_.provider == global_provider(input_.env);
}

bool member_reader::is_of_one_provider_in_file() const {
  return plan_.file != nullptr
         && std::all_of(plan_.slots.begin(), plan_.slots.end(),
                        [&](const auto& slot) { return slot.provider == slot_.provider; });
}

std::string member_reader::file_place(std::string_view key) const {
  const auto path = "tiers." + plan_.tier + '.' + std::string{key};
  return input_.loaded.source_of(path).value_or(path);
}

std::optional<std::string> member_reader::from_file(std::string_view suffix) const {
  const auto found = input_.loaded.values.tiers.find(plan_.tier);
  if (found == input_.loaded.values.tiers.end())
    return std::nullopt;
  const auto& file = found->second;
  if (suffix == "MAX_TOKENS" && file.max_tokens)
    return std::to_string(*file.max_tokens);
  if (suffix == "REQUEST_TIMEOUT_S" && file.request_timeout_s) {
    return number_text(*file.request_timeout_s);
  }
  if (suffix == "EXTRA_BODY" && !file.extra_body.text.empty())
    return file.extra_body.text;
  return std::nullopt;
}

key_result member_reader::key_from_file() const {
  const auto where = file_place("api_key_file");
  const auto text = input_.read_file(*plan_.file->api_key_file);
  if (!text)
    return config_problem{where, "the key cannot be read: " + text.error().detail};
  const auto key = trimmed(*text);
  if (key.empty()) {
    return config_problem{where, *plan_.file->api_key_file + " holds no key"};
  }
  return std::optional{configured_value{std::string{key}, where}};
}

config_problem member_reader::blank_key(const std::string& name) const {
  return {name,
          "the key is set but blank; set it or unset the variable",
          "AuthenticationError",
          {{"provider", slot_.provider}, {"env_var", name}}};
}

}  // namespace persona_runtime
