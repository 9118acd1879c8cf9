#include "providers/store/sqlite/queries.hpp"

#include "providers/store/sqlite/values.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace persona_runtime::sqlite {
namespace {

// Column order of run_of().
constexpr auto select_run = std::string_view{
  "select r.accepted, r.run, r.owner, r.persona, r.status, r.idempotency_key, r.request_hash,"
  " r.started_at, r.finished_at, s.summary"
  " from run r left join run_summary s on s.run = r.accepted where "};

// Column order of persona_of().
constexpr auto select_persona =
  std::string_view{"select id, owner, yaml, summary, created_at, updated_at from persona "};

run_status status_in(std::int64_t number) {
  if (number < 0 || number > static_cast<std::int64_t>(run_status::error))
    throw sqlite_error{SQLITE_CORRUPT, "unknown run status " + std::to_string(number)};
  return static_cast<run_status>(number);
}

run_row run_of(const cursor& row) {
  auto run = run_row{};
  run.accepted = static_cast<std::uint64_t>(row.integer(0));
  run.run = {std::string{row.text(1)}};
  run.owner = {std::string{row.text(2)}};
  run.persona = {std::string{row.text(3)}};
  run.status = status_in(row.integer(4));
  run.idempotency_key = std::string{row.text(5)};
  run.request_hash = std::string{row.text(6)};
  run.started_at = {row.integer(7)};
  if (const auto at = row.integer_or_none(8))
    run.finished_at = instant{*at};
  run.summary = shared_text{std::string{row.text(9)}};
  return run;
}

persona_row persona_of(const cursor& row) {
  return {{std::string{row.text(0)}}, {std::string{row.text(1)}},
          std::string{row.text(2)},   shared_text{std::string{row.text(3)}},
          {row.integer(4)},           {row.integer(5)}};
}

std::vector<run_row> all_runs(cursor rows) {
  auto found = std::vector<run_row>{};
  while (rows.next())
    found.push_back(run_of(rows));
  return found;
}

/// One ordered look-up per status, each with its own limit, then the best of all: an index whose
/// second column is the status thus serves a list of all of them without sorting the whole table.
std::string list_sql(const std::string& condition, std::span<const run_status> statuses,
                     const std::string& order) {
  auto sql = sql_of(select_run, "r.accepted in (");
  auto separator = "";
  for (const auto status : statuses) {
    sql.append(separator)
      .append("select accepted from (select accepted from run where ")
      .append(condition)
      .append(" and status = ")
      .append(std::to_string(static_cast<int>(status)))
      .append(" order by accepted ")
      .append(order)
      .append(" limit ?1)");
    separator = " union all ";
  }
  return sql + ") order by r.accepted " + order + " limit ?1";
}

constexpr auto every_status =
  std::array{run_status::running,   run_status::awaiting_user,     run_status::completed,
             run_status::cancelled, run_status::max_steps_reached, run_status::budget_exhausted,
             run_status::error};
constexpr auto live_statuses = std::array{run_status::running, run_status::awaiting_user};

}  // namespace

journal_append append_of(const run_id& run, const cursor& row, int first) {
  auto append = journal_append{};
  append.run = run;
  append.life = {static_cast<std::uint32_t>(row.integer(first))};
  append.pos = static_cast<std::uint64_t>(row.integer(first + 1));
  append.records = static_cast<std::uint32_t>(row.integer(first + 2));
  append.seq = {static_cast<std::uint64_t>(row.integer(first + 3))};
  append.events = static_cast<std::uint32_t>(row.integer(first + 4));
  append.body = shared_text{std::string{row.text(first + 5)}};
  return append;
}

sqlite_error broken_chain(std::int64_t row) {
  return {SQLITE_CORRUPT, "the chain of a run is broken at row " + std::to_string(row)};
}

queries::queries(connection& db, const live_heads& heads)
  : db_{db}, heads_{heads}, start_{db, "select accepted, head from run where run = ?1"},
    link_{db, "select run, previous, seq, events from journal where row = ?1"},
    body_{db, "select run, previous, life, pos, records, seq, events, body from journal"
              " where row = ?1"},
    run_{db, sql_of(select_run, "r.run = ?1")},
    run_by_key_{db, sql_of(select_run, "r.owner = ?1 and r.idempotency_key = ?2")},
    content_{db, "select t.text from content c join content_text t on t.id = c.id"
                 " where c.hash = ?1"},
    persona_{db, sql_of(select_persona, "where id = ?1")} {
}

std::optional<queries::chain_start> queries::start_of(const run_id& run,
                                                      std::optional<std::int64_t> live_head) {
  auto rows = start_.query(run.value);
  if (!rows.next())
    return std::nullopt;
  return chain_start{rows.integer(0), std::max(rows.integer(1), live_head.value_or(0))};
}

journal_append queries::load(const run_id& run, std::int64_t row) {
  auto rows = body_.query(row);
  if (!rows.next())
    throw broken_chain(row);
  return append_of(run, rows, 2);
}

/// Rows of the chain from the newest back to the first one that `enough` says is.
template <class Enough>
std::vector<queries::link> queries::walk(const run_id& run, std::optional<std::int64_t> live_head,
                                         const Enough& enough) {
  auto links = std::vector<link>{};
  const auto start = start_of(run, live_head);
  if (!start)
    return links;
  for (auto row = start->head; row != 0;) {
    auto rows = link_.query(row);
    if (!rows.next() || rows.integer(0) != start->accepted || rows.integer(1) >= row)
      throw broken_chain(row);
    links.push_back({row, static_cast<std::uint64_t>(rows.integer(2)),
                     static_cast<std::uint64_t>(rows.integer(3))});
    row = enough(links.back()) ? 0 : rows.integer(1);
  }
  return links;
}

std::vector<journal_append> queries::read_run(const run_id& run) {
  const auto live_head = heads_.head_of(run);
  auto snapshot = transaction{db_, transaction::kind::read};
  auto found = std::vector<journal_append>{};
  const auto start = start_of(run, live_head);
  for (auto row = start ? start->head : 0; row != 0;) {
    auto rows = body_.query(row);
    if (!rows.next() || rows.integer(0) != start->accepted || rows.integer(1) >= row)
      throw broken_chain(row);
    found.push_back(append_of(run, rows, 2));
    row = rows.integer(1);
  }
  std::ranges::reverse(found);
  return found;
}

std::vector<journal_append> queries::read_events(const run_id& run, event_seq from,
                                                 std::uint32_t events_max) {
  const auto live_head = heads_.head_of(run);
  auto snapshot = transaction{db_, transaction::kind::read};
  auto found = std::vector<journal_append>{};
  auto taken = std::uint64_t{0};
  const auto links = walk(run, live_head, [&](const link& at) { return at.seq <= from.value; });
  for (auto at = links.rbegin(); at != links.rend(); ++at) {
    const auto end = at->seq + at->events;
    if (at->events == 0 || end <= from.value)
      continue;
    found.push_back(load(run, at->row));
    taken += end - std::max(at->seq, from.value);
    if (taken >= events_max)
      break;
  }
  return found;
}

std::optional<run_row> queries::find_run(const run_id& run) {
  auto rows = run_.query(run.value);
  return rows.next() ? std::optional{run_of(rows)} : std::nullopt;
}

std::optional<run_row> queries::find_run_by_key(const owner_id& owner, const std::string& key) {
  if (key.empty())
    return std::nullopt;
  auto rows = run_by_key_.query(owner.value, key);
  return rows.next() ? std::optional{run_of(rows)} : std::nullopt;
}

std::vector<run_row> queries::list_runs(const run_filter& filter) {
  // A persona has one owner, so its index is the narrower one when both are asked for.
  const auto* condition = filter.persona ? "accepted < ?2 and persona = ?4 and (?3 is null or "
                                           "owner = ?3)"
                          : filter.owner ? "accepted < ?2 and owner = ?3 and ?4 is null"
                                         : "accepted < ?2 and ?3 is null and ?4 is null";
  const auto statuses = filter.status ? std::span{&*filter.status, 1} : std::span{every_status};
  auto list = statement{db_, list_sql(condition, statuses, "desc")};
  const auto limit = std::clamp(filter.limit, 1U, listed_max);
  const auto before = capped(filter.before.value_or(std::numeric_limits<std::uint64_t>::max()));
  const auto owner =
    filter.owner ? std::optional<std::string_view>{filter.owner->value} : std::nullopt;
  const auto persona =
    filter.persona ? std::optional<std::string_view>{filter.persona->value} : std::nullopt;
  return all_runs(list.query(limit, before, owner, persona));
}

std::vector<run_row> queries::unfinished_runs(std::uint64_t from, std::uint32_t limit) {
  auto list = statement{db_, list_sql("accepted >= ?2", live_statuses, "asc")};
  return all_runs(list.query(limit, capped(from)));
}

std::optional<shared_text> queries::read_content(const std::string& hash) {
  auto rows = content_.query(hash);
  return rows.next() ? std::optional{shared_text{std::string{rows.text(0)}}} : std::nullopt;
}

std::optional<persona_row> queries::find_persona(const persona_id& id) {
  auto rows = persona_.query(id.value);
  return rows.next() ? std::optional{persona_of(rows)} : std::nullopt;
}

std::vector<persona_row> queries::list_personas(const std::optional<owner_id>& owner,
                                                std::uint32_t limit, std::uint64_t offset) {
  const auto* which = owner ? "where owner = ?3" : "where ?3 is null";
  auto list = statement{db_, sql_of(select_persona, which)
                               + " order by created_at desc, id desc limit ?1 offset ?2"};
  const auto asked = owner ? std::optional<std::string_view>{owner->value} : std::nullopt;
  auto rows = list.query(limit, capped(offset), asked);
  auto found = std::vector<persona_row>{};
  while (rows.next())
    found.push_back(persona_of(rows));
  return found;
}

}  // namespace persona_runtime::sqlite
