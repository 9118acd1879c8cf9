#include "bootstrap/cli/question_prompt.hpp"

#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <istream>
#include <ostream>

namespace persona_runtime::cli {
namespace {

constexpr auto options_max = std::size_t{9};  // one digit picks one

/// One line without its end; none when there is nothing left.
std::optional<std::string> read_line(std::istream& in) {
  auto line = std::string{};
  auto c = char{};
  auto has_any = false;
  while (in.get(c)) {
    has_any = true;
    if (c == '\n')
      break;
    if (line.size() < answer_bytes_max)
      line += c;
  }
  if (!has_any)
    return std::nullopt;
  if (line.ends_with('\r'))
    line.pop_back();
  return line;
}

std::vector<question_option> options_of(const json::object& data) {
  auto out = std::vector<question_option>{};
  const auto* options = list_at(data, "options");
  for (std::size_t i = 0; options != nullptr && i < std::min(options->size(), options_max); ++i)
    if (const auto* option = (*options)[i].if_object())
      out.push_back(
        {std::string{text_at(*option, "label")}, std::string{text_at(*option, "description")}});
  return out;
}

}  // namespace

std::optional<asked_question> question_of(std::string_view event_json) {
  const auto event = object_of(event_json);
  if (!event || text_at(*event, "type") != "asking_user")
    return std::nullopt;
  const auto* data = object_at(*event, "data");
  if (data == nullptr)
    return std::nullopt;
  return asked_question{std::string{text_at(*data, "question_id")},
                        std::string{text_at(*data, "question")}, options_of(*data)};
}

void put(const asked_question& question, std::ostream& out) {
  out << '\n' << safe_text(stripped(question.question)) << '\n';
  for (std::size_t i = 0; i < question.options.size(); ++i) {
    const auto& option = question.options[i];
    out << "  " << i + 1 << ". " << safe_line(option.label);
    if (!option.description.empty())
      out << " - " << safe_line(option.description);
    out << '\n';
  }
  if (question.options.empty())
    out << "Your answer: ";
  else
    out << "Number, or an answer of your own: ";
  out << std::flush;
}

std::string answer_of(const asked_question& question, std::string line) {
  const auto choice = stripped(line);
  if (choice.size() == 1 && choice[0] >= '1' && choice[0] <= '9') {
    const auto index = static_cast<std::size_t>(choice[0] - '1');
    if (index < question.options.size())
      return question.options[index].label;
  }
  return line;
}

std::optional<std::string> ask(const asked_question& question, std::istream& in,
                               std::ostream& out) {
  put(question, out);
  auto line = read_line(in);
  if (!line)
    return std::nullopt;
  return answer_of(question, std::move(*line));
}

}  // namespace persona_runtime::cli
