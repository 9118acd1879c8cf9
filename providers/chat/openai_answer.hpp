#pragma once
// One answer of an OpenAI-shaped endpoint, put together from the JSON documents it comes in.

#include "providers/chat/answer_builder.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// Takes documents until one is bad or the endpoint reports an error. `sink` may be null and
/// outlives this; it gets text as soon as it is known. One thread.
class openai_answer {
public:
  openai_answer(std::string provider, std::string model, text_sink* sink)
    : parts_{std::move(provider), std::move(model), sink} {}

  /// One event of a stream. False: finish() says why, and nothing more may be given.
  bool add_chunk(std::string_view json);
  /// A whole answer that came without a stream.
  bool add_whole(std::string_view json);
  /// The stream's own end mark has come.
  void mark_done() { parts_.mark_done(); }

  /// After the last document. The parts, or why they do not make an answer.
  model_result<answer_parts> finish();

  [[nodiscard]] const answer_builder& parts() const { return parts_; }

private:
  bool read(std::string_view json, bool whole);

  answer_builder parts_;
  bool has_choices_ = false;  // some document had the field
};

}  // namespace persona_runtime
