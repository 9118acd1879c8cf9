#pragma once
// What a caller asks of a model's replies beside the messages: the settings of an API client.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

/// May the reply call tools, or must it?
enum class call_wish : std::uint8_t { automatic, none, required };

struct reply_wishes {
  std::optional<double> temperature{};              // 0..2; none: as the model is configured
  std::optional<std::uint32_t> reply_tokens_max{};  // of each reply, at least 1
  std::vector<std::string> stop{};                  // a reply ends before these; none is empty
  std::string response_format{};                    // JSON object in OpenAI's form, or empty
  call_wish calls = call_wish::automatic;
  std::string tool{};  // with `required`: this one; empty: any
  friend bool operator==(const reply_wishes&, const reply_wishes&) = default;
};

using wishes_ptr = std::shared_ptr<const reply_wishes>;  // null: none

}  // namespace persona_runtime
