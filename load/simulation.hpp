#pragma once
// How a simulated model behaves where a request does not say otherwise.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

enum class model_protocol : std::uint8_t { openai, anthropic, ollama };

inline constexpr std::uint32_t simulated_tokens_max = 10'000;
inline constexpr std::uint32_t simulated_rounds_max = 1'000;
inline constexpr std::chrono::milliseconds simulated_wait_max{600'000};

struct simulation {
  std::chrono::milliseconds first_token{0};     // from the request's end to the answer's beginning
  std::chrono::milliseconds between_tokens{0};  // and from one token to the next
  std::uint32_t tokens = 0;       // of a text that is said again and again; 0: said once
  std::string text;               // what it says; empty: the last message
  std::uint32_t tool_rounds = 1;  // calls of offered tools before it says anything
};

/// What a request itself asks for, under "simulate"; each goes before the simulation's.
struct simulation_wishes {
  std::optional<std::chrono::milliseconds> first_token;
  std::optional<std::chrono::milliseconds> between_tokens;
  std::optional<std::uint32_t> tokens;
  std::optional<std::string> text;
  std::optional<std::uint32_t> tool_rounds;
  int status = 0;           // 400..599: the call fails with it; 0: it does not
  std::string retry_after;  // beside such a status
};

}  // namespace persona_runtime
