#pragma once
// What a simulated model understands of a request, whichever of three protocols it speaks.

#include "domain/failure.hpp"
#include "load/simulation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// A tool and arguments that its schema takes.
struct simulated_call {
  std::string tool;
  std::string arguments;  // a JSON object
};

struct simulated_request {
  std::string model;
  std::string last_text;               // what a user or a tool said last
  std::uint64_t text_bytes = 0;        // of all messages
  std::uint32_t results = 0;           // of tools, since a user last said something
  std::optional<simulated_call> call;  // that would come now; none when no tool is offered
  std::optional<std::uint64_t> tokens_max;
  bool is_streamed = false;
  bool wants_usage = true;  // at the end of a stream
  simulation_wishes wishes;
};

/// Fails with malformed_json, or with validation_error and a text that names the field.
[[nodiscard]] result<simulated_request> read_simulated_request(model_protocol protocol,
                                                               std::string_view body);

}  // namespace persona_runtime
