#pragma once
// From the configured models to providers that can be called.

#include "bootstrap/engine.hpp"
#include "bootstrap/settings/build_models.hpp"
#include "domain/text/tokenizer.hpp"
#include "providers/http/http_client.hpp"
#include "providers/http/io_thread.hpp"

namespace persona_runtime {

/// All outlive the providers.
struct model_surroundings {
  http_client* client = nullptr;
  tokenizer_ptr counter;
  io_thread* thread = nullptr;  // of stand-ins
};

/// Fails with validation_error: names the tier, the model and what is wrong with it.
[[nodiscard]] result<std::vector<engine_tier>> make_tiers(const model_setup& setup,
                                                          const model_surroundings& around);

}  // namespace persona_runtime
