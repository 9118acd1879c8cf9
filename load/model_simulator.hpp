#pragma once
// A model endpoint that needs no model: speaks OpenAI's, Anthropic's and Ollama's chat protocols
// over HTTP and answers by fixed rules (docs/simulated-model.md).

#include "domain/failure.hpp"
#include "load/simulation.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Serves on a thread of its own until destroyed, which ends all connections at once. Bounded: at
/// most 4,096 connections (the next ones wait in the kernel's queue), heads of 16 KiB, bodies of
/// 8 MiB, 60 s for a request to arrive or an answer to be taken.
class model_simulator {
public:
  /// `address`: "127.0.0.1:9000", "[::1]:0", "localhost:0"; port 0 picks a free one. Fails with
  /// validation_error when it is none, is in use or is not ours.
  [[nodiscard]] static result<std::unique_ptr<model_simulator>> start(std::string_view address,
                                                                      simulation how);
  virtual ~model_simulator() = default;

  /// "127.0.0.1:43211": what was bound.
  [[nodiscard]] virtual std::string bound_address() const = 0;
};

}  // namespace persona_runtime
