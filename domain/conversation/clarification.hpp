#pragma once
// Asking back before a turn begins: which question, with which three answers, or none (spec
// runtime §6.3, §11).

#include "domain/conversation/ambiguity.hpp"
#include "domain/conversation/conversation.hpp"
#include "domain/text/question.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Which questions were asked, and what was answered. Equal ones (normalised) count once.
class question_registry {
public:
  [[nodiscard]] bool seen(std::string_view question) const;
  /// None: unknown, or not answered.
  [[nodiscard]] std::optional<std::string> answer_for(std::string_view question) const;
  /// An answer fills in or replaces; none never erases one.
  void record(std::string_view question, std::optional<std::string> answer = {});
  [[nodiscard]] std::size_t size() const { return answers_.size(); }

private:
  std::map<std::string, std::optional<std::string>> answers_;  // by normalised question
};

/// The questions that a conversation has asked already.
[[nodiscard]] question_registry questions_asked(const conversation& c);

/// The form itself unless a text that must not be empty is.
[[nodiscard]] result<question_form> checked(question_form form);

/// A label in its own casing when the answer, trimmed, is one; else the trimmed answer when any
/// text is welcome. A blank or unwelcome answer is an error that names the labels.
[[nodiscard]] result<std::string> validated_answer(const question_form& form,
                                                   std::string_view answer);

/// {"question","options":[{"label","description"}…],"allow_free_form"}: data of `asking_user`.
void append_question(std::string& out, const question_form& form);

/// The question about what a message leaves open: by class, what is missing, and language alone.
[[nodiscard]] question_form clarifying_question(const ambiguity_signal& signal,
                                                std::string_view language);

/// What a turn does about an ambiguous message.
enum class clarification_kind : std::uint8_t {
  none,    // nothing is unclear, or it was asked before (`repeated`)
  assume,  // answer, told to say which assumption was made
  ask,     // ask, and end the turn
};

struct clarification {
  clarification_kind kind = clarification_kind::none;
  std::optional<ambiguity_signal> signal{};  // what was found; none: nothing
  question_form question{};                  // kind ask only
  bool repeated = false;                     // not asked, because it was asked before
};

/// Decides it (spec §6.3). `level` is the effective one; `language` is the persona's.
[[nodiscard]] clarification decide_clarification(std::string_view message, const conversation& c,
                                                 autonomy level, std::string_view language,
                                                 const ambiguity_table& table);

}  // namespace persona_runtime
