#pragma once
// One answer of Anthropic's Messages endpoint (spec routing §8.3, §8.4).

#include "providers/chat/answer_documents.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// `sink` may be null and outlives this; it gets text and thinking as soon as they are known.
/// Prompt tokens are those that were read from the endpoint's cache, written to it, and neither.
class anthropic_answer final : public answer_documents {
public:
  anthropic_answer(std::string provider, std::string model, text_sink* sink)
    : parts_{std::move(provider), std::move(model), sink} {}

  bool add_event(std::string_view json) override;
  bool add_whole(std::string_view json) override;
  model_result<answer_parts> finish() override;
  const answer_builder& parts() const override { return parts_; }

private:
  struct event;

  bool read_event(std::string_view json, event& e);
  bool take(const event& e);
  bool begin_block(const event& e);
  bool grow_block(const event& e);
  void keep_usage();

  answer_builder parts_;
  std::uint64_t prompt_ = 0;
  std::uint64_t completion_ = 0;
  bool has_usage_ = false;
};

}  // namespace persona_runtime
