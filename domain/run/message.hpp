#pragma once
// What a model is sent and what it answers. No vendor's shape: adapters translate.

#include "domain/ids.hpp"
#include "domain/text/shared_text.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

enum class role : std::uint8_t { system, user, assistant, tool };

/// "system", "user", "assistant", "tool".
[[nodiscard]] std::string_view name_of(role r);

/// A call as the model made it.
struct tool_call {
  std::string name;             // may be empty or unknown
  std::string arguments{"{}"};  // always the text of one JSON object, not yet checked
  std::string call_id;          // the model's; unique within its reply at most, may be empty
  bool truncated = false;       // the arguments did not parse to an object: never executed
  friend bool operator==(const tool_call&, const tool_call&) = default;
};

struct artifact {
  std::string workspace_path;
  std::string mime_type;
  std::uint64_t size_bytes = 0;
  bool rendered_inline = false;
  bool ai_generated = true;
  friend bool operator==(const artifact&, const artifact&) = default;
};

/// What a tool answers. A failure is data for the model, not a failure of ours.
struct tool_result {
  std::string content;  // UTF-8, at most 256 KiB
  bool is_error = false;
  bool truncated = false;                       // the tool shortened it
  std::string data;                             // text of a JSON object for programs, or empty
  std::map<std::string, std::string> metadata;  // likewise
  std::vector<artifact> artifacts;
  std::string call_id;    // empty unless the tool set it
  std::string tool_name;  // empty unless the tool set it: then the call's name counts
  friend bool operator==(const tool_result&, const tool_result&) = default;
};

/// How many tokens a message takes as "role: content", alone and with a line feed behind it.
/// Sums of these give the size of a whole context exactly (spec runtime §17).
struct message_size {
  std::uint32_t alone = 0;
  std::uint32_t followed = 0;
  friend bool operator==(const message_size&, const message_size&) = default;
};

enum class message_kind : std::uint8_t {
  plain,
  step_compaction,  // the summary that stands for the dropped middle of a run
  history_summary,  // the summary that stands for the beginning of a conversation
};

enum class image_type : std::uint8_t { png, jpeg, webp, gif };

/// "image/png", "image/jpeg", "image/webp", "image/gif".
[[nodiscard]] std::string_view name_of(image_type t);

/// None for every other media type; case counts.
[[nodiscard]] std::optional<image_type> image_type_of(std::string_view media_type);

/// An image beside a user's text. What is stored says where it lies; the bytes are read for one
/// call and never written down.
struct image_block {
  std::string workspace_path;
  image_type type = image_type::png;
  shared_text bytes;  // of the file; empty: not read
  friend bool operator==(const image_block&, const image_block&) = default;
};

/// Thinking that its vendor signed and wants back, unchanged, with the results of the calls that
/// it led to. For the wire that received it; to everybody else it is opaque.
struct sealed_thinking {
  std::string by;      // "provider/model" that signed it: nobody else takes it
  std::string blocks;  // in that vendor's form; empty: there is none
  friend bool operator==(const sealed_thinking&, const sealed_thinking&) = default;
};

struct message {
  role from = role::user;
  message_kind kind = message_kind::plain;
  shared_text content;
  message_size size;
  std::vector<tool_call> calls;       // assistant only
  std::string call_id;                // tool only: of the call that this answers
  std::string tool_name;              // tool only
  bool is_error = false;              // tool only
  std::vector<image_block> images{};  // user only: behind the text, in this order
  sealed_thinking thinking{};         // assistant only, and only beside calls
  friend bool operator==(const message&, const message&) = default;
};

/// A prompt: oldest first. Messages are shared, so a snapshot copies references only.
using message_ptr = std::shared_ptr<const message>;
using message_list = std::vector<message_ptr>;

/// What a call cost. `estimated`: the provider reported nothing and we counted.
struct token_usage {
  std::uint64_t prompt = 0;
  std::uint64_t completion = 0;
  bool estimated = false;
  std::uint64_t cache_read = 0;   // of `prompt`: what the provider had kept
  std::uint64_t cache_write = 0;  // of `prompt`: what it kept for later
  friend bool operator==(const token_usage&, const token_usage&) = default;
};

enum class finish_reason : std::uint8_t { stop, tool_calls, length, other };

/// One finished answer of a model.
struct model_reply {
  std::string text;
  std::string reasoning;         // thinking text, to be shown
  std::vector<tool_call> calls;  // at most 64
  token_usage usage;
  finish_reason finish = finish_reason::stop;
  double latency_ms = 0;  // wall clock of this call only
  message_size size;      // of {assistant, text}
  sealed_thinking thinking{};
  friend bool operator==(const model_reply&, const model_reply&) = default;
};

}  // namespace persona_runtime
