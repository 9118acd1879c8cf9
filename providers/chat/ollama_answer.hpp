#pragma once
// One answer of an Ollama server (spec routing §9).

#include "providers/chat/answer_documents.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// `sink` may be null and outlives this; it gets text and thinking as soon as they are known.
/// Calls come whole and without ids: each is one of its own.
class ollama_answer final : public answer_documents {
public:
  ollama_answer(std::string provider, std::string model, text_sink* sink)
    : parts_{std::move(provider), std::move(model), sink} {}

  bool add_event(std::string_view json) override;
  bool add_whole(std::string_view json) override { return add_event(json); }
  model_result<answer_parts> finish() override;
  const answer_builder& parts() const override { return parts_; }

private:
  answer_builder parts_;
  std::uint64_t calls_ = 0;
};

}  // namespace persona_runtime
