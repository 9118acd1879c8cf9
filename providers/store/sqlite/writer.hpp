#pragma once
// Writing the journal: rows in arrival order, chained per run.

#include "providers/store/journal_store.hpp"
#include "providers/store/sqlite/connection.hpp"
#include "providers/store/sqlite/live_heads.hpp"

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime::sqlite {

/// Carries out appends inside transactions of its owner. Throws sqlite_error; then the owner
/// rolls back and calls forget().
///
/// Invariants, after every commit:
/// W-1  Every append of a live run that its own row does not know lies at or behind the scan mark.
/// W-2  A run with a terminal status knows its newest append in its own row.
/// W-3  The heads in memory name committed rows only.
class writer {
public:
  /// Both must outlive this. Reads where the live runs stand, scanning what lies behind the mark;
  /// blocks for that.
  writer(connection& db, live_heads& heads);

  /// One append inside the transaction under way.
  [[nodiscard]] append_verdict write(const journal_append& append);
  /// What a transaction with appends ends with: saves the heads of runs that have been behind for
  /// too long, moves the mark, removes a few rows of deleted runs.
  void tidy();
  /// After the commit: lets readers and the next batch see it.
  void publish();
  /// After a rollback: as if the batch had not been.
  void forget();

  /// Takes a terminal run with everything that only it uses out of the tables, inside the
  /// transaction under way; a long journal goes in parts, with later commits.
  void remove_run(std::int64_t accepted, std::int64_t head);
  /// Saves all heads, inside the transaction under way; the next start then scans nothing.
  void save_all();

private:
  struct unsaved_run {
    std::int64_t since;  // row
    std::string run;
  };

  void load_live_runs();
  void scan_behind_mark();
  [[nodiscard]] const chain* known(const std::string& run);
  [[nodiscard]] bool key_in_use(const run_row& row);
  [[nodiscard]] chain accept(const journal_append& first);
  void change_run(const chain& at, const run_row& row);
  void keep_contents(std::int64_t run, const std::vector<stored_content>& contents);
  void save_head(chain& at);
  void save_stragglers();
  void move_mark();
  void sweep(std::uint32_t rows_max);
  [[nodiscard]] bool is_stale(const unsaved_run& entry) const;

  connection& db_;
  live_heads& heads_;
  std::int64_t next_row_ = 1;
  std::int64_t next_row_committed_ = 1;
  std::int64_t mark_ = 1;  // as in the tables, committed or about to be
  std::int64_t mark_committed_ = 1;
  live_heads::map pending_;          // chains that the transaction under way has changed
  chain finished_;                   // of a run that is not live, read for one append
  std::deque<unsaved_run> unsaved_;  // oldest first; entries whose run was saved since are stale

  statement insert_journal_;
  statement insert_run_;
  statement insert_summary_;
  statement find_key_;
  statement find_chain_;
  statement update_run_;
  statement update_summary_;
  statement update_head_;
  statement find_content_;
  statement insert_content_;
  statement insert_text_;
  statement use_content_;
  statement link_content_;
  statement update_mark_;
  statement first_trash_;
  statement previous_of_;
  statement delete_journal_;
};

}  // namespace persona_runtime::sqlite
