#pragma once
#include "actors/live_text.hpp"
#include "providers/chat/chat_provider.hpp"

namespace persona_runtime {

/// A provider's text_sink that fills `text`, without line-initial markers (contract §6) unless it
/// is shown as it is, and tells `who` of it, or those whom the registry knows. For the one thread
/// that the provider calls it on.
[[nodiscard]] std::shared_ptr<text_sink> make_live_sink(std::shared_ptr<live_registry> registry,
                                                        live_registry::channel_ptr where,
                                                        live_text_ptr text, bool as_is = false,
                                                        live_registry::on_growth who = {});

}  // namespace persona_runtime
