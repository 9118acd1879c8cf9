#pragma once
// A model that plays replies from a file: for tests, demonstrations and exact reproductions.

#include "domain/text/tokenizer.hpp"
#include "providers/chat/chat_provider.hpp"
#include "providers/chat/script_file.hpp"
#include "providers/http/io_thread.hpp"

#include <memory>

namespace persona_runtime {

/// A provider that answers every step call with the next entry of `script.steps` and every summary
/// call with the next of `script.summaries`, whoever calls. A used up script gives empty text with
/// usage [1, 0], used up summaries give "SUMMARY" with usage [5, 2]. `thread` outlives it.
/// Thread-safe.
[[nodiscard]] std::shared_ptr<chat_provider>
make_scripted_provider(chat_script script, tokenizer_ptr counter, io_thread& thread);

}  // namespace persona_runtime
