#include "providers/store/sqlite_store.hpp"

#include "providers/store/sqlite/connection.hpp"
#include "providers/store/sqlite/conversation_rows_writer.hpp"
#include "providers/store/sqlite/directory_lock.hpp"
#include "providers/store/sqlite/live_heads.hpp"
#include "providers/store/sqlite/memory_reading.hpp"
#include "providers/store/sqlite/memory_writer.hpp"
#include "providers/store/sqlite/reading.hpp"
#include "providers/store/sqlite/schema.hpp"
#include "providers/store/sqlite/usage_rows.hpp"
#include "providers/store/sqlite/writer.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace persona_runtime::sqlite {
namespace {

// Without `synchronous = full` the log is still synced before it is copied into the database, so
// that a power loss cannot damage the file.
std::string setup_sql(durability level) {
  return std::string{"pragma synchronous = "} + (level == durability::full ? "full" : "normal")
         + ";pragma cache_size = -16384;"           // KiB: the pages of live runs' rows
           "pragma journal_size_limit = 67108864;"  // a log that a long reader made grow
           "pragma secure_delete = on;"             // what was deleted is nowhere in the file
           "pragma temp_store = memory";
}

int note_frames(void* frames, sqlite3*, const char*, int now) {
  *static_cast<int*>(frames) = now;
  return SQLITE_OK;
}

/// A connection of its own, opened by the first question, which can then say what went wrong.
class sqlite_reader final : public reading<journal_reader> {
public:
  sqlite_reader(std::string path, std::string vfs, const live_heads& heads)
    : reading{std::move(path)}, vfs_{std::move(vfs)}, heads_{heads} {}

private:
  queries& opened() override {
    if (!db_)
      db_.emplace(path_, access::read_only, vfs_);
    if (!queries_)
      queries_.emplace(*db_, heads_);
    if (!talks_)
      talks_.emplace(*db_);
    return *queries_;
  }
  conversation_queries& talks() override { return *talks_; }
  connection& database() override { return *db_; }

  std::string vfs_;
  const live_heads& heads_;
  std::optional<connection> db_;
  std::optional<queries> queries_;
  std::optional<conversation_queries> talks_;
};

class sqlite_store final : public reading<journal_store> {
public:
  /// Throws sqlite_error.
  sqlite_store(const sqlite_settings& settings, std::string path, directory_lock lock,
               std::unique_ptr<connection> db)
    : reading{std::move(path)}, settings_{settings}, lock_{std::move(lock)}, db_{std::move(db)},
      writer_{*db_, heads_}, talk_writer_{*db_}, queries_{*db_, heads_}, talks_{*db_},
      usage_writer_{*db_}, memory_queries_{*db_}, memory_writer_{*db_, memory_queries_} {
    sqlite3_wal_hook(db_->raw(), note_frames, &frames_);
  }

  ~sqlite_store() override {
    // A convenience for the next start. If it fails, that one scans.
    if (!distrusted_) {
      (void)commit([this] {
        writer_.save_all();
        return result<void>{};
      });
    }
  }

  result<std::vector<append_verdict>> append(std::span<const journal_append> batch) override {
    auto verdicts = std::vector<append_verdict>{};
    verdicts.reserve(batch.size());
    const auto done = commit([&] {
      auto usage = usage_sums{};
      for (const auto& append : batch) {
        verdicts.push_back(append.turn ? talk_writer_.write(append) : writer_.write(append));
        if (verdicts.back() != append_verdict::committed)
          continue;
        remember(append.memory);
        usage.add(append.usage);
        if (append.turn)
          usage_writer_.spend(append.turn->conversation, append.usage);
      }
      usage_writer_.add(usage.entries());
      writer_.tidy();
      return result<void>{};
    });
    if (!done)
      return done.error();
    return verdicts;
  }

  result<void> put_persona(const persona_row& row,
                           std::span<const memory_request> memory) override {
    return commit([&] {
      remember(memory);
      auto put = statement{*db_, "insert or replace into persona values (?1, ?2, ?3, ?4, ?5, ?6)"};
      put.run(row.id.value, row.owner.value, row.yaml, row.summary.view(), row.created_at.value,
              row.updated_at.value);
      return result<void>{};
    });
  }

  result<void> delete_persona(const persona_id& id) override {
    return commit([&]() -> result<void> {
      auto used = statement{*db_, "select 1 from run where persona = ?1 and status in (0, 1)"};
      auto taken = statement{*db_, "delete from persona where id = ?1"};
      taken.run(id.value);
      if (db_->changes() == 0)
        return failure{errc::persona_not_found, "there is no persona " + id.value};
      if (used.query(id.value).next())  // rolled back with the rest
        return failure{errc::persona_in_use, "a run of persona " + id.value + " has not ended"};
      if (!talk_writer_.remove_all_of(id))
        return failure{errc::persona_in_use, "a turn of persona " + id.value + " is under way"};
      return {};
    });
  }

  result<void> delete_run(const run_id& run) override {
    return commit([&]() -> result<void> {
      auto find = statement{*db_, "select accepted, status, head from run where run = ?1"};
      auto found = find.query(run.value);
      if (!found.next())
        return failure{errc::run_not_found, "there is no run " + run.value};
      if (found.integer(1) <= static_cast<std::int64_t>(run_status::awaiting_user))
        return failure{errc::run_active, "run " + run.value + " has not ended; cancel it first"};
      writer_.remove_run(found.integer(0), found.integer(2));
      return {};
    });
  }

  result<void> create_conversation(const conversation_row& row) override {
    return commit([&] { return talk_writer_.create(row); });
  }
  result<void> fork_conversation(const conversation_fork& what) override {
    return commit([&] { return talk_writer_.fork(what); });
  }
  result<void> change_conversation(const conversation_id& id,
                                   const conversation_change& change) override {
    return commit([&] { return talk_writer_.change(id, change); });
  }
  result<void> delete_conversation(const conversation_id& id) override {
    return commit([&] { return talk_writer_.remove(id); });
  }

  result<std::vector<memory_outcome>> write_memory(std::span<const memory_request> batch) override {
    auto outcomes = std::vector<memory_outcome>{};
    const auto done = commit([&] {
      outcomes = remember(batch);
      return result<void>{};
    });
    if (!done)
      return done.error();
    return outcomes;
  }

  result<void> add_usage(std::span<const usage_entry> usage) override {
    return commit([&] {
      usage_writer_.add(usage);
      return result<void>{};
    });
  }

  result<void> put_vectors(const std::string& embedder,
                           std::span<const chunk_vector> vectors) override {
    return commit([&] {
      memory_writer_.put_vectors(embedder, vectors);
      return result<void>{};
    });
  }

  result<std::uint64_t> queue_all_but(const std::string& embedder) override {
    auto waiting = std::uint64_t{0};
    const auto done = commit([&] {
      waiting = memory_writer_.queue_all_but(embedder);
      return result<void>{};
    });
    if (!done)
      return done.error();
    return waiting;
  }

  result<memory_purged> purge_memory(const memory_purge& what) override {
    auto purged = memory_purged{};
    auto merged = false;
    auto done = commit([&] {
      purged = memory_writer_.purge(what);
      return result<void>{};
    });
    while (done && !merged) {
      done = commit([&] {
        merged = memory_writer_.merge_words();
        return result<void>{};
      });
    }
    if (done)
      done = empty_log();
    if (!done)
      return done.error();
    return purged;
  }

  std::vector<memory_outcome> take_memory_changes() override {
    return memory_writer_.take_changes();
  }

  std::unique_ptr<journal_reader> open_reader() override {
    return std::make_unique<sqlite_reader>(path_, settings_.vfs, heads_);
  }

  std::unique_ptr<chunk_reader> open_chunk_reader() override {
    return open_memory_reader(path_, settings_.vfs);
  }

private:
  std::vector<memory_outcome> remember(std::span<const memory_request> batch) {
    auto outcomes = std::vector<memory_outcome>{};
    for (const auto& request : batch)
      outcomes.push_back(memory_writer_.write(request));
    return outcomes;
  }

  queries& opened() override {
    if (distrusted_)
      throw sqlite_error{*distrusted_};
    return queries_;
  }
  conversation_queries& talks() override { return talks_; }
  connection& database() override { return *db_; }

  /// One transaction: all that `work` does, or nothing when it fails.
  template <class Work>
  result<void> commit(const Work& work) {
    try {
      if (distrusted_)
        throw sqlite_error{*distrusted_};
      auto step = transaction{*db_, transaction::kind::write};
      if (const auto done = work(); !done)
        return done.error();
      step.commit();
    } catch (const sqlite_error& error) {
      writer_.forget();
      memory_writer_.forget();
      return failed(error);
    }
    writer_.publish();
    memory_writer_.publish();
    checkpoint();
    return {};
  }

  failure failed(const sqlite_error& error) {
    auto why = failure_of(error, path_);
    if (is_failed_sync(error.code) && !distrusted_) {
      distrusted_ = error;
      settings_.on_failed_sync(why.detail
                               + "; a sync failed, so the process ends: start it again "
                                 "once the disk is sound");
    }
    return why;
  }

  /// Copies the log into the database. By our own hand, since SQLite would keep quiet about a
  /// failed sync. Any other failure leaves the log as it is, and a later commit tries again.
  void checkpoint() {
    if (frames_ < settings_.checkpoint_pages)
      checkpoint_at_ = settings_.checkpoint_pages;
    if (frames_ < checkpoint_at_)
      return;
    checkpoint_at_ = frames_ + settings_.checkpoint_pages;
    const auto code =
      sqlite3_wal_checkpoint_v2(db_->raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (is_failed_sync(code))
      (void)failed({code, sqlite3_errmsg(db_->raw())});
  }

  /// Copies the log into the database and cuts it to nothing, for which no reader may be in it.
  result<void> empty_log() {
    const auto code =
      sqlite3_wal_checkpoint_v2(db_->raw(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code == SQLITE_OK)
      return {};
    return failed({code, sqlite3_errmsg(db_->raw())});
  }

  sqlite_settings settings_;
  directory_lock lock_;
  std::unique_ptr<connection> db_;
  live_heads heads_;
  writer writer_;
  conversation_rows_writer talk_writer_;
  queries queries_;
  conversation_queries talks_;
  usage_writer usage_writer_;
  memory_queries memory_queries_;
  memory_writer memory_writer_;
  int frames_ = 0;  // pages in the log
  int checkpoint_at_ = settings_.checkpoint_pages;
  std::optional<sqlite_error> distrusted_;  // after a failed sync
};

result<std::unique_ptr<journal_store>> open_file(const sqlite_settings& settings,
                                                 const std::string& path, directory_lock lock) {
  auto db = std::make_unique<connection>(path, access::read_write, settings.vfs);
  if (const auto ours = check_origin(*db, path, migrations().size()); !ours)
    return ours.error();
  if (const auto whole = check_damage(*db, path); !whole)
    return whole.error();
  if (db->text("pragma journal_mode = wal") != "wal") {
    return failure{errc::journal_unavailable, "journal " + path
                                                + ": its file system cannot share memory between "
                                                  "connections; choose a local disk"};
  }
  db->execute(setup_sql(settings.level));
  migrate(*db, migrations());
  return std::unique_ptr<journal_store>{
    std::make_unique<sqlite_store>(settings, path, std::move(lock), std::move(db))};
}

/// The default of sqlite_settings::on_failed_sync.
void end_process(const std::string& message) {
  std::fputs((message + "\n").c_str(), stderr);
  std::_Exit(1);
}

/// Everything behind the lock. @errors journal_unavailable
result<std::unique_ptr<journal_store>> open_locked(const sqlite_settings& settings,
                                                   directory_lock lock) {
  const auto path = (settings.directory / database_file_name).string();
  try {
    return open_file(settings, path, std::move(lock));
  } catch (const sqlite_error& error) {
    auto why = failure_of(error, path);
    why.retry_after.reset();  // nothing gets better without somebody's hand
    if (is_failed_sync(error.code))
      settings.on_failed_sync(why.detail);
    return why;
  }
}

}  // namespace
}  // namespace persona_runtime::sqlite

namespace persona_runtime {

result<std::unique_ptr<journal_store>> open_sqlite_store(const sqlite_settings& settings) {
  auto complete = settings;
  if (!complete.on_failed_sync)
    complete.on_failed_sync = sqlite::end_process;
  auto lock = sqlite::directory_lock::take(settings.directory, lock_file_name);
  if (!lock)
    return lock.error();
  return sqlite::open_locked(complete, std::move(*lock));
}

}  // namespace persona_runtime
