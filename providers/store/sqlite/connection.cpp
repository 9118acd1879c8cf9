#include "providers/store/sqlite/connection.hpp"

#include <sqlite3.h>

#include <utility>

namespace persona_runtime::sqlite {
namespace {

constexpr auto busy_timeout_ms = 1'000;  // somebody may look into the file with another program

std::string_view advice_for(int code) {
  switch (code & 0xff) {
  case SQLITE_FULL:
    return "the disk is full; free some space";
  case SQLITE_NOTADB:
    return "it is not a SQLite database; move it away or choose another data directory";
  case SQLITE_CORRUPT:
    return "it is damaged; restore a backup, or save what is left with sqlite3's .recover";
  case SQLITE_READONLY:
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
    return "it cannot be written; check owner and permissions of it and of its directory";
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return "another program has locked it; close that program";
  default:
    return "reading or writing failed; check the disk and the system's log";
  }
}

}  // namespace

connection::connection(const std::string& path, access mode, const std::string& vfs) {
  const auto flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
                     | (mode == access::read_only ? SQLITE_OPEN_READONLY
                                                  : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const auto code = sqlite3_open_v2(path.c_str(), &db_, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) {
    auto words = std::string{db_ != nullptr ? sqlite3_errmsg(db_) : "out of memory"};
    sqlite3_close(db_);
    throw sqlite_error{code, std::move(words)};
  }
  sqlite3_busy_timeout(db_, busy_timeout_ms);
  // A file that may only be read opens without complaint; the first append would be refused.
  if (mode == access::read_write && sqlite3_db_readonly(db_, "main") == 1) {
    sqlite3_close(db_);
    throw sqlite_error{SQLITE_READONLY, "the file is read-only"};
  }
}

connection::~connection() {
  for (auto* kept : {&begin_read_, &begin_write_, &commit_, &rollback_})
    kept->reset();  // one that is left would keep the file open
  sqlite3_close(db_);
}

void connection::fail(int code) const {
  throw sqlite_error{code, sqlite3_errmsg(db_)};
}

void connection::execute(const std::string& sql) {
  if (const auto code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
      code != SQLITE_OK)
    fail(code);
}

void connection::run_kept(std::unique_ptr<statement>& kept, std::string_view sql) {
  if (!kept)
    kept = std::make_unique<statement>(*this, sql);
  kept->run();
}

std::int64_t connection::integer(std::string_view sql) {
  auto asked = statement{*this, sql};
  auto rows = asked.query();
  return rows.next() ? rows.integer(0) : 0;
}

std::string connection::text(std::string_view sql) {
  auto asked = statement{*this, sql};
  auto rows = asked.query();
  return rows.next() ? std::string{rows.text(0)} : std::string{};
}

std::int64_t connection::changes() const {
  return sqlite3_changes64(db_);
}

bool connection::in_transaction() const {
  return sqlite3_get_autocommit(db_) == 0;
}

cursor::~cursor() {
  sqlite3_reset(statement_);
}

bool cursor::next() {
  const auto code = sqlite3_step(statement_);
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    db_.fail(code);
  return code == SQLITE_ROW;
}

std::int64_t cursor::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> cursor::integer_or_none(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL)
    return std::nullopt;
  return integer(column);
}

std::string_view cursor::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr)
    return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> cursor::text_or_none(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL)
    return std::nullopt;
  return std::string{text(column)};
}

double cursor::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

statement::statement(const connection& db, std::string_view sql) : db_{db} {
  const auto code = sqlite3_prepare_v3(db.raw(), sql.data(), static_cast<int>(sql.size()),
                                       SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK)
    db.fail(code);
}

statement::~statement() {
  sqlite3_finalize(statement_);
}

void statement::bind_integer(int index, std::int64_t value) {
  if (const auto code = sqlite3_bind_int64(statement_, index, value); code != SQLITE_OK)
    db_.fail(code);
}

void statement::bind(int index, const std::optional<std::int64_t>& value) {
  if (value) {
    bind_integer(index, *value);
  } else {
    bind(index, nullptr);
  }
}

void statement::bind(int index, std::string_view value) {
  // A null pointer would bind NULL; an empty text is a text.
  const auto* bytes = value.empty() ? "" : value.data();
  const auto code =
    sqlite3_bind_text64(statement_, index, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK)
    db_.fail(code);
}

void statement::bind(int index, double value) {
  if (const auto code = sqlite3_bind_double(statement_, index, value); code != SQLITE_OK)
    db_.fail(code);
}

void statement::bind(int index, blob_view value) {
  const auto* bytes = value.bytes.empty() ? "" : value.bytes.data();
  const auto code =
    sqlite3_bind_blob64(statement_, index, bytes, value.bytes.size(), SQLITE_STATIC);
  if (code != SQLITE_OK)
    db_.fail(code);
}

void statement::bind(int index, pointer_view value) {
  auto* to = const_cast<void*>(value.to);  // as SQLite's interface wants it; nobody writes
  if (const auto code = sqlite3_bind_pointer(statement_, index, to, value.type, nullptr);
      code != SQLITE_OK)
    db_.fail(code);
}

void statement::bind(int index, const std::optional<std::string_view>& value) {
  if (value) {
    bind(index, *value);
  } else {
    bind(index, nullptr);
  }
}

void statement::bind(int index, std::nullptr_t) {
  if (const auto code = sqlite3_bind_null(statement_, index); code != SQLITE_OK)
    db_.fail(code);
}

transaction::transaction(connection& db, kind wanted) : db_{db} {
  if (wanted == kind::write)
    db_.run_kept(db_.begin_write_, "begin immediate");
  else
    db_.run_kept(db_.begin_read_, "begin");
}

transaction::~transaction() {
  // SQLite rolls back by itself after some errors; a rollback that fails leaves nothing to do.
  if (!db_.in_transaction())
    return;
  try {
    db_.run_kept(db_.rollback_, "rollback");
  } catch (const sqlite_error&) {
  }
}

void transaction::commit() {
  db_.run_kept(db_.commit_, "commit");
}

bool is_failed_sync(int code) {
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

failure failure_of(const sqlite_error& error, const std::string& path) {
  auto detail = "journal " + path + ": " + std::string{advice_for(error.code)} + " ("
                + error.message + ", SQLite code " + std::to_string(error.code) + ")";
  if (detail.size() > 512)
    detail.resize(512);
  return {errc::journal_unavailable, std::move(detail), std::chrono::seconds{1}};
}

}  // namespace persona_runtime::sqlite
