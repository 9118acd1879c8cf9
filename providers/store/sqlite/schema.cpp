#include "providers/store/sqlite/schema.hpp"

#include "providers/store/sqlite/schema_conversations.hpp"
#include "providers/store/sqlite/schema_memory.hpp"
#include "providers/store/sqlite/schema_usage.hpp"

#include <array>

namespace persona_runtime::sqlite {
namespace {

constexpr auto checked_bytes_max = std::int64_t{64} << 20;

// `body` is the last column, so that walking a chain does not touch the pages that it spills to.
// Indexes are on tables that change per run; `journal` has none, so an append costs the same
// however many rows there are.
constexpr auto version_1 = R"sql(
create table run (
  accepted integer primary key autoincrement,
  run text not null unique,
  owner text not null,
  persona text not null,
  status integer not null,
  idempotency_key text,
  request_hash text not null,
  started_at integer not null,
  finished_at integer,
  head integer not null
);
create unique index run_by_key on run (owner, idempotency_key) where idempotency_key is not null;
create index run_by_owner on run (owner, status);
create index run_by_persona on run (persona, status);
create index run_by_status on run (status);

create table run_summary (
  run integer primary key,
  summary text not null
);

create table journal (
  row integer primary key,
  run integer not null,
  previous integer not null,
  life integer not null,
  pos integer not null,
  records integer not null,
  seq integer not null,
  events integer not null,
  body text not null
);

create table content (
  id integer primary key,
  hash text not null unique,
  uses integer not null
);
create table content_text (
  id integer primary key,
  text text not null
);
create table run_content (
  run integer not null,
  content integer not null,
  primary key (run, content)
) without rowid;

create table persona (
  id text primary key,
  owner text not null,
  yaml text not null,
  summary text not null,
  created_at integer not null,
  updated_at integer not null
);
create index persona_by_owner on persona (owner, created_at, id);
create index persona_by_time on persona (created_at, id);

create table scan_mark (
  id integer primary key check (id = 0),
  from_row integer not null
);
insert into scan_mark values (0, 1);

create table trash (
  run integer primary key,
  row integer not null
);
)sql";

constexpr auto steps = std::array{
  migration{"create the tables", version_1},
  migration{"create the tables of conversations", conversation_tables},
  migration{"create the tables of memory", memory_tables},
  migration{"create the tables of usage", usage_tables},
};

failure unusable(const std::string& path, const std::string& why) {
  return {errc::journal_unavailable, "journal " + path + ": " + why};
}

}  // namespace

std::span<const migration> migrations() {
  return steps;
}

result<void> check_origin(connection& db, const std::string& path, std::size_t known) {
  const auto id = db.integer("pragma application_id");
  const auto version = db.integer("pragma user_version");
  const auto tables = db.integer("select count(*) from sqlite_schema");
  if (id != application_id && (id != 0 || version != 0 || tables != 0))
    return unusable(path, "it is a database of another program; choose another data directory");
  if (version < 0 || version > static_cast<std::int64_t>(known)) {
    return unusable(path, "it has schema version " + std::to_string(version)
                            + ", this program knows up to " + std::to_string(known)
                            + "; use the version of the program that wrote it, or a newer one");
  }
  return {};
}

void migrate(connection& db, std::span<const migration> list) {
  for (auto version = static_cast<std::size_t>(db.integer("pragma user_version"));
       version < list.size(); ++version) {
    try {
      auto step = transaction{db, transaction::kind::write};
      db.execute(list[version].sql);
      db.execute("pragma application_id = " + std::to_string(application_id));
      db.execute("pragma user_version = " + std::to_string(version + 1));
      step.commit();
    } catch (sqlite_error& error) {
      error.message += std::string{"; could not "} + list[version].what;
      throw;
    }
  }
}

result<void> check_damage(connection& db, const std::string& path) {
  if (db.integer("pragma page_count") * db.integer("pragma page_size") > checked_bytes_max)
    return {};
  const auto found = db.text("pragma quick_check(1)");
  if (found == "ok")
    return {};
  return unusable(path, "it is damaged; restore a backup, or save what is left with sqlite3's "
                        ".recover ("
                          + found.substr(0, 200) + ")");
}

}  // namespace persona_runtime::sqlite
