#pragma once
// What an endpoint said, put together and not yet counted. The same for all vendors.

#include "domain/run/message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

inline constexpr std::size_t reply_bytes_max = 8u << 20;  // text, thinking and arguments together
/// Far above what one step carries out (64): a run answers each call beyond that by itself.
inline constexpr std::size_t reply_calls_max = 256;

struct answer_parts {
  std::string text;
  std::string reasoning;
  std::vector<tool_call> calls;      // in order of their first fragment
  std::optional<token_usage> usage;  // null: not reported
  finish_reason finish = finish_reason::stop;
  sealed_thinking thinking{};  // only beside calls
  friend bool operator==(const answer_parts&, const answer_parts&) = default;
};

}  // namespace persona_runtime
