#include "tests/cases/row_rules.hpp"

#include <algorithm>
#include <map>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

bool is_event(const json::object& row, std::string_view type) {
  const auto* found = row.if_contains("type");
  return found != nullptr && found->as_string() == type;
}

template <class Change>
std::size_t each_sent(json::array& rows, const Change& change) {
  auto changed = std::size_t{0};
  for (auto& item : rows) {
    auto& row = item.as_object();
    if (row.at("kind").as_string() != "model_call")
      continue;
    for (auto& m : row.at("messages").as_array())
      changed += change(m.as_object()) ? 1 : 0;
  }
  return changed;
}

/// D-13: a result is neutral until an adapter sends it.
std::size_t chat_neutral_results(const json::object&, json::array& rows) {
  return each_sent(rows, [](json::object& m) {
    auto* metadata = m.if_contains("metadata");
    return metadata != nullptr && metadata->as_object().erase("provider_format") > 0;
  });
}

/// contract §6, Chat: what the runtime says behind the user's message comes from the user.
std::size_t notes_from_user(const json::object&, json::array& rows) {
  auto changed = std::size_t{0};
  for (auto& item : rows) {
    auto& row = item.as_object();
    if (row.at("kind").as_string() != "model_call" || row.at("purpose").as_string() != "step")
      continue;
    auto user_seen = false;
    for (auto& each : row.at("messages").as_array()) {
      auto& m = each.as_object();
      user_seen = user_seen || m.at("role").as_string() == "user";
      if (!user_seen || m.at("role").as_string() != "system")
        continue;
      m["role"] = "user";
      ++changed;
    }
  }
  return changed;
}

/// D-14: an episode is named by a ULID.
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

/// D-27: what a model without a known price costs is not known.
std::size_t unknown_prices(const json::object&, json::array& rows) {
  auto changed = std::size_t{0};
  for (auto& item : rows) {
    auto& row = item.as_object();
    if (row.at("kind").as_string() != "turn_log")
      continue;
    row.at("turn_log").as_object()["cost_cents"] = nullptr;
    ++changed;
  }
  return changed;
}

/// Of one round: refused calls first, then all that start, then results in call order.
json::array regrouped(const json::array& round, const json::array& calls) {
  struct one_call {
    json::array start, exec, end;
  };
  auto groups = std::vector<one_call>{};
  for (const auto& item : round) {
    const auto& row = item.as_object();
    const auto is_start = is_event(row, "activity_start");
    const auto ended = groups.empty() || !groups.back().end.empty();
    const auto result_of_new =
      is_event(row, "tool_result") && groups.size() < calls.size()
      && (groups.empty()
          || is_event(groups.back().end.empty() ? json::object{}
                                                : groups.back().end.back().as_object(),
                      "tool_result"));
    if (is_start || (ended && result_of_new))
      groups.emplace_back();
    auto& group = groups.back();
    (is_start                                    ? group.start
     : row.at("kind").as_string() == "tool_exec" ? group.exec
                                                 : group.end)
      .push_back(item);
  }
  auto out = json::array{};
  const auto add = [&out](const json::array& part) {
    out.insert(out.end(), part.begin(), part.end());
  };
  for (const auto& g : groups) {
    if (g.exec.empty()) {
      add(g.start);
      add(g.end);
    }
  }
  for (const auto& g : groups) {
    if (!g.exec.empty())
      add(g.start);
  }
  for (const auto& g : groups)
    add(g.exec);
  for (const auto& g : groups) {
    if (!g.exec.empty())
      add(g.end);
  }
  return out;
}

bool is_of_tools(const json::object& row) {
  return row.at("kind").as_string() == "tool_exec" || is_event(row, "activity_start")
         || is_event(row, "activity_end") || is_event(row, "tool_result");
}

/// Activities are numbered by their appearance, which has changed.
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

std::size_t chat_parallel_calls(const json::object&, json::array& rows) {
  auto out = json::array{};
  auto changed = std::size_t{0};
  for (auto i = std::size_t{0}; i < rows.size(); ++i) {
    out.push_back(rows[i]);
    if (!is_event(rows[i].as_object(), "tool_calling"))
      continue;
    auto round = json::array{};
    while (i + 1 < rows.size() && is_of_tools(rows[i + 1].as_object()))
      round.push_back(rows[++i]);
    const auto& calls = out.back().at("data").at("tool_calls").as_array();
    const auto now = regrouped(round, calls);
    changed += now == round ? 0 : 1;
    out.insert(out.end(), now.begin(), now.end());
  }
  rows = std::move(out);
  renumber(rows);
  return changed;
}

/// Each result names the call that it answers.
std::size_t chat_named_results(const json::object&, json::array& rows) {
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

bool nothing_left_out(const json::object&) {
  return false;
}

void leave_out_of_message(json::object& m) {
  drop_measures(m);
  const auto* role = m.if_contains("role");
  if (role != nullptr && role->as_string() != "tool")
    m.erase("metadata");
}

json::object chat_part(const json::object& recorded) {
  auto row = recorded;
  for (const auto* name : {"n", "session_spent_cents", "budget", "deferred_input_files"})
    row.erase(name);
  if (auto* messages = row.if_contains("messages")) {
    for (auto& m : messages->as_array()) {
      leave_out_of_message(m.as_object());
      if (m.as_object().contains("blocks"))
        row.erase("context_tokens");
    }
  }
  if (auto* tail = row.if_contains("tail")) {
    for (auto& m : tail->as_array())
      drop_measures(m.as_object());
  }
  return row;
}

}  // namespace

const row_book& chat_rows() {
  static const auto book = row_book{{{"episode_ids", episode_ids},
                                     {"named_results", chat_named_results},
                                     {"neutral_results", chat_neutral_results},
                                     {"notes_from_user", notes_from_user},
                                     {"parallel_calls", chat_parallel_calls},
                                     {"unknown_prices", unknown_prices}},
                                    nothing_left_out,
                                    chat_part};
  return book;
}

}  // namespace persona_runtime::test
