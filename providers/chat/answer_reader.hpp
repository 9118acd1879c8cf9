#pragma once
#include "providers/chat/answer_parts.hpp"
#include "providers/chat/chat_provider.hpp"

#include <string_view>

namespace persona_runtime {

/// Reads the body of a 200, in any pieces. Knows one vendor's protocol and nothing of sockets. One
/// thread; equal bytes give an equal outcome however they are cut.
class answer_reader {
public:
  virtual ~answer_reader() = default;

  /// False: nothing more is needed, finish() tells the outcome: the end mark has come, or
  /// something is wrong.
  virtual bool feed(std::string_view bytes) = 0;
  /// After the last byte, or after feed() said false. Once.
  [[nodiscard]] virtual model_result<answer_parts> finish() = 0;

  /// Something of the answer itself has come.
  [[nodiscard]] virtual bool has_begun() const = 0;
  /// The endpoint has said why it stopped: whatever breaks now, the answer is whole.
  [[nodiscard]] virtual bool has_finished() const = 0;
  /// The end mark has come; what follows is the end of the body.
  [[nodiscard]] virtual bool is_done() const = 0;
};

}  // namespace persona_runtime
