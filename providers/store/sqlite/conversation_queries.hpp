#pragma once
// Reading conversations: the same for the writer's connection and for readers of their own.

#include "providers/store/conversation_store.hpp"
#include "providers/store/sqlite/connection.hpp"

namespace persona_runtime::sqlite {

/// Keys of a turn's appends: [first, last).
struct turn_keys {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
[[nodiscard]] turn_keys keys_of(std::int64_t message);

/// Every question of conversation_reader over one connection, and what journal_reader asks of
/// turns. Throws sqlite_error. Thread: that of the connection.
class conversation_queries {
public:
  /// `db` must outlive this.
  explicit conversation_queries(connection& db);

  [[nodiscard]] std::optional<conversation_row> find_conversation(const conversation_id& id);
  [[nodiscard]] std::vector<conversation_row> list_conversations(const conversation_filter& filter);
  [[nodiscard]] std::vector<message_row> list_messages(const message_filter& filter);
  /// Oldest first. In a transaction of the caller's.
  [[nodiscard]] std::vector<message_row> all_messages(const conversation_id& conversation);
  [[nodiscard]] std::optional<message_row> running_message(const conversation_id& conversation);
  [[nodiscard]] std::vector<unfinished_turn> unfinished_turns(std::uint64_t after,
                                                              std::uint32_t limit);
  [[nodiscard]] std::vector<turn_log_row> list_turn_logs(const turn_log_filter& filter);

  /// As journal_reader::read_run and read_events; empty for anything that is no turn.
  [[nodiscard]] std::vector<journal_append> read_turn(const run_id& turn);
  [[nodiscard]] std::vector<journal_append> read_turn_events(const run_id& turn, event_seq from,
                                                             std::uint32_t events_max);

private:
  [[nodiscard]] std::optional<std::int64_t> number_of(const conversation_id& id);

  connection& db_;
  statement conversation_;
  statement conversation_number_;
  statement message_number_;
  statement running_;
  statement appends_;
};

}  // namespace persona_runtime::sqlite
