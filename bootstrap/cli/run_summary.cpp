#include "bootstrap/cli/run_summary.hpp"

#include "bootstrap/cli/figures.hpp"
#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime::cli {
namespace {

constexpr auto models_shown = std::size_t{32};

std::string in_bold(std::string_view text, bool colour) {
  return colour ? "\x1b[1m" + std::string{text} + "\x1b[0m" : std::string{text};
}

void add_row(std::string& out, std::string_view label, std::string_view text) {
  out.append(label).append(std::max<std::size_t>(label.size() + 1, 10) - label.size(), ' ');
  out.append(safe_line(text)).append("\n");
}

std::string tokens_text(const json::object& usage) {
  const auto prompt = number_at(usage, "prompt_tokens").value_or(0);
  const auto completion = number_at(usage, "completion_tokens").value_or(0);
  const auto how = flag_at(usage, "estimated") ? ", partly our estimate" : "";
  return count_of(prompt + completion, "token") + " (" + figure(prompt) + " in, "
         + figure(completion) + " out" + how + ")";
}

std::string cost_text(const json::object& usage) {
  const auto cents = number_at(usage, "cost_cents");
  return cents ? count_of(*cents, "US cent") : std::string{"price unknown"};
}

bool is_stand_in(std::string_view model) {
  return model == "rehearsal" || model.starts_with("rehearsal/");
}

std::string time_text(const json::object& status) {
  const auto from = instant_of(text_at(status, "started_at"));
  const auto to = instant_of(text_at(status, "finished_at"));
  if (!from || !to || to->value < from->value)
    return {};
  return figure(static_cast<double>(to->value - from->value) / 1000.0) + " s";
}

void add_usage(std::string& out, const json::object& usage) {
  add_row(out, "calls", count_of(number_at(usage, "model_calls").value_or(0), "model call"));
  add_row(out, "tokens", tokens_text(usage));
  add_row(out, "cost", cost_text(usage));
  const auto* models = object_at(usage, "by_model");
  auto shown = std::size_t{0};
  auto stand_in = false;
  for (std::size_t i = 0; models != nullptr && i < models->size(); ++i) {
    const auto& entry = *(models->begin() + static_cast<std::ptrdiff_t>(i));
    const auto name = std::string_view{entry.key().data(), entry.key().size()};
    stand_in = stand_in || is_stand_in(name);
    const auto* row = entry.value().if_object();
    if (row == nullptr || ++shown > models_shown)
      continue;
    auto text = std::string{name};
    if (models->size() > 1)
      text += ": " + count_of(number_at(*row, "model_calls").value_or(0), "call") + ", "
              + tokens_text(*row) + ", " + cost_text(*row);
    add_row(out, "model", text);
  }
  if (stand_in)
    add_row(out, "note",
            "\"rehearsal\" is the built-in stand-in: it follows fixed rules and is no language "
            "model. For real answers set PERSONA_PROVIDER, PERSONA_MODEL and PERSONA_API_KEY.");
}

}  // namespace

std::string answer_lines(std::string_view output, bool colour) {
  const auto text = safe_text(stripped(output));
  if (text.empty())
    return "\n" + in_bold("No answer", colour) + "\n\n";
  return "\n" + in_bold("Answer", colour) + "\n\n" + text + "\n\n";
}

std::string summary_lines(std::string_view run_status_json, bool colour) {
  const auto status = object_of(run_status_json);
  if (!status || text_at(*status, "status").empty())
    return "The status of the run cannot be read: it is not the JSON of a run.\n";
  auto out = answer_lines(text_at(*status, "output"), colour);
  add_row(out, "status", text_at(*status, "status"));
  if (const auto error = text_at(*status, "error"); !error.empty())
    add_row(out, "error", error);
  if (const auto* steps = list_at(*status, "steps"))
    add_row(out, "steps", figure(static_cast<double>(steps->size())));
  if (const auto* usage = object_at(*status, "usage"))
    add_usage(out, *usage);
  if (const auto time = time_text(*status); !time.empty())
    add_row(out, "time", time);
  return out;
}

}  // namespace persona_runtime::cli
