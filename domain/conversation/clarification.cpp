#include "domain/conversation/clarification.hpp"

#include "domain/text/json_text.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <array>
#include <utility>

namespace persona_runtime {
namespace {

std::string labels_of(const question_form& form) {
  auto out = std::string{};
  for (const auto& option : form.options)
    out.append(out.empty() ? "" : ", ").append(option.label);
  return out;
}

failure invalid_answer(const question_form& form, std::string_view answer) {
  constexpr auto shown_characters = std::size_t{120};
  return {errc::validation_error, "not an answer to the question [answer="
                                    + std::string{first_characters(answer, shown_characters)}
                                    + " options=" + labels_of(form) + " allow_free_form="
                                    + (form.allow_free_form ? "True" : "False") + ']'};
}

/// What is missing, in Norwegian and as a definite noun.
std::string_view norwegian_noun(std::string_view missing) {
  constexpr auto nouns =
    std::array<std::pair<std::string_view, std::string_view>, 5>{{{"recipient", "mottakeren"},
                                                                  {"time", "tidspunktet"},
                                                                  {"amount", "beløpet"},
                                                                  {"subject", "emnet"},
                                                                  {"target", "målet"}}};
  for (const auto& [english, norwegian] : nouns) {
    if (english == missing)
      return norwegian;
  }
  return "opplysningen";
}

question_form form_of(std::string question, std::array<std::string_view, 3> labels) {
  auto form = question_form{std::move(question), {}};
  for (auto i = std::size_t{0}; i < labels.size(); ++i)
    form.options.at(i).label = labels.at(i);
  return form;
}

question_form english_question(const ambiguity_signal& signal) {
  const auto& missing = signal.missing_element;
  switch (signal.kind) {
  case ambiguity_class::safety_critical_gap:
    return form_of("This could change the " + missing
                     + " for good and may not be undone. How should I go on?",
                   {"Go ahead", "Cancel", "First show me what is affected"});
  case ambiguity_class::missing_parameter:
    return form_of("One detail is missing: what is the " + missing + '?',
                   {"I will give it", "Use your judgement", "Wait"});
  default:
    return form_of("Before I start: what should I focus on?",
                   {"I will describe it", "Use your judgement", "Let me narrow it down"});
  }
}

question_form norwegian_question(const ambiguity_signal& signal) {
  const auto missing = std::string{norwegian_noun(signal.missing_element)};
  switch (signal.kind) {
  case ambiguity_class::safety_critical_gap:
    return form_of("Dette kan endre " + missing
                     + " for godt og kan kanskje ikke angres. Hvordan skal jeg gå videre?",
                   {"Gjør det", "Avbryt", "Vis meg først hva det gjelder"});
  case ambiguity_class::missing_parameter:
    return form_of("Jeg mangler én ting: Hva er " + missing + '?',
                   {"Jeg oppgir det", "Bruk skjønn", "Vent"});
  default:
    return form_of("Før jeg begynner: Hva skal jeg legge vekt på?",
                   {"Jeg beskriver det", "Bruk skjønn", "La meg avgrense det"});
  }
}

}  // namespace

bool question_registry::seen(std::string_view question) const {
  return answers_.contains(normalised_question(question));
}

std::optional<std::string> question_registry::answer_for(std::string_view question) const {
  const auto found = answers_.find(normalised_question(question));
  return found == answers_.end() ? std::nullopt : found->second;
}

void question_registry::record(std::string_view question, std::optional<std::string> answer) {
  auto& known = answers_[normalised_question(question)];
  if (answer)
    known = std::move(answer);
}

question_registry questions_asked(const conversation& c) {
  auto out = question_registry{};
  for (const auto& m : c.messages) {
    if (is_proactive_question(m))
      out.record(text_of(m));
  }
  return out;
}

result<question_form> checked(question_form form) {
  if (form.question.empty())
    return failure{errc::validation_error, "a question without text"};
  for (const auto& option : form.options) {
    if (option.label.empty())
      return failure{errc::validation_error, "a question needs exactly 3 options with a label"};
  }
  return form;
}

result<std::string> validated_answer(const question_form& form, std::string_view answer) {
  const auto trimmed = stripped(answer);
  const auto folded = case_folded(trimmed);
  for (const auto& option : form.options) {
    if (case_folded(option.label) == folded)
      return option.label;
  }
  if (trimmed.empty() || !form.allow_free_form)
    return invalid_answer(form, answer);
  return std::string{trimmed};
}

void append_question(std::string& out, const question_form& form) {
  auto o = json_writer{out};
  o.text("question", form.question);
  append_json_list(o.key("options"), form.options,
                   [](std::string& to, const question_option& option) {
                     auto item = json_writer{to};
                     item.text("label", option.label).text("description", option.description);
                     item.close();
                   });
  o.flag("allow_free_form", form.allow_free_form).close();
}

question_form clarifying_question(const ambiguity_signal& signal, std::string_view language) {
  return is_norwegian(language) ? norwegian_question(signal) : english_question(signal);
}

clarification decide_clarification(std::string_view message, const conversation& c, autonomy level,
                                   std::string_view language, const ambiguity_table& table) {
  auto context = ambiguity_context{};
  context.has_prior_context = !c.messages.empty();
  context.previous_was_question = !c.messages.empty() && is_proactive_question(c.messages.back());
  auto out = clarification{};
  out.signal = detect_ambiguity(message, context, table);
  if (!out.signal)
    return out;
  if (!asks_about(level, out.signal->kind)) {
    out.kind = clarification_kind::assume;
    return out;
  }
  auto question = clarifying_question(*out.signal, language);
  if (questions_asked(c).seen(question.question)) {
    out.repeated = true;
    return out;
  }
  out.kind = clarification_kind::ask;
  out.question = std::move(question);
  return out;
}

}  // namespace persona_runtime
