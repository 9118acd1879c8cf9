#pragma once
// How one protocol writes a simulated reply down. Private to this folder.

#include "load/simulated_reply.hpp"
#include "load/simulation.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// Stateless. A stream is opening, token 0..n-1, closing; pieces may be empty.
class reply_shape {
public:
  virtual ~reply_shape() = default;

  [[nodiscard]] virtual std::string_view stream_type() const = 0;  // Content-Type
  [[nodiscard]] virtual std::string opening(const simulated_reply& reply) const = 0;
  [[nodiscard]] virtual std::string token(const simulated_reply& reply, std::size_t i) const = 0;
  [[nodiscard]] virtual std::string closing(const simulated_reply& reply,
                                            bool with_usage) const = 0;
  /// The same in one JSON document.
  [[nodiscard]] virtual std::string whole(const simulated_reply& reply) const = 0;
  /// The body of an error with this status.
  [[nodiscard]] virtual std::string error(int status, std::string_view message) const = 0;
};

[[nodiscard]] const reply_shape& openai_shape();
[[nodiscard]] const reply_shape& anthropic_shape();
[[nodiscard]] const reply_shape& ollama_shape();
[[nodiscard]] const reply_shape& shape_of(model_protocol protocol);

/// What OpenAI and Anthropic call an error with this status: "rate_limit_error", …
[[nodiscard]] std::string_view error_type_of(int status);

// Simulated time stands still, so that answers are the same byte for byte.
inline constexpr std::int64_t simulated_created_s = 1'735'689'600;
inline constexpr std::string_view simulated_created_text = "2025-01-01T00:00:00Z";

}  // namespace persona_runtime
