#include "providers/store/sqlite/memory_writer.hpp"

#include "domain/memory/chunk_json.hpp"
#include "providers/store/sqlite/word_rank.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace persona_runtime::sqlite {
namespace {

constexpr auto insert_chunk_sql =
  "insert into memory_chunk (place, chain, version, state, id, logical_id, superseded_by, source,"
  " written_at, written_by, reason, from_document, key, created_at, importance, hash, metadata,"
  " text) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
constexpr auto merged_pages = 500;  // of the word index, per transaction of a purge

std::optional<std::string_view> view_of(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>{*text} : std::nullopt;
}

chunk_state state_of(const memory_chunk& chunk) {
  if (!chunk.provenance)
    return chunk_state::head;
  if (chunk.provenance->superseded_by)
    return chunk_state::past;
  return chunk.provenance->retired ? chunk_state::retired : chunk_state::head;
}

std::vector<memory_chunk> chunks_of(cursor rows) {
  auto out = std::vector<memory_chunk>{};
  while (rows.next())
    out.push_back(chunk_of(rows));
  return out;
}

}  // namespace

/// The rules' view of one place, inside the transaction under way.
class memory_writer::chains final : public memory_chains {
public:
  chains(connection& db, memory_queries& queries, memory_writer& writer, const memory_place& place,
         std::int64_t number)
    : db_{db}, queries_{queries}, writer_{writer}, place_{place}, number_{number} {}

  std::vector<memory_chunk> chain(const std::string& logical_id) const override {
    return queries_.history(place_, logical_id);
  }
  bool has_chunk(const std::string& id) const override {
    return writer_.find_chunk_.query(number_, id).next();
  }
  std::vector<memory_chunk> newest() const override { return last_of_chains("place = ?1"); }
  std::vector<memory_chunk> documented() const override {
    return last_of_chains("place = ?1 and from_document = 1");
  }
  std::vector<std::string> ids() const override {
    auto asked = statement{db_, "select id from memory_chunk where place = ?1 order by row"};
    auto out = std::vector<std::string>{};
    auto rows = asked.query(number_);
    while (rows.next())
      out.emplace_back(rows.text(0));
    return out;
  }

private:
  std::vector<memory_chunk> last_of_chains(const std::string& wanted) const {
    const auto sql = std::string{"select "} + chunk_columns
                     + " from memory_chunk where row in (select max(row) from memory_chunk where "
                     + wanted + " group by chain) order by chain";
    auto asked = statement{db_, sql};
    return chunks_of(asked.query(number_));
  }

  connection& db_;
  memory_queries& queries_;
  memory_writer& writer_;
  const memory_place& place_;
  std::int64_t number_;
};

memory_writer::memory_writer(connection& db, memory_queries& queries)
  : db_{db}, queries_{queries},
    insert_scope_{db, "insert into memory_scope (persona, owner, user) values (?1, ?2, ?3)"},
    find_chunk_{db, "select row, state from memory_chunk where place = ?1 and id = ?2"},
    find_chain_{db, "select chain from memory_chunk where place = ?1 and logical_id = ?2 limit 1"},
    insert_chunk_{db, insert_chunk_sql},
    insert_words_{db, "insert into memory_word (rowid, words) values (?1, ?2)"},
    insert_waiting_{db, "insert into memory_waiting values (?1)"},
    link_chunk_{db, "update memory_chunk set superseded_by = ?2, state = 0 where row = ?1"},
    delete_chunk_{db, "delete from memory_chunk where row = ?1"},
    delete_words_{db, "delete from memory_word where rowid = ?1"},
    delete_vector_{db, "delete from memory_vector where row = ?1"},
    delete_waiting_{db, "delete from memory_waiting where row = ?1"},
    insert_audit_{db, "insert into memory_audit (scope, at, action, source, store, event)"
                      " values (?1, ?2, ?3, ?4, ?5, ?6)"},
    insert_vector_{db, "insert or replace into memory_vector"
                       " select ?1, ?2, ?3 from memory_chunk where row = ?1 and state = 1"},
    newest_chunk_{db, "select seq from sqlite_sequence where name = 'memory_chunk'"},
    insert_embedder_{db, "insert or ignore into memory_embedder (name) values (?1)"},
    find_embedder_{db, "select id from memory_embedder where name = ?1"} {
}

std::int64_t memory_writer::scope_number(const memory_scope& scope) {
  if (const auto known = queries_.place_number({scope, memory_store_kind::identity}))
    return *known / 4;
  insert_scope_.run(scope.persona.value, scope.owner.value, scope.user);
  return sqlite3_last_insert_rowid(db_.raw());
}

memory_outcome memory_writer::write(const memory_request& request) {
  auto outcome = memory_outcome{};
  outcome.place = request.place;
  // A refused first write leaves a scope without anything in it, which says nothing to anybody.
  const auto place =
    scope_number(request.place.scope) * 4 + static_cast<std::int64_t>(request.place.kind);
  const auto before = chains{db_, queries_, *this, request.place, place};
  const auto decided = decide_memory(request, before);
  if (!decided) {
    outcome.refusal = decided.error();
    return outcome;
  }
  carry_out(*decided, place, outcome);
  if (!outcome.added.empty() || !outcome.gone.empty())
    pending_.push_back(outcome);
  return outcome;
}

void memory_writer::carry_out(const memory_rows& rows, std::int64_t place,
                              memory_outcome& outcome) {
  for (const auto& id : rows.removed)
    remove(place, id, outcome);
  for (const auto& one : rows.linked)
    link(place, one, outcome);
  for (const auto& chunk : rows.added)
    add(place, chunk, outcome);
  if (rows.audit)
    note(*rows.audit);
}

void memory_writer::find_words_no_more(std::int64_t row) {
  delete_words_.run(row);
  delete_vector_.run(row);
  delete_waiting_.run(row);
}

void memory_writer::remove(std::int64_t place, const std::string& id, memory_outcome& outcome) {
  auto row = std::int64_t{0};
  auto state = std::int64_t{0};
  if (auto rows = find_chunk_.query(place, id); rows.next()) {
    row = rows.integer(0);
    state = rows.integer(1);
  }
  if (row == 0)
    return;
  delete_chunk_.run(row);
  if (state != static_cast<std::int64_t>(chunk_state::head))
    return;
  find_words_no_more(row);
  outcome.gone.push_back(row);
}

void memory_writer::link(std::int64_t place, const memory_link& link, memory_outcome& outcome) {
  auto row = std::int64_t{0};
  auto state = std::int64_t{0};
  if (auto rows = find_chunk_.query(place, link.from); rows.next()) {
    row = rows.integer(0);
    state = rows.integer(1);
  }
  link_chunk_.run(row, link.to);
  if (state != static_cast<std::int64_t>(chunk_state::head))
    return;
  find_words_no_more(row);
  outcome.gone.push_back(row);
}

void memory_writer::add(std::int64_t place, const memory_chunk& chunk, memory_outcome& outcome) {
  const auto from = chunk.provenance.value_or(memory_provenance{});
  const auto state = state_of(chunk);
  const auto logical_id =
    chunk.provenance ? std::optional<std::string_view>{from.logical_id} : std::nullopt;
  auto chain = std::int64_t{0};
  if (logical_id) {
    if (auto rows = find_chain_.query(place, *logical_id); rows.next())
      chain = rows.integer(0);
  }
  if (chain == 0) {
    auto rows = newest_chunk_.query();
    chain = (rows.next() ? rows.integer(0) : 0) + 1;
  }
  insert_chunk_.run(place, chain, from.version, static_cast<int>(state), chunk.id, logical_id,
                    view_of(from.superseded_by), static_cast<int>(from.source),
                    from.written_at.value, view_of(from.written_by), view_of(from.reason),
                    from.from_document ? 1 : 0, chunk.key, chunk.created_at.value,
                    importance_of(chunk.metadata), chunk.content_hash,
                    metadata_json(chunk.metadata), chunk.text);
  outcome.chunk_ids.push_back(chunk.id);
  if (state != chunk_state::head)
    return;
  const auto row = sqlite3_last_insert_rowid(db_.raw());
  insert_words_.run(row, words_of(place, chunk.text));
  insert_waiting_.run(row);
  outcome.added.push_back(row);
}

void memory_writer::note(const memory_audit& event) {
  insert_audit_.run(scope_number(event.scope), event.at.value, static_cast<int>(event.action),
                    static_cast<int>(event.source), static_cast<int>(event.store), to_json(event));
}

std::int64_t memory_writer::embedder_number(const std::string& name) {
  insert_embedder_.run(name);
  auto rows = find_embedder_.query(name);
  return rows.next() ? rows.integer(0) : 0;
}

void memory_writer::put_vectors(const std::string& embedder,
                                std::span<const chunk_vector> vectors) {
  const auto number = embedder_number(embedder);
  for (const auto& one : vectors) {
    insert_vector_.run(one.row, number, blob_view{bytes_of(one.vector)});
    delete_waiting_.run(one.row);
  }
}

std::uint64_t memory_writer::queue_all_but(const std::string& embedder) {
  auto queue = statement{db_, "insert or ignore into memory_waiting"
                              " select c.row from memory_chunk c left join memory_vector v"
                              " on v.row = c.row where c.state = 1"
                              " and (v.embedder is null or v.embedder <> ?1)"};
  queue.run(embedder_number(embedder));
  return static_cast<std::uint64_t>(db_.integer("select count(*) from memory_waiting"));
}

std::uint64_t memory_writer::purge_scope(std::int64_t scope) {
  const auto range =
    "between " + std::to_string(scope * 4) + " and " + std::to_string(scope * 4 + 3);
  const auto rows = "(select row from memory_chunk where place " + range + ")";
  const auto chunks = db_.integer("select count(*) from memory_chunk where place " + range);
  db_.execute("delete from memory_word where rowid in " + rows);
  db_.execute("delete from memory_vector where row in " + rows);
  db_.execute("delete from memory_waiting where row in " + rows);
  db_.execute("delete from memory_chunk where place " + range);
  db_.execute("delete from memory_audit where scope = " + std::to_string(scope));
  db_.execute("delete from memory_scope where id = " + std::to_string(scope));
  return static_cast<std::uint64_t>(chunks);
}

memory_purged memory_writer::purge(const memory_purge& what) {
  auto find = statement{db_, "select id, persona, owner, user from memory_scope where persona = ?1"
                             " and (?2 is null or owner = ?2) and (?3 is null or user = ?3)"};
  auto found = std::vector<std::pair<std::int64_t, memory_scope>>{};
  {
    const auto owner =
      what.owner ? std::optional<std::string_view>{what.owner->value} : std::nullopt;
    auto rows = find.query(what.persona.value, owner, view_of(what.user));
    while (rows.next()) {
      found.push_back(
        {rows.integer(0),
         {{std::string{rows.text(1)}}, {std::string{rows.text(2)}}, std::string{rows.text(3)}}});
    }
  }
  auto done = memory_purged{};
  for (const auto& [number, scope] : found) {
    done.chunks += purge_scope(number);
    ++done.scopes;
    for (const auto kind : memory_store_kinds) {
      pending_.push_back({});
      pending_.back().place = {scope, kind};
      pending_.back().purged = true;
    }
  }
  if (done.scopes > 0)
    note(purge_event(what, done));
  return done;
}

bool memory_writer::merge_words() {
  const auto before = sqlite3_total_changes64(db_.raw());
  // A negative number merges across levels until one segment is left, which holds no word of rows
  // that are gone (FTS5, "merge").
  db_.execute("insert into memory_word (memory_word, rank) values ('merge', "
              + std::to_string(-merged_pages) + ")");
  return sqlite3_total_changes64(db_.raw()) - before < 2;
}

void memory_writer::publish() {
  std::ranges::move(pending_, std::back_inserter(changes_));
  pending_.clear();
}

std::vector<memory_outcome> memory_writer::take_changes() {
  return std::exchange(changes_, {});
}

}  // namespace persona_runtime::sqlite
