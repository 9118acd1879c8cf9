#pragma once
// SQLite behind four small types. Its errors are thrown as sqlite_error, which never leaves this
// folder: every public function of the store catches it once (`failure_of`).

#include "domain/failure.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace persona_runtime::sqlite {

struct sqlite_error {
  int code = 0;         // SQLite's extended result code
  std::string message;  // SQLite's words
};

/// Bytes that are no text.
struct blob_view {
  std::string_view bytes;
};

/// Something that a function of SQL takes as it is; `type` names what it is, in a literal.
struct pointer_view {
  const void* to;
  const char* type;
};

enum class access : std::uint8_t { read_write, read_only };

class statement;

/// One connection; one thread at a time.
class connection {
public:
  /// Opens, and with read_write creates, the file. `vfs` empty: the system's.
  connection(const std::string& path, access mode, const std::string& vfs);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Carries out one or more statements that give no rows.
  void execute(const std::string& sql);
  /// First column of the first row of `sql`; 0 or empty when there is none.
  [[nodiscard]] std::int64_t integer(std::string_view sql);
  [[nodiscard]] std::string text(std::string_view sql);

  /// Rows that the last insert, update or delete changed.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] sqlite3* raw() const { return db_; }
  [[noreturn]] void fail(int code) const;

private:
  friend class transaction;
  /// Prepared at its first use and kept: transactions come by the thousand.
  void run_kept(std::unique_ptr<statement>& kept, std::string_view sql);

  sqlite3* db_ = nullptr;
  std::unique_ptr<statement> begin_read_;
  std::unique_ptr<statement> begin_write_;
  std::unique_ptr<statement> commit_;
  std::unique_ptr<statement> rollback_;
};

/// The rows of one execution of a statement, which it resets when it goes.
class cursor {
public:
  cursor(const connection& db, sqlite3_stmt* statement) : db_{db}, statement_{statement} {}
  ~cursor();
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;

  /// Goes to the next row; false behind the last one.
  bool next();
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::optional<std::int64_t> integer_or_none(int column) const;
  /// Valid until the next call of next(). Of blobs the bytes.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::optional<std::string> text_or_none(int column) const;
  [[nodiscard]] double real(int column) const;

private:
  const connection& db_;
  sqlite3_stmt* statement_;
};

/// A prepared statement. What is bound by view must live as long as the cursor.
class statement {
public:
  statement(const connection& db, std::string_view sql);
  ~statement();
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  template <class... Values>
  [[nodiscard]] cursor query(const Values&... values) {
    auto index = 0;
    (bind(++index, values), ...);
    return {db_, statement_};
  }

  template <class... Values>
  void run(const Values&... values) {
    auto rows = query(values...);
    while (rows.next()) {
    }
  }

private:
  template <std::integral Integer>
  void bind(int index, Integer value) {
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  void bind(int index, const std::optional<std::int64_t>& value);
  void bind(int index, double value);
  void bind(int index, blob_view value);
  void bind(int index, pointer_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view{value}); }
  void bind(int index, std::string_view value);
  void bind(int index, const std::optional<std::string_view>& value);
  void bind(int index, std::nullptr_t);
  void bind_integer(int index, std::int64_t value);

  const connection& db_;
  sqlite3_stmt* statement_ = nullptr;
};

/// Rolled back when it goes without a commit.
class transaction {
public:
  enum class kind : std::uint8_t { read, write };
  transaction(connection& db, kind wanted);
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  void commit();

private:
  connection& db_;
};

/// A failed sync: nothing that the file seems to hold can be trusted any more.
[[nodiscard]] bool is_failed_sync(int code);

/// journal_unavailable, in words for whoever runs the machine; `path` names the database file.
[[nodiscard]] failure failure_of(const sqlite_error& error, const std::string& path);

}  // namespace persona_runtime::sqlite
