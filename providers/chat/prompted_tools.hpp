#pragma once
// Tools for models that know none: they are asked in words to write their calls as JSON objects,
// and the objects are taken out of what they write (spec routing §11).

#include "providers/chat/answer_parts.hpp"
#include "providers/chat/chat_provider.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// What such a model is told about `tools`; empty for none.
[[nodiscard]] std::string prompted_tools_text(const std::vector<tool_definition>& tools);

/// The same request in words alone. If tools are offered and may be called, what they are stands
/// behind the first message's text, which must be the system's, or in one before it; calls and
/// results of earlier steps stand where they stood, as text. No `tools` are left.
[[nodiscard]] chat_request in_words(chat_request request);

/// Text as the model's user may see it, and the calls that stood in it.
struct prompted_piece {
  std::string text;
  std::vector<tool_call> calls;  // with the ids shim-1, shim-2, … in order
};

/// Takes calls out of a text that comes in any pieces; equal texts give an equal outcome however
/// they are cut. A call is an outermost {"tool": name, "args": object}; whatever else stands in
/// braces is text. One thread. Holds back at most an open group of up to 1 MiB.
class prompted_parser {
public:
  /// Appends what `fragment` makes certain.
  void feed(std::string_view fragment, prompted_piece& out);
  /// After the last piece: what is held back is text.
  void finish(prompted_piece& out);

private:
  void take(char c, prompted_piece& out);
  void close_group(prompted_piece& out);
  void let_go(prompted_piece& out);

  std::string group_;      // the open group so far, as long as it may become a call
  std::size_t depth_ = 0;  // of braces
  bool in_string_ = false;
  bool escaped_ = false;
  bool is_begun_ = false;  // the open group's first sign has come
  bool is_text_ = false;   // the open group is no call: it is not held back
  std::size_t calls_ = 0;
};

/// Stands before a reply's sink and keeps the calls for its end.
class prompted_sink final : public text_sink {
public:
  explicit prompted_sink(std::shared_ptr<text_sink> to) : to_{std::move(to)} {}

  void on_text(std::string_view delta) override;
  void on_reasoning(std::string_view delta) override;
  void on_unshown(std::size_t bytes) override;

  /// After the last piece: puts text and calls in the place of `parts`'s text.
  void finish(answer_parts& parts);

private:
  void pass_on(std::string_view text);

  std::shared_ptr<text_sink> to_;  // may be null
  prompted_parser parser_;
  prompted_piece all_;
};

}  // namespace persona_runtime
