#pragma once
// The list of models of one tier: "openai/gpt-4o, groq/llama-3.1-8b-instant" (spec routing §5.5).

#include "bootstrap/settings/load_settings.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

struct model_slot {
  std::string provider;
  std::string model;  // as configured
  friend bool operator==(const model_slot&, const model_slot&) = default;
};

/// Where a list stands and whose it is, for messages.
struct list_place {
  std::string tier;
  std::string where;  // variable, or file and line
};

using slot_result = boost::system::result<model_slot, config_problem>;
using slots_result = boost::system::result<std::vector<model_slot>, config_problem>;

/// One entry. `value` is the whole list as it was written.
[[nodiscard]] slot_result parse_slot(std::string_view entry, std::size_t position,
                                     std::string_view value, const list_place& place);

/// A list with commas; at most 64 entries. Order is the order of falling over.
[[nodiscard]] slots_result parse_model_list(std::string_view value, const list_place& place);

/// The same from a list of the file.
[[nodiscard]] slots_result parse_model_list(const std::vector<std::string>& entries,
                                            const list_place& place);

}  // namespace persona_runtime
