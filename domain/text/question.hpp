#pragma once
// Questions to the user: when two are the same one, and what they are asked with (spec runtime
// §11.2, §11.3).

#include <array>
#include <string>
#include <string_view>

namespace persona_runtime {

/// One of the three answers that are offered.
struct question_option {
  std::string label;        // not empty
  std::string description;  // may be empty
  friend bool operator==(const question_option&, const question_option&) = default;
};

/// A question with three options; any other answer is welcome too.
struct question_form {
  std::string question;  // not empty
  std::array<question_option, 3> options;
  bool allow_free_form = true;
  friend bool operator==(const question_form&, const question_form&) = default;
};

/// Equal for questions that differ only in case, white space and marks at the ends. The key of
/// registries; may be empty.
[[nodiscard]] std::string normalised_question(std::string_view question);

/// True for "no", "nb", "nn", "nob" in any case.
[[nodiscard]] bool is_norwegian(std::string_view language);

/// The question unchanged with yes / no / let me explain in `language`. An empty (or blank)
/// question becomes generic_question().
[[nodiscard]] question_form default_question(std::string_view question, std::string_view language);

/// What is asked when a model wants to ask but does not say what (D-5).
[[nodiscard]] std::string_view generic_question(std::string_view language);

}  // namespace persona_runtime
