#pragma once
// What the stand-ins for a model share: handing a ready reply out, later and piece by piece, as a
// real provider would.

#include "domain/text/tokenizer.hpp"
#include "providers/chat/chat_provider.hpp"
#include "providers/chat/script_file.hpp"
#include "providers/http/io_thread.hpp"

#include <memory>

namespace persona_runtime {

/// What a call costs by our own count; `estimated` is set.
[[nodiscard]] token_usage counted_usage(const tokenizer& counter, const message_list& context,
                                        std::string_view text);

/// Plays `reply` on `thread` after its delay and then calls `done`. Blocks nobody. The handle's
/// cancel() stops it; `thread` outlives the call.
[[nodiscard]] std::unique_ptr<pending_call> play(scripted_reply reply, chat_request request,
                                                 chat_provider::on_done done, tokenizer_ptr counter,
                                                 io_thread& thread);

}  // namespace persona_runtime
