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

/// Makes the providers of all tiers. A tier of which one cannot be made leaves `setup` and is off
/// there, with a notice; its problem names the model and what is wrong with it. When no tier is
/// left of those that there were, all problems stand in `off` and no tier is made.
[[nodiscard]] std::vector<engine_tier> make_tiers(model_setup& setup,
                                                  const model_surroundings& around);

}  // namespace persona_runtime
