#pragma once
// What a simulated model answers. Pure: the same request always gets the same answer.

#include "load/simulated_request.hpp"
#include "load/simulation.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Words, or one call. Falls into tokens, which a stream sends one by one.
struct simulated_reply {
  std::string id;                   // 24 hexadecimal digits; another request has another one
  std::string model;                // as asked
  std::string tool;                 // empty: words
  std::string content;              // the words, or the call's arguments
  std::vector<std::uint32_t> ends;  // token i ends before content[ends[i]]
  std::uint64_t prompt_tokens = 0;  // a quarter of the messages' bytes
  bool is_cut = false;              // by the request's own limit of tokens
  std::chrono::milliseconds first_token{0};
  std::chrono::milliseconds between_tokens{0};

  [[nodiscard]] std::string_view token(std::size_t i) const;
};

/// `body`: what the request was read from; makes the id.
[[nodiscard]] simulated_reply plan_reply(const simulated_request& request, const simulation& how,
                                         std::string_view body);

}  // namespace persona_runtime
