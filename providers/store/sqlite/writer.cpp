#include "providers/store/sqlite/writer.hpp"

#include "providers/store/sqlite/queries.hpp"
#include "providers/store/sqlite/values.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace persona_runtime::sqlite {
namespace {

// A head in the run's row costs a page of the log; every 16 appends it costs next to nothing, and
// the scan at the start stays short.
constexpr auto unsaved_max = 16U;
// A run that falls asleep with unsaved appends must not make the scan long: its head is saved when
// this many rows lie behind it. At least 32 rows per live run, or runs that are merely slow would
// be saved with every append.
constexpr auto scan_rows_min = std::int64_t{65'536};
constexpr auto scan_rows_per_run = std::int64_t{32};
constexpr auto mark_every_rows = std::int64_t{4'096};
constexpr auto swept_per_commit = 100U;
constexpr auto swept_per_delete = 1'000U;

constexpr auto insert_run_sql =
  "insert into run (run, owner, persona, status, idempotency_key, request_hash, started_at,"
  " finished_at, head) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) returning accepted";
constexpr auto find_chain_sql =
  "select r.accepted, r.head, r.status, j.life, j.pos + j.records, j.seq + j.events"
  " from run r join journal j on j.row = r.head where r.run = ?1";
constexpr auto live_runs_sql =
  "select r.accepted, r.head, r.status, j.life, j.pos + j.records, j.seq + j.events, r.run"
  " from run r join journal j on j.row = r.head where r.status in (0, 1)";

chain chain_of(const cursor& row) {
  auto at = chain{};
  at.accepted = row.integer(0);
  at.head = row.integer(1);
  at.terminal = row.integer(2) > static_cast<std::int64_t>(run_status::awaiting_user);
  at.end = {{static_cast<std::uint32_t>(row.integer(3))},
            static_cast<std::uint64_t>(row.integer(4)),
            {static_cast<std::uint64_t>(row.integer(5))}};
  return at;
}

}  // namespace

writer::writer(connection& db, live_heads& heads)
  : db_{db}, heads_{heads},
    insert_journal_{db, "insert into journal values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"},
    insert_run_{db, insert_run_sql}, insert_summary_{db, "insert into run_summary values (?1, ?2)"},
    find_key_{db, "select 1 from run where owner = ?1 and idempotency_key = ?2"},
    find_chain_{db, find_chain_sql},
    update_run_{db, "update run set status = ?2, started_at = ?3, finished_at = ?4, head = ?5"
                    " where accepted = ?1"},
    update_summary_{db, "update run_summary set summary = ?2 where run = ?1"},
    update_head_{db, "update run set head = ?2 where accepted = ?1"},
    find_content_{db, "select id from content where hash = ?1"},
    insert_content_{db, "insert into content (hash, uses) values (?1, 0) returning id"},
    insert_text_{db, "insert into content_text values (?1, ?2)"},
    use_content_{db, "update content set uses = uses + 1 where id = ?1"},
    link_content_{db, "insert or ignore into run_content values (?1, ?2)"},
    update_mark_{db, "update scan_mark set from_row = ?1"},
    first_trash_{db, "select run, row from trash limit 1"},
    previous_of_{db, "select previous from journal where row = ?1 and run = ?2"},
    delete_journal_{db, "delete from journal where row = ?1"} {
  mark_ = db_.integer("select from_row from scan_mark");
  // Deleting may have emptied the end of the table; rows before the mark would not be scanned.
  next_row_ = std::max(db_.integer("select max(row) from journal") + 1, mark_);
  load_live_runs();
  scan_behind_mark();
  next_row_committed_ = next_row_;
  mark_committed_ = mark_;
}

void writer::load_live_runs() {
  auto live = statement{db_, live_runs_sql};
  auto rows = live.query();
  while (rows.next())
    pending_.emplace(std::string{rows.text(6)}, chain_of(rows));
  const auto count = db_.integer("select count(*) from run where status in (0, 1)");
  if (count != static_cast<std::int64_t>(pending_.size()))
    throw sqlite_error{SQLITE_CORRUPT, "the newest journal row of a live run is missing"};
}

void writer::scan_behind_mark() {
  auto by_number = std::unordered_map<std::int64_t, chain*>{};
  for (auto& [run, at] : pending_)
    by_number.emplace(at.accepted, &at);
  auto behind = statement{db_, "select run, row, previous, life, pos + records, seq + events"
                               " from journal where row >= ?1 order by row"};
  auto rows = behind.query(mark_);
  while (rows.next()) {
    const auto i = by_number.find(rows.integer(0));
    if (i == by_number.end() || rows.integer(1) <= i->second->head)
      continue;
    auto& at = *i->second;
    if (rows.integer(2) != at.head)
      throw broken_chain(rows.integer(1));
    if (at.unsaved++ == 0)
      at.unsaved_since = rows.integer(1);
    at.head = rows.integer(1);
    at.end = {{static_cast<std::uint32_t>(rows.integer(3))},
              static_cast<std::uint64_t>(rows.integer(4)),
              {static_cast<std::uint64_t>(rows.integer(5))}};
  }
  publish();
}

const chain* writer::known(const std::string& run) {
  if (const auto i = pending_.find(run); i != pending_.end())
    return &i->second;
  if (const auto* live = heads_.find(run))
    return live;
  auto rows = find_chain_.query(run);
  if (!rows.next())
    return nullptr;
  finished_ = chain_of(rows);
  return &finished_;
}

bool writer::key_in_use(const run_row& row) {
  return !row.idempotency_key.empty()
         && find_key_.query(row.owner.value, row.idempotency_key).next();
}

append_verdict writer::write(const journal_append& append) {
  const auto* before = known(append.run.value);
  const auto verdict = judge_append(before != nullptr ? &before->end : nullptr, append);
  if (verdict != append_verdict::committed)
    return verdict;
  if (before == nullptr && key_in_use(*append.row))
    return append_verdict::key_in_use;

  auto at = before != nullptr ? *before : accept(append);
  const auto row = next_row_++;
  insert_journal_.run(row, at.accepted, before != nullptr ? before->head : 0, append.life.value,
                      append.pos, append.records, append.seq.value, append.events,
                      append.body.view());
  at.end = end_after(append);
  at.head = row;
  if (at.unsaved++ == 0)
    at.unsaved_since = row;
  if (append.row)
    at.terminal = is_terminal(append.row->status);
  if (before == nullptr) {
    at.unsaved = 0;  // accept() wrote the head with the run's row
  } else if (append.row) {
    change_run(at, *append.row);
    at.unsaved = 0;
  } else if (at.unsaved >= unsaved_max || at.terminal) {
    save_head(at);
  }
  if (at.unsaved == 0)
    at.unsaved_since = 0;
  keep_contents(at.accepted, append.contents);
  pending_.insert_or_assign(append.run.value, at);
  return append_verdict::committed;
}

chain writer::accept(const journal_append& first) {
  const auto& row = *first.row;
  const auto key = row.idempotency_key.empty()
                     ? std::nullopt
                     : std::optional<std::string_view>{row.idempotency_key};
  auto at = chain{};
  {
    auto rows = insert_run_.query(first.run.value, row.owner.value, row.persona.value,
                                  static_cast<int>(row.status), key, row.request_hash,
                                  row.started_at.value, nullable(row.finished_at), next_row_);
    if (rows.next())
      at.accepted = rows.integer(0);
    while (rows.next()) {
    }
  }
  insert_summary_.run(at.accepted, row.summary.view());
  return at;
}

void writer::change_run(const chain& at, const run_row& row) {
  update_run_.run(at.accepted, static_cast<int>(row.status), row.started_at.value,
                  nullable(row.finished_at), at.head);
  update_summary_.run(at.accepted, row.summary.view());
}

void writer::keep_contents(std::int64_t run, const std::vector<stored_content>& contents) {
  for (const auto& content : contents) {
    auto id = std::int64_t{0};
    if (auto rows = find_content_.query(content.hash); rows.next())
      id = rows.integer(0);
    if (id == 0) {
      auto rows = insert_content_.query(content.hash);
      id = rows.next() ? rows.integer(0) : 0;
      insert_text_.run(id, content.text.view());
    }
    link_content_.run(run, id);
    if (db_.changes() > 0)
      use_content_.run(id);
  }
}

void writer::save_head(chain& at) {
  update_head_.run(at.accepted, at.head);
  at.unsaved = 0;
  at.unsaved_since = 0;
}

bool writer::is_stale(const unsaved_run& entry) const {
  const auto* at = heads_.find(entry.run);
  return at == nullptr || at->unsaved_since != entry.since;
}

void writer::save_stragglers() {
  const auto live = static_cast<std::int64_t>(heads_.all().size());
  const auto oldest = next_row_ - std::max(scan_rows_min, scan_rows_per_run * live);
  for (const auto& entry : unsaved_) {
    if (entry.since >= oldest)
      break;
    if (is_stale(entry))
      continue;
    auto at = pending_.try_emplace(entry.run, *heads_.find(entry.run)).first;
    if (at->second.unsaved > 0)
      save_head(at->second);
  }
}

void writer::move_mark() {
  // Of what is committed: rows of this transaction lie behind it anyway.
  const auto to = unsaved_.empty() ? next_row_committed_ : unsaved_.front().since;
  if (to - mark_ < mark_every_rows)
    return;
  update_mark_.run(to);
  mark_ = to;
}

void writer::tidy() {
  save_stragglers();
  move_mark();
  sweep(swept_per_commit);
}

void writer::publish() {
  const auto known_before = static_cast<std::ptrdiff_t>(unsaved_.size());
  for (const auto& [run, at] : pending_) {
    const auto* before = heads_.find(run);
    const auto since = before != nullptr ? before->unsaved_since : 0;
    if (at.unsaved_since != 0 && at.unsaved_since != since)
      unsaved_.push_back({at.unsaved_since, run});
  }
  // All of them lie behind the earlier batches' rows, so that the whole stays in order.
  std::ranges::sort(unsaved_.begin() + known_before, unsaved_.end(), {}, &unsaved_run::since);
  heads_.publish(pending_);
  pending_.clear();
  while (!unsaved_.empty() && is_stale(unsaved_.front()))
    unsaved_.pop_front();
  next_row_committed_ = next_row_;
  mark_committed_ = mark_;
}

void writer::forget() {
  pending_.clear();
  next_row_ = next_row_committed_;
  mark_ = mark_committed_;
}

void writer::remove_run(std::int64_t accepted, std::int64_t head) {
  const auto run = std::to_string(accepted);
  const auto contents = "(select content from run_content where run = " + run + ")";
  db_.execute("update content set uses = uses - 1 where id in " + contents);
  db_.execute("delete from content_text where id in (select id from content where uses = 0 and"
              " id in "
              + contents + ")");
  db_.execute("delete from content where uses = 0 and id in " + contents);
  db_.execute("delete from run_content where run = " + run);
  db_.execute("delete from run_summary where run = " + run);
  db_.execute("delete from run where accepted = " + run);
  db_.execute("insert into trash values (" + run + ", " + std::to_string(head) + ")");
  sweep(swept_per_delete);
}

void writer::sweep(std::uint32_t rows_max) {
  auto run = std::int64_t{0};
  auto row = std::int64_t{0};
  if (auto rows = first_trash_.query(); rows.next()) {
    run = rows.integer(0);
    row = rows.integer(1);
  }
  if (run == 0)
    return;
  for (auto left = rows_max; left > 0 && row != 0; --left) {
    // A hole in the chain of a deleted run must not stop the appends of others: it ends there.
    auto previous = std::int64_t{0};
    if (auto rows = previous_of_.query(row, run); rows.next())
      previous = rows.integer(0);
    delete_journal_.run(row);
    row = previous;
  }
  db_.execute(row == 0 ? "delete from trash where run = " + std::to_string(run)
                       : "update trash set row = " + std::to_string(row)
                           + " where run = " + std::to_string(run));
}

void writer::save_all() {
  for (const auto& [run, live] : heads_.all()) {
    if (live.unsaved == 0)
      continue;
    save_head(pending_.try_emplace(run, live).first->second);
  }
  if (mark_ != next_row_) {
    update_mark_.run(next_row_);
    mark_ = next_row_;
  }
}

}  // namespace persona_runtime::sqlite
