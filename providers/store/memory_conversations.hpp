#pragma once
// The conversations of a store in memory. Not thread-safe: the store locks.

#include "providers/store/append_rule.hpp"
#include "providers/store/conversation_store.hpp"

#include <map>
#include <string>
#include <vector>

namespace persona_runtime {

class memory_conversations {
public:
  [[nodiscard]] std::optional<conversation_row> find(const conversation_id& id) const;
  [[nodiscard]] std::vector<conversation_row> list(const conversation_filter& filter) const;
  [[nodiscard]] std::vector<message_row> messages(const message_filter& filter) const;
  [[nodiscard]] std::optional<message_row> running(const conversation_id& id) const;
  [[nodiscard]] std::vector<unfinished_turn> unfinished(std::uint64_t after,
                                                        std::uint32_t limit) const;
  [[nodiscard]] std::vector<turn_log_row> logs(const turn_log_filter& filter) const;
  [[nodiscard]] std::vector<journal_append> appends_of(const run_id& turn) const;

  [[nodiscard]] append_verdict append(const journal_append& append);
  [[nodiscard]] result<void> create(const conversation_row& row);
  [[nodiscard]] result<void> fork(const conversation_fork& what);
  [[nodiscard]] result<void> change(const conversation_id& id, const conversation_change& change);
  [[nodiscard]] result<void> remove(const conversation_id& id);
  /// False, and nothing is removed, while a conversation of the persona has a turn under way.
  [[nodiscard]] bool remove_all_of(const persona_id& persona);

private:
  struct kept_conversation {
    conversation_row row;
    std::uint64_t touched = 0;  // rises with every change that lists are ordered by
    std::vector<message_row> messages;
    std::vector<turn_log_row> logs;
  };
  struct kept_turn {
    std::uint64_t number = 0;
    std::string conversation;
    journal_end end;
    bool is_running = true;
    std::vector<journal_append> appends;
  };
  [[nodiscard]] bool is_busy(const kept_conversation& talk) const;
  [[nodiscard]] kept_turn* begin(const journal_append& first);
  void finish(kept_turn& turn, const turn_rows& rows);

  std::map<std::string, kept_conversation> talks_;
  std::map<std::string, kept_turn> turns_;
  std::uint64_t turns_begun_ = 0;
};

}  // namespace persona_runtime
