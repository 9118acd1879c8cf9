#pragma once
#include "providers/chat/answer_builder.hpp"

#include <string_view>

namespace persona_runtime {

/// One vendor's JSON documents, which make up an answer. One thread.
class answer_documents {
public:
  virtual ~answer_documents() = default;

  /// One event or line of a stream. False: nothing more is needed, or something is wrong; finish()
  /// tells.
  virtual bool add_event(std::string_view json) = 0;
  /// A whole answer that came without a stream. False: something is wrong.
  virtual bool add_whole(std::string_view json) = 0;
  /// After the last document. The parts, or why they do not make an answer.
  [[nodiscard]] virtual model_result<answer_parts> finish() = 0;

  [[nodiscard]] virtual const answer_builder& parts() const = 0;
};

}  // namespace persona_runtime
