#pragma once
// Answers to completions as OpenAI's clients read them. Pure.

#include "domain/conversation/completion.hpp"

#include <string>
#include <string_view>

namespace persona_runtime::api {

/// What every document of one completion says.
struct completion_head {
  std::string id;
  std::int64_t created = 0;  // seconds since the Unix epoch
  std::string model;         // as the client wrote it
  bool with_usage = false;   // stream_options.include_usage
};

/// "stop", "length", "tool_calls".
[[nodiscard]] std::string_view finish_name(finish_reason reason);

/// The whole answer: object chat.completion.
[[nodiscard]] std::string completion_json(const completion_head& head, const completion_end& end);

// One chat.completion.chunk each.

/// The first one: who speaks.
[[nodiscard]] std::string role_chunk(const completion_head& head);
[[nodiscard]] std::string text_chunk(const completion_head& head, std::string_view piece);
/// All calls, whole.
[[nodiscard]] std::string calls_chunk(const completion_head& head,
                                      const std::vector<tool_call>& calls);
[[nodiscard]] std::string finish_chunk(const completion_head& head, finish_reason reason);
/// Behind the last one, when it was asked for.
[[nodiscard]] std::string usage_chunk(const completion_head& head, const token_usage& usage);

}  // namespace persona_runtime::api
