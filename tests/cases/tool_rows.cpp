#include "tests/cases/tool_rows.hpp"

#include "tests/cases/case_fields.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

bool is_event(const json::object& row, std::string_view type) {
  const auto* found = row.if_contains("type");
  return found != nullptr && found->is_string() && found->as_string() == type;
}

bool is_of_tools(const json::object& row) {
  return row.at("kind").as_string() == "tool_exec" || is_event(row, "activity_start")
         || is_event(row, "activity_end") || is_event(row, "tool_result");
}

bool is_offered(const json::object& scenario, std::string_view name) {
  const auto* allowed = scenario.if_contains("allow_list");
  const auto lists_all = allowed == nullptr || allowed->is_null();
  return tool_in(scenario, name) != nullptr
         && (lists_all || std::ranges::any_of(allowed->as_array(), [&](const json::value& each) {
               return each.as_string() == name;
             }));
}

/// The rows of one call.
struct call_rows {
  json::array start, exec, end;

  /// Whether the engine itself answers the call, which it does before any tool starts.
  [[nodiscard]] bool is_refused(const json::object& scenario) const {
    if (end.empty())
      return false;
    const auto& data = end.back().at("data").as_object();
    if (!data.contains("tool_name"))
      return false;  // the recorded run was lost before the result
    const auto* content = data.contains("content") ? data.at("content").if_string() : nullptr;
    return !is_offered(scenario, data.at("tool_name").as_string())
           || (content != nullptr && content->starts_with("⟦TRUNCATED_CALL"));
  }
};

std::vector<call_rows> grouped(const json::array& round) {
  auto groups = std::vector<call_rows>{};
  for (const auto& item : round) {
    const auto& row = item.as_object();
    const auto is_start = is_event(row, "activity_start");
    const auto is_new = groups.empty() || is_start
                        || (!groups.back().end.empty()
                            && is_event(groups.back().end.back().as_object(), "tool_result"));
    if (is_new)
      groups.emplace_back();
    auto& group = groups.back();
    const auto is_exec = row.at("kind").as_string() == "tool_exec";
    (is_start ? group.start : is_exec ? group.exec : group.end).push_back(item);
  }
  return groups;
}

json::array regrouped(const json::object& scenario, const json::array& round) {
  const auto groups = grouped(round);
  auto out = json::array{};
  const auto add = [&](bool refused, std::initializer_list<json::array call_rows::*> parts) {
    for (const auto& group : groups) {
      if (group.is_refused(scenario) != refused)
        continue;
      for (const auto part : parts)
        out.insert(out.end(), (group.*part).begin(), (group.*part).end());
    }
  };
  add(true, {&call_rows::start, &call_rows::exec, &call_rows::end});
  add(false, {&call_rows::start});
  add(false, {&call_rows::exec});
  add(false, {&call_rows::end});
  return out;
}

void renumber(json::array& rows) {
  auto ids = std::map<std::string, std::string>{};
  for (auto& item : rows) {
    auto& row = item.as_object();
    if (row.at("kind").as_string() == "turn_start")
      ids.clear();
    auto* data = row.if_contains("data");
    auto* id = data == nullptr ? nullptr : data->as_object().if_contains("activity_id");
    if (id == nullptr)
      continue;
    const auto [known, fresh] =
      ids.emplace(std::string{id->as_string()}, "A" + std::to_string(ids.size() + 1));
    *id = known->second;
  }
}

}  // namespace

std::size_t named_results(const json::object&, json::array& rows) {
  auto changed = std::size_t{0};
  auto waiting = json::array{};
  for (auto& item : rows) {
    auto& row = item.as_object();
    if (is_event(row, "tool_calling"))
      waiting = row.at("data").at("tool_calls").as_array();
    if (!is_event(row, "tool_result"))
      continue;
    auto& data = row.at("data").as_object();
    const auto call = std::ranges::find_if(waiting, [&](const json::value& each) {
      return each.at("name").as_string() == data.at("tool_name").as_string();
    });
    if (call == waiting.end())
      continue;
    data["call_id"] = call->at("call_id");
    waiting.erase(call);
    ++changed;
  }
  return changed;
}

std::size_t parallel_calls(const json::object& scenario, json::array& rows) {
  auto out = json::array{};
  auto changed = std::size_t{0};
  for (auto i = std::size_t{0}; i < rows.size(); ++i) {
    out.push_back(rows[i]);
    if (!is_event(rows[i].as_object(), "tool_calling"))
      continue;
    auto round = json::array{};
    while (i + 1 < rows.size() && is_of_tools(rows[i + 1].as_object()))
      round.push_back(rows[++i]);
    const auto now = regrouped(scenario, round);
    changed += now == round ? 0 : 1;
    out.insert(out.end(), now.begin(), now.end());
  }
  rows = std::move(out);
  renumber(rows);
  return changed;
}

std::size_t neutral_results(const json::object&, json::array& rows) {
  auto changed = std::size_t{0};
  for (auto& row : rows) {
    if (row.at("kind").as_string() != "model_call")
      continue;
    for (auto& m : row.as_object().at("messages").as_array()) {
      auto* metadata = m.as_object().if_contains("metadata");
      changed += metadata != nullptr ? metadata->as_object().erase("provider_format") : 0;
    }
  }
  return changed;
}

std::size_t episode_ids(const json::object&, json::array& rows) {
  auto changed = std::size_t{0};
  for (auto& item : rows) {
    auto& row = item.as_object();
    if (row.at("kind").as_string() != "store_write")
      continue;
    const auto id = std::string{row.at("id").as_string()};
    row["id"] = id.substr(0, id.rfind(':') + 1) + "<ulid>";
    ++changed;
  }
  return changed;
}

}  // namespace persona_runtime::test
