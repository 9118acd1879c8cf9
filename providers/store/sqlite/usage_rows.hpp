#pragma once
// The totals of usage in the database.

#include "domain/budget/usage.hpp"
#include "providers/store/sqlite/connection.hpp"

#include <span>
#include <vector>

namespace persona_runtime::sqlite {

/// What the appends of one commit took, summed up as far as they come from the same: a change of
/// a row costs more than all else that is done for it.
class usage_sums {
public:
  void add(std::span<const usage_entry> usage);
  /// May hold two of the same when many others lie between them.
  [[nodiscard]] const std::vector<usage_entry>& entries() const { return sums_; }

private:
  std::vector<usage_entry> sums_;
};

/// Writes. Throws sqlite_error. Thread: that of the connection, which must outlive this.
class usage_writer {
public:
  explicit usage_writer(connection& db);

  void add(std::span<const usage_entry> usage);
  /// What a turn of this conversation took.
  void spend(const conversation_id& id, std::span<const usage_entry> usage);

private:
  statement add_;
  statement spend_;
};

/// Throws sqlite_error.
[[nodiscard]] std::vector<usage_entry> read_usage(connection& db, const usage_filter& filter);
[[nodiscard]] spent_cents read_spent(connection& db, const conversation_id& id);

}  // namespace persona_runtime::sqlite
