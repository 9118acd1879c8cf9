#pragma once
// A message as a conversation keeps it. What a model is sent is made of it: see history.hpp.

#include "domain/failure.hpp"
#include "domain/run/message.hpp"
#include "domain/yaml/timestamp.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persona_runtime {

struct text_block {
  std::string text;  // may be empty
  friend bool operator==(const text_block&, const text_block&) = default;
};

using content_block = std::variant<text_block, image_block>;

/// Plain text, or blocks in their order. One text block alone is written as plain text.
using message_content = std::variant<std::string, std::vector<content_block>>;

/// Metadata keys that the runtime reads and writes itself.
namespace metadata_key {
inline constexpr std::string_view kind = "kind";  // of system messages: see message_kind
inline constexpr std::string_view proactive_question = "proactive_question";  // "true"
inline constexpr std::string_view originated = "originated";                  // "true"
}  // namespace metadata_key

/// One message, oldest first in its conversation. Never changed once it is there.
struct conversation_message {
  role from = role::user;
  message_content content;
  zoned_instant created_at;
  std::map<std::string, std::string> metadata{};
  std::vector<tool_call> tool_calls{};  // of an assistant's native calls; mostly empty
  friend bool operator==(const conversation_message&, const conversation_message&) = default;
};

/// What is wrong with the content; empty: nothing. One text block alone is refused.
[[nodiscard]] std::string problem_of(const message_content& content);

/// Its text without images; text blocks are joined by line feeds.
[[nodiscard]] std::string text_of(const conversation_message& m);

/// A question that was asked instead of an answer.
[[nodiscard]] bool is_proactive_question(const conversation_message& m);

/// Said by the persona with no message of the user before it.
[[nodiscard]] bool is_originated(const conversation_message& m);

/// {"role","content","created_at","metadata","tool_calls"}, always all of them in this order. The
/// bytes of images are left out.
void append_message(std::string& out, const conversation_message& m);

/// Reads what append_message wrote. Unknown, missing and repeated fields, times without an offset
/// and media types that are none of the four are refused with validation_error.
[[nodiscard]] result<conversation_message> message_of(std::string_view json);

}  // namespace persona_runtime
