#pragma once
// One answer of an OpenAI-shaped endpoint, put together from the JSON documents it comes in.

#include "providers/chat/answer_documents.hpp"
#include "providers/chat/text_frame.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// `sink` may be null and outlives this; it gets text as soon as it is known.
class openai_answer final : public answer_documents {
public:
  openai_answer(std::string provider, std::string model, text_sink* sink)
    : parts_{std::move(provider), std::move(model), sink} {}

  bool add_event(std::string_view json) override;
  bool add_whole(std::string_view json) override;
  model_result<answer_parts> finish() override;
  const answer_builder& parts() const override { return parts_; }

private:
  bool read(std::string_view json, bool whole);

  answer_builder parts_;
  text_frame frame_;          // of the last event that only brought text
  bool has_choices_ = false;  // some document had the field
};

}  // namespace persona_runtime
