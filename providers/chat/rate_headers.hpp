#pragma once
// What the head of an answer says of a key's limits: x-ratelimit-* as OpenAI and those who follow
// it send them, anthropic-ratelimit-* as Anthropic does.

#include "domain/tier/rate_report.hpp"
#include "providers/http/http_client.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace persona_runtime {

/// What is missing or makes no sense is left out, and resets that are instants.
[[nodiscard]] rate_report rate_report_of(const http_response_head& head);

/// Milliseconds of "120ms", "7.66s", "2m59.56s", "1h0m3s" or plain seconds; none: it is no
/// duration, or longer than a month.
[[nodiscard]] std::optional<std::uint64_t> reset_duration_ms(std::string_view text);

}  // namespace persona_runtime
