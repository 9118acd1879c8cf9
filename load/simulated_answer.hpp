#pragma once
// From one HTTP request to what is sent back, without a socket. Private to this folder.

#include "load/reply_shape.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime {

struct simulated_answer {
  int status = 200;
  std::string_view type = "application/json";  // of static text
  std::string retry_after;
  std::string body;                                 // of an answer that is no stream
  std::chrono::milliseconds wait{0};                // before it is sent
  std::shared_ptr<const simulated_reply> streamed;  // else this, in the shape below
  const reply_shape* shape = nullptr;
  bool with_usage = false;
};

[[nodiscard]] simulated_answer answer_to(std::string_view method, std::string_view target,
                                         std::string_view body, const simulation& how);

/// An error in the shape that clients of this path know.
[[nodiscard]] simulated_answer refusal_of(std::string_view target, int status,
                                          std::string_view message);

}  // namespace persona_runtime
