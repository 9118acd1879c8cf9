#pragma once
// What is known of a tool before it is called.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

/// What a crash between start and result allows: repeat the call, or admit not to know.
enum class tool_effect : std::uint8_t { read_only, idempotent, side_effect };

struct tool_definition {
  std::string name;         // 1..64 of a-z A-Z 0-9 _ -
  std::string description;  // for the model
  std::string parameters;   // text of a JSON Schema whose type is object
  tool_effect effect = tool_effect::side_effect;
  bool exclusive = false;  // never beside another call of the same step
  std::chrono::milliseconds timeout{60'000};
  friend bool operator==(const tool_definition&, const tool_definition&) = default;
};

/// The tools of a run, sorted by name. Shared by all runs that have the same ones.
using tool_list = std::shared_ptr<const std::vector<tool_definition>>;

}  // namespace persona_runtime
