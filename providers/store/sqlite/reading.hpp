#pragma once
// The reading half of the interface over `queries`, for the store and for readers of their own.

#include "providers/store/sqlite/conversation_queries.hpp"
#include "providers/store/sqlite/queries.hpp"
#include "providers/store/sqlite/usage_rows.hpp"

#include <utility>

namespace persona_runtime::sqlite {

/// Interface is journal_reader or journal_store. Turns every sqlite_error into a failure.
template <class Interface>
class reading : public Interface {
public:
  /// `path` of the database file, for messages.
  explicit reading(std::string path) : path_{std::move(path)} {}

  result<std::vector<journal_append>> read_run(const run_id& run) override {
    return ask([&](queries& q) {
      auto found = q.read_run(run);
      return found.empty() ? talks().read_turn(run) : found;
    });
  }
  result<std::vector<journal_append>> read_events(const run_id& run, event_seq from,
                                                  std::uint32_t events_max) override {
    return ask([&](queries& q) {
      auto found = q.read_events(run, from, events_max);
      return found.empty() ? talks().read_turn_events(run, from, events_max) : found;
    });
  }
  result<std::optional<run_row>> find_run(const run_id& run) override {
    return ask([&](queries& q) { return q.find_run(run); });
  }
  result<std::optional<run_row>> find_run_by_key(const owner_id& owner,
                                                 const std::string& key) override {
    return ask([&](queries& q) { return q.find_run_by_key(owner, key); });
  }
  result<std::vector<run_row>> list_runs(const run_filter& filter) override {
    return ask([&](queries& q) { return q.list_runs(filter); });
  }
  result<std::vector<run_row>> unfinished_runs(std::uint64_t from, std::uint32_t limit) override {
    return ask([&](queries& q) { return q.unfinished_runs(from, limit); });
  }
  result<std::optional<shared_text>> read_content(const std::string& hash) override {
    return ask([&](queries& q) { return q.read_content(hash); });
  }
  result<std::optional<persona_row>> find_persona(const persona_id& id) override {
    return ask([&](queries& q) { return q.find_persona(id); });
  }
  result<std::vector<persona_row>> list_personas(const std::optional<owner_id>& owner,
                                                 std::uint32_t limit,
                                                 std::uint64_t offset) override {
    return ask([&](queries& q) { return q.list_personas(owner, limit, offset); });
  }

  result<std::optional<conversation_row>> find_conversation(const conversation_id& id) override {
    return ask([&](queries&) { return talks().find_conversation(id); });
  }
  result<std::vector<conversation_row>>
  list_conversations(const conversation_filter& filter) override {
    return ask([&](queries&) { return talks().list_conversations(filter); });
  }
  result<std::vector<message_row>> list_messages(const message_filter& filter) override {
    return ask([&](queries&) { return talks().list_messages(filter); });
  }
  result<std::optional<message_row>> running_message(const conversation_id& conversation) override {
    return ask([&](queries&) { return talks().running_message(conversation); });
  }
  result<std::vector<unfinished_turn>> unfinished_turns(std::uint64_t after,
                                                        std::uint32_t limit) override {
    return ask([&](queries&) { return talks().unfinished_turns(after, limit); });
  }
  result<std::vector<turn_log_row>> list_turn_logs(const turn_log_filter& filter) override {
    return ask([&](queries&) { return talks().list_turn_logs(filter); });
  }

  result<std::vector<usage_entry>> read_usage(const usage_filter& filter) override {
    return ask([&](queries&) { return sqlite::read_usage(database(), filter); });
  }
  result<spent_cents> read_spent(const conversation_id& id) override {
    return ask([&](queries&) { return sqlite::read_spent(database(), id); });
  }

protected:
  /// May throw sqlite_error.
  virtual queries& opened() = 0;
  /// Over the same connection; valid once opened() has returned.
  virtual conversation_queries& talks() = 0;
  /// That connection.
  virtual connection& database() = 0;

  std::string path_;

private:
  template <class Question>
  auto ask(const Question& question) -> result<decltype(question(std::declval<queries&>()))> {
    try {
      return question(opened());
    } catch (const sqlite_error& error) {
      return failure_of(error, path_);
    }
  }
};

}  // namespace persona_runtime::sqlite
