#pragma once
// What one member of a tier needs to be reached, looked up in the order of inheritance
// (docs/configuration.md, "Who inherits").

#include "bootstrap/settings/tier_plan.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// The key, if there is one; a problem when one is named but cannot be had.
using key_result = boost::system::result<std::optional<configured_value>, config_problem>;

/// Finds what one member needs: the tier's own, else its provider's, else the global one. Lives no
/// longer than what it was made from.
class member_reader {
public:
  member_reader(const model_input& input, const tier_plan& plan, const model_slot& slot);

  /// MAX_TOKENS, TEMPERATURE, REQUEST_TIMEOUT_S, EXTRA_BODY.
  [[nodiscard]] std::optional<std::string> knob(const std::string& suffix) const;

  /// Never empty for a provider that has a URL.
  [[nodiscard]] configured_value base_url() const;

  [[nodiscard]] key_result api_key() const;

  /// What would have to be set.
  [[nodiscard]] std::string missing_key_name() const;

private:
  [[nodiscard]] bool is_global_provider() const;
  [[nodiscard]] bool is_of_one_provider_in_file() const;
  [[nodiscard]] std::string file_place(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> from_file(std::string_view suffix) const;
  [[nodiscard]] key_result key_from_file() const;
  [[nodiscard]] config_problem blank_key(const std::string& name) const;

  const model_input& input_;
  const tier_plan& plan_;
  const model_slot& slot_;
  std::string provider_prefix_;
};

}  // namespace persona_runtime
