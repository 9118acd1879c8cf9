#pragma once
// One answer of an OpenAI-shaped endpoint, put together from the JSON documents it comes in.

#include "providers/chat/chat_provider.hpp"
#include "providers/chat/provider_errors.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

inline constexpr std::size_t reply_bytes_max = 8u << 20;  // text, thinking and arguments together
/// Far above what one step carries out (64): a run answers each call beyond that by itself.
inline constexpr std::size_t reply_calls_max = 256;

/// What the endpoint said, before anything is counted.
struct openai_parts {
  std::string text;
  std::string reasoning;
  std::vector<tool_call> calls;      // in order of their first fragment
  std::optional<token_usage> usage;  // null: not reported
  finish_reason finish = finish_reason::stop;
  friend bool operator==(const openai_parts&, const openai_parts&) = default;
};

/// Takes documents until one is bad or the endpoint reports an error. `sink` may be null and
/// outlives the builder; it gets text as soon as it is known. One thread.
class openai_answer {
public:
  openai_answer(std::string provider, std::string model, text_sink* sink)
    : provider_{std::move(provider)}, model_{std::move(model)}, sink_{sink} {}

  /// One event of a stream. False: error() says why, and nothing more may be given.
  bool add_chunk(std::string_view json);
  /// A whole answer that came without a stream.
  bool add_whole(std::string_view json);
  /// The stream's own end mark has come.
  void mark_done() { done_ = true; }

  /// After the last document. The parts, or why they do not make an answer.
  model_result<openai_parts> finish();

  /// Something of the answer itself has come.
  [[nodiscard]] bool has_begun() const { return begun_; }
  [[nodiscard]] bool has_finished() const { return !finish_.empty() && !error_; }
  [[nodiscard]] bool is_done() const { return done_; }

private:
  friend class openai_document;

  struct call_parts {
    std::uint64_t index = 0;
    std::string id;
    std::string name;
    std::string arguments;
  };
  struct call_fragment {
    std::optional<std::uint64_t> index;
    std::string_view id;
    std::string_view name;
    std::string_view arguments;
  };

  bool read(std::string_view json, bool whole);
  bool add_text(std::string_view delta);
  bool add_reasoning(std::string_view delta);
  bool add_call(const call_fragment& fragment);
  bool grow(std::size_t bytes);
  bool fail(model_error error);
  call_parts* call_of(const call_fragment& fragment);
  [[nodiscard]] std::vector<tool_call> take_calls();

  std::string provider_;
  std::string model_;
  text_sink* sink_;
  openai_parts parts_;
  std::vector<call_parts> calls_;
  std::string finish_;  // as sent
  std::optional<model_error> error_;
  std::size_t bytes_ = 0;
  bool done_ = false;
  bool begun_ = false;
  bool has_choices_ = false;  // some document had the field
};

/// What the body of an answer that is no 200 says; empty words when it is not JSON.
[[nodiscard]] error_words error_words_of(std::string_view body);

}  // namespace persona_runtime
