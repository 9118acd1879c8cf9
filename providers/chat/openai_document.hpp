#pragma once
// The fields of one document of an OpenAI-shaped answer. Private to openai_answer.

#include "providers/chat/answer_builder.hpp"
#include "providers/chat/json_walk.hpp"

namespace persona_runtime {

/// Walks over one document and hands what it finds to a builder. Every field is visited in the
/// order it stands in; unknown ones are passed over. All functions: false ends the answer.
class openai_document {
public:
  openai_document(answer_builder& to, bool whole) : to_{to}, whole_{whole} {}

  bool read(simdjson::ondemand::document& document);
  /// It had the field in which answers stand.
  [[nodiscard]] bool has_choices() const { return has_choices_; }
  /// Its text as it stands in the document, quotes included, when it said that and nothing else;
  /// else empty.
  [[nodiscard]] std::string_view only_text() const {
    return says_more_ ? std::string_view{} : text_;
  }

private:
  using value = simdjson::ondemand::value;

  bool read_usage(value v);
  bool read_choices(value v);
  bool read_choice(simdjson::ondemand::object choice);
  bool read_message(value v);
  bool read_text(value v);
  void note_text(std::string_view token);
  bool read_reasoning(value v, bool first_name);
  bool read_calls(value v);
  bool read_call(simdjson::ondemand::object call, std::uint64_t position);
  bool read_function(value v, call_fragment& fragment);
  bool read_error(value v);

  answer_builder& to_;
  bool whole_;
  bool has_choices_ = false;
  bool has_reasoning_ = false;
  std::string_view text_;  // of the first string with text
  bool says_more_ = false;
};

}  // namespace persona_runtime
