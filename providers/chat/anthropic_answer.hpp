#pragma once
// One answer of Anthropic's Messages endpoint (spec routing §8.3, §8.4).

#include "providers/chat/answer_documents.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// `sink` may be null and outlives this; it gets text and thinking as soon as they are known.
/// Prompt tokens are those that were read from the endpoint's cache, written to it, and neither.
/// Thinking that led to calls is kept as it was signed, for anthropic_request_body.
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
  /// A block of thinking, or what the endpoint encrypted of it.
  struct thought {
    std::uint64_t index = 0;
    std::string text{};
    std::string signature{};
    std::string encrypted{};
  };

  bool read_event(std::string_view json, event& e);
  bool take(const event& e);
  bool begin_block(const event& e);
  bool grow_block(const event& e);
  bool think(const event& e);
  [[nodiscard]] sealed_thinking sealed() const;

  answer_builder parts_;
  std::vector<thought> thoughts_;
  token_usage fresh_;  // the prompt without what has to do with the cache
};

}  // namespace persona_runtime
