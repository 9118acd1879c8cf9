#pragma once
// The embedded stand-in for a model: rule-based, deterministic, without network.

#include "domain/text/tokenizer.hpp"
#include "providers/chat/chat_provider.hpp"
#include "providers/http/io_thread.hpp"

#include <chrono>
#include <memory>

namespace persona_runtime {

/// A provider that plans, calls the offered tools, asks when something is missing and delivers,
/// by the rules in rehearsal/. Stateless: any number of runs may share it. `pace`: how long each
/// reply takes. `thread` outlives it. Thread-safe.
[[nodiscard]] std::shared_ptr<chat_provider>
make_rehearsal_provider(tokenizer_ptr counter, io_thread& thread,
                        std::chrono::milliseconds pace = std::chrono::milliseconds{0});

}  // namespace persona_runtime
