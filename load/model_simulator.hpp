#pragma once
// A model endpoint that needs no model: speaks OpenAI's, Anthropic's and Ollama's chat protocols
// over HTTP and answers by fixed rules (docs/simulated-model.md).

#include "domain/failure.hpp"
#include "load/simulation.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime {

struct simulator_limits {
  std::size_t connections = 4'096;             // at once; the next ones wait in the kernel's queue
  std::chrono::milliseconds transfer{60'000};  // for a request to arrive, or a part of an answer
                                               // to be taken
};

/// Serves on a thread of its own until destroyed, which ends all connections at once. Bounded, also
/// by heads of 16 KiB and bodies of 8 MiB.
class model_simulator {
public:
  /// `address`: "127.0.0.1:9000", "[::1]:0", "localhost:0"; port 0 picks a free one. Fails with
  /// validation_error when it is none, is in use or is not ours.
  [[nodiscard]] static result<std::unique_ptr<model_simulator>>
  start(std::string_view address, simulation how, const simulator_limits& limits = {});
  virtual ~model_simulator() = default;

  /// "127.0.0.1:43211": what was bound.
  [[nodiscard]] virtual std::string bound_address() const = 0;
};

}  // namespace persona_runtime
