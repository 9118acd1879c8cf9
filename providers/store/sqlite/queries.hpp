#pragma once
// Reading the database: the same for the writer's connection and for readers of their own.

#include "providers/store/journal_store.hpp"
#include "providers/store/sqlite/connection.hpp"
#include "providers/store/sqlite/live_heads.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persona_runtime::sqlite {

/// An append of `run`, whose life, position, records, seq, events and body are columns from `first`
/// on.
[[nodiscard]] journal_append append_of(const run_id& run, const cursor& row, int first);

/// Every question of journal_reader over one connection, each in a read transaction of its own.
/// Throws sqlite_error. Thread: that of the connection.
class queries {
public:
  /// Both must outlive this.
  queries(connection& db, const live_heads& heads);

  [[nodiscard]] std::vector<journal_append> read_run(const run_id& run);
  [[nodiscard]] std::vector<journal_append> read_events(const run_id& run, event_seq from,
                                                        std::uint32_t events_max);
  [[nodiscard]] std::optional<run_row> find_run(const run_id& run);
  [[nodiscard]] std::optional<run_row> find_run_by_key(const owner_id& owner,
                                                       const std::string& key);
  [[nodiscard]] std::vector<run_row> list_runs(const run_filter& filter);
  [[nodiscard]] std::vector<run_row> unfinished_runs(std::uint64_t from, std::uint32_t limit);
  [[nodiscard]] std::optional<shared_text> read_content(const std::string& hash);
  [[nodiscard]] std::optional<persona_row> find_persona(const persona_id& id);
  [[nodiscard]] std::vector<persona_row> list_personas(const std::optional<owner_id>& owner,
                                                       std::uint32_t limit, std::uint64_t offset);

private:
  struct chain_start {
    std::int64_t accepted = 0;
    std::int64_t head = 0;
  };
  [[nodiscard]] std::optional<chain_start> start_of(const run_id& run,
                                                    std::optional<std::int64_t> live_head);
  struct link {
    std::int64_t row = 0;
    std::uint64_t seq = 0;
    std::uint64_t events = 0;
  };
  /// `live_head` is asked for before the snapshot begins, so that the snapshot holds that row.
  template <class Enough>
  [[nodiscard]] std::vector<link> walk(const run_id& run, std::optional<std::int64_t> live_head,
                                       const Enough& enough);
  [[nodiscard]] journal_append load(const run_id& run, std::int64_t row);

  connection& db_;
  const live_heads& heads_;
  statement start_;
  statement link_;
  statement body_;
  statement run_;
  statement run_by_key_;
  statement content_;
  statement persona_;
};

/// What damage of a chain looks like to whoever runs the machine.
[[nodiscard]] sqlite_error broken_chain(std::int64_t row);

}  // namespace persona_runtime::sqlite
