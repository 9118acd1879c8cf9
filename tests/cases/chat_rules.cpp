#include "tests/cases/row_rules.hpp"
#include "tests/cases/tool_rows.hpp"

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

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
                                     {"named_results", named_results},
                                     {"neutral_results", neutral_results},
                                     {"notes_from_user", notes_from_user},
                                     {"parallel_calls", parallel_calls},
                                     {"unknown_prices", unknown_prices}},
                                    [](const json::object&) { return false; },
                                    chat_part};
  return book;
}

}  // namespace persona_runtime::test
