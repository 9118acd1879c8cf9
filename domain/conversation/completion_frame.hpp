#pragma once
// From a completion's messages to what its turn works with.

#include "domain/conversation/completion.hpp"
#include "domain/conversation/turn_decide.hpp"

namespace persona_runtime {

/// The messages of a completion while they are being counted. Bodies may be large and counting
/// takes a while, so it is done piece by piece.
struct counted_completion {
  message_list messages;  // as asked for, with what was kept of earlier rounds in between
  std::vector<prompt_item> items{};  // of the messages that are counted
  std::size_t tools_counted = 0;
  std::uint64_t tool_tokens = 0;  // of the schemas of the client's tools
};

/// Counts the next messages, or schemas, of about `bytes` together. False: all are counted.
[[nodiscard]] bool count_some(counted_completion& to, const completion_request& what,
                              const turn_rules& rules, std::size_t bytes);

/// The persona's setup without the tools that write to memory, where a completion leaves nothing.
/// Worth keeping: it is the same for all completions of the persona.
[[nodiscard]] result<turn_setup_ptr> completion_setup(const turn_setup& setup);

/// The frame of a turn of which nothing is kept. `setup` is the persona's; `counted` is complete.
/// Fails with validation_error: a tool of the client has the name of one of the persona's.
[[nodiscard]] result<turn_frame_ptr>
make_completion_frame(const turn_setup& setup, turn_spec_ptr spec, const completion_request& what,
                      counted_completion counted, std::string nonce, const turn_rules& rules);

/// The text of the last message of a user; empty: there is none.
[[nodiscard]] std::string last_user_text(const completion_request& what);
/// The images beside it, which decide which tier can answer.
[[nodiscard]] std::vector<image_block> last_user_images(const completion_request& what);

}  // namespace persona_runtime
