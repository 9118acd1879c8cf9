#pragma once
// Writing conversations and the appends of turns.

#include "providers/store/append_rule.hpp"
#include "providers/store/conversation_store.hpp"
#include "providers/store/sqlite/connection.hpp"

namespace persona_runtime::sqlite {

/// Carries out changes inside transactions of its owner. Keeps nothing in memory, so there is
/// nothing to forget after a rollback. Throws sqlite_error.
class conversation_rows_writer {
public:
  /// `db` must outlive this.
  explicit conversation_rows_writer(connection& db);

  /// One append of a turn, with what it changes in the conversation.
  [[nodiscard]] append_verdict write(const journal_append& append);

  [[nodiscard]] result<void> create(const conversation_row& row);
  [[nodiscard]] result<void> fork(const conversation_fork& what);
  [[nodiscard]] result<void> change(const conversation_id& id, const conversation_change& change);
  [[nodiscard]] result<void> remove(const conversation_id& id);
  /// All conversations with a persona. False, and nothing is removed, while one of them has a turn
  /// under way.
  [[nodiscard]] bool remove_all_of(const persona_id& persona);

private:
  struct turn_place {
    std::int64_t message = 0;
    std::int64_t conversation = 0;
    bool is_running = false;
    journal_end end;
  };
  [[nodiscard]] std::optional<turn_place> find_turn(const run_id& turn);
  [[nodiscard]] std::optional<turn_place> begin(const journal_append& first);
  [[nodiscard]] std::int64_t insert_conversation(const conversation_row& row);
  void add_message(std::int64_t conversation, const message_row& row);
  void finish(const turn_place& at, const turn_rows& rows);
  void remove_number(std::int64_t number);

  connection& db_;
  statement find_conversation_;
  statement find_turn_;
  statement find_end_;
  statement insert_message_;
  statement replace_messages_;
  statement insert_append_;
  statement grow_conversation_;
  statement end_message_;
  statement touch_conversation_;
  statement insert_log_;
};

}  // namespace persona_runtime::sqlite
