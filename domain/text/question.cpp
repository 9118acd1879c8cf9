#include "domain/text/question.hpp"

#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

bool is_word_at(std::string_view text, std::size_t at) {
  const utf8_step step = decode_at(text, at);
  return step.valid && is_word(step.code);
}

std::string_view without_outer_marks(std::string_view text) {
  while (!text.empty() && !is_word_at(text, 0))
    text.remove_prefix(decode_at(text, 0).bytes);
  while (!text.empty()) {
    const std::size_t last = border_at_or_before(text, text.size() - 1);
    if (is_word_at(text, last))
      break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

}  // namespace

std::string normalised_question(std::string_view question) {
  const std::string_view core = without_outer_marks(question);
  std::string out;
  bool in_blanks = false;
  for (std::size_t at = 0; at < core.size();) {
    const utf8_step step = decode_at(core, at);
    at += step.bytes;
    const bool blank = step.valid && is_blank(step.code);
    if (!blank)
      append_folded(out, step.code);
    else if (!in_blanks)
      out.push_back(' ');
    in_blanks = blank;
  }
  return out;
}

bool is_norwegian(std::string_view language) {
  std::string lower{language};
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return lower == "no" || lower == "nb" || lower == "nn" || lower == "nob";
}

question_form default_question(std::string_view question, std::string_view language) {
  question_form form;
  const bool blank = stripped(question).empty();
  form.question = std::string{blank ? generic_question(language) : question};
  if (is_norwegian(language))
    form.options = {{{"Ja", ""}, {"Nei", ""}, {"La meg forklare", ""}}};
  else
    form.options = {{{"Yes", ""}, {"No", ""}, {"Let me explain", ""}}};
  return form;
}

std::string_view generic_question(std::string_view language) {
  return is_norwegian(language)
           ? "Jeg trenger en opplysning til for å komme videre. Hva bør jeg vite?"
           : "I need one more detail to go on. What should I know?";
}

}  // namespace persona_runtime
