#include "tests/cases/row_rules.hpp"

#include "tests/cases/case_text.hpp"
#include "tests/cases/tool_rows.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

bool is_event(const json::value& row, std::string_view type) {
  return row.at("kind").as_string() == "event" && row.at("type").as_string() == type;
}

bool is_step_call(const json::value& row) {
  return row.at("kind").as_string() == "model_call" && row.at("purpose").as_string() == "step";
}

template <class Change>
std::size_t each_message(json::array& rows, Change&& change) {
  auto changed = std::size_t{0};
  for (auto& row : rows) {
    if (row.at("kind").as_string() != "model_call")
      continue;
    for (auto& m : row.as_object().at("messages").as_array())
      changed += change(m.as_object()) ? 1 : 0;
  }
  return changed;
}

/// The recorded system message, which ends with the task: of the first request, or, when there was
/// only a summary of nothing, in what that is made from.
std::string recorded_floor(const json::array& rows) {
  const auto first = std::ranges::find_if(
    rows, [](const json::value& row) { return row.at("kind").as_string() == "model_call"; });
  if (first == rows.end())
    return {};
  const auto& messages = first->at("messages").as_array();
  const auto& shown = messages.at(is_step_call(*first) ? 0 : 1).as_object();
  const auto* text = shown.if_contains("text");
  if (text == nullptr)
    return {};
  const auto whole = std::string{text->as_string()};
  return is_step_call(*first) ? whole : replaced(whole, "system: ", "");
}

json::object plain_message(std::string_view role, const std::string& text) {
  auto m = shown_text(text);
  m["role"] = role;
  return m;
}

/// D-6: the task is a message of its own, also in what a summary is made from.
std::size_t task_as_message(const json::object& scenario, json::array& rows) {
  const auto task = text_of(scenario.at("task"));
  const auto floor = recorded_floor(rows);
  auto changed = std::size_t{0};
  for (auto& row : rows) {
    if (!is_step_call(row))
      continue;
    auto& messages = row.as_object().at("messages").as_array();
    messages.erase(messages.begin());
    messages.insert(messages.begin(), plain_message("user", task));
    messages.insert(messages.begin(), plain_message("system", "⟦floor⟧"));
    ++changed;
  }
  changed += each_message(rows, [&](json::object& m) {
    auto* text = m.if_contains("text");
    if (text == nullptr || floor.empty())
      return false;
    const auto now = replaced(std::string{text->as_string()}, floor, "⟦floor⟧\nuser: " + task);
    const auto other = now != std::string_view{text->as_string()};
    *text = now;
    return other;
  });
  return changed;
}

/// What use_skill leads to.
bool is_about_skill(const json::object& m) {
  const auto* text = m.if_contains("text");
  if (text == nullptr)
    text = m.if_contains("head");
  return m.at("role").as_string() == "system"
         && (text->as_string().starts_with("Activated skill '")
             || text->as_string().starts_with("Skill '"));
}

/// D-6: what the runtime says comes from the user.
std::size_t nudges_from_user(const json::object&, json::array& rows) {
  return each_message(rows, [](json::object& m) {
    const auto* text = m.if_contains("text");
    const auto is_nudge = text != nullptr && text->as_string() == "⟦HALLUCINATION_NUDGE⟧";
    if (!is_nudge && !is_about_skill(m))
      return false;
    m["role"] = "user";
    return true;
  });
}

/// contract §6: a question has an id, and its answer names it.
std::size_t question_ids(const json::object&, json::array& rows) {
  auto changed = std::size_t{0};
  for (auto& row : rows) {
    if (!is_event(row, "asking_user") && !is_event(row, "user_responded"))
      continue;
    const auto step = std::to_string(row.at("step").as_int64());
    row.as_object().at("data").as_object()["question_id"] = "q_" + step;
    ++changed;
  }
  return changed;
}

json::object run_part(const json::object& recorded) {
  auto row = recorded;
  row.erase("n");
  row.erase("mode");
  if (auto* messages = row.if_contains("messages")) {
    for (auto& m : messages->as_array())
      drop_measures(m.as_object());
  }
  return row;
}

}  // namespace

void drop_measures(json::object& text) {
  const auto labelled = [&](const char* name) {
    const auto* part = text.if_contains(name);
    return part != nullptr && has_label(part->as_string());
  };
  if (labelled("text") || labelled("head") || labelled("tail")) {
    text.erase("len");
    text.erase("sha");
  }
}

const row_book& run_rows() {
  static const auto book = row_book{{{"episode_ids", episode_ids},
                                     {"named_results", named_results},
                                     {"neutral_results", neutral_results},
                                     {"nudges_from_user", nudges_from_user},
                                     {"parallel_calls", parallel_calls},
                                     {"question_ids", question_ids},
                                     {"task_as_message", task_as_message}},
                                    [](const json::object&) { return false; },
                                    run_part};
  return book;
}

}  // namespace persona_runtime::test
