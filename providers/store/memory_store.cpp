#include "providers/store/memory_store.hpp"

#include "providers/store/append_rule.hpp"
#include "providers/store/memory_chunks.hpp"
#include "providers/store/memory_conversations.hpp"
#include "providers/store/usage_totals.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace persona_runtime {
namespace {

struct kept_run {
  run_row row;
  journal_end end;
  std::vector<journal_append> appends;
  std::set<std::string> contents;  // hashes
};

struct kept_content {
  shared_text text;
  std::size_t uses = 0;  // runs
};

/// Everything, behind one lock.
struct memory {
  std::mutex lock;
  std::map<std::string, kept_run> runs;
  std::map<std::uint64_t, std::string> by_number;
  std::map<std::pair<std::string, std::string>, std::string> by_key;  // (owner, key)
  std::map<std::string, kept_content> contents;
  std::map<std::string, persona_row> personas;
  std::uint64_t accepted_last = 0;
  memory_conversations talks;
  memory_chunks chunks;
  usage_totals usage;
};

bool matches(const run_row& row, const run_filter& wanted) {
  return (!wanted.owner || row.owner == *wanted.owner)
         && (!wanted.persona || row.persona == *wanted.persona)
         && (!wanted.status || row.status == *wanted.status)
         && (!wanted.before || row.accepted < *wanted.before);
}

/// Reading; Interface is journal_reader or journal_store.
template <class Interface>
class memory_reading : public Interface {
public:
  explicit memory_reading(std::shared_ptr<memory> all) : all_{std::move(all)} {}

  result<std::vector<journal_append>> read_run(const run_id& run) override {
    const auto guard = std::lock_guard{all_->lock};
    const auto i = all_->runs.find(run.value);
    return i == all_->runs.end() ? all_->talks.appends_of(run) : i->second.appends;
  }

  result<std::vector<journal_append>> read_events(const run_id& run, event_seq from,
                                                  std::uint32_t events_max) override {
    const auto guard = std::lock_guard{all_->lock};
    auto found = std::vector<journal_append>{};
    const auto i = all_->runs.find(run.value);
    const auto appends = i == all_->runs.end() ? all_->talks.appends_of(run) : i->second.appends;
    auto taken = std::uint64_t{0};
    for (const auto& append : appends) {
      const auto end = append.seq.value + append.events;
      if (append.events == 0 || end <= from.value)
        continue;
      found.push_back(append);
      taken += end - std::max(append.seq.value, from.value);
      if (taken >= events_max)
        break;
    }
    return found;
  }

  result<std::optional<run_row>> find_run(const run_id& run) override {
    const auto guard = std::lock_guard{all_->lock};
    const auto i = all_->runs.find(run.value);
    return i == all_->runs.end() ? std::nullopt : std::optional{i->second.row};
  }

  result<std::optional<run_row>> find_run_by_key(const owner_id& owner,
                                                 const std::string& key) override {
    const auto guard = std::lock_guard{all_->lock};
    const auto i = all_->by_key.find({owner.value, key});
    return i == all_->by_key.end() ? std::nullopt : std::optional{all_->runs.at(i->second).row};
  }

  result<std::vector<run_row>> list_runs(const run_filter& filter) override {
    const auto guard = std::lock_guard{all_->lock};
    auto found = std::vector<run_row>{};
    const auto limit = std::clamp(filter.limit, 1U, 200U);
    for (auto i = all_->by_number.rbegin(); i != all_->by_number.rend(); ++i) {
      if (found.size() >= limit)
        break;
      if (const auto& row = all_->runs.at(i->second).row; matches(row, filter))
        found.push_back(row);
    }
    return found;
  }

  result<std::vector<run_row>> unfinished_runs(std::uint64_t from, std::uint32_t limit) override {
    const auto guard = std::lock_guard{all_->lock};
    auto found = std::vector<run_row>{};
    for (auto i = all_->by_number.lower_bound(from);
         i != all_->by_number.end() && found.size() < limit; ++i) {
      if (const auto& row = all_->runs.at(i->second).row; !is_terminal(row.status))
        found.push_back(row);
    }
    return found;
  }

  result<std::optional<shared_text>> read_content(const std::string& hash) override {
    const auto guard = std::lock_guard{all_->lock};
    const auto i = all_->contents.find(hash);
    return i == all_->contents.end() ? std::nullopt : std::optional{i->second.text};
  }

  result<std::optional<persona_row>> find_persona(const persona_id& id) override {
    const auto guard = std::lock_guard{all_->lock};
    const auto i = all_->personas.find(id.value);
    return i == all_->personas.end() ? std::nullopt : std::optional{i->second};
  }

  result<std::vector<persona_row>> list_personas(const std::optional<owner_id>& owner,
                                                 std::uint32_t limit,
                                                 std::uint64_t offset) override {
    const auto guard = std::lock_guard{all_->lock};
    auto found = std::vector<persona_row>{};
    for (const auto& [id, row] : all_->personas) {
      if (!owner || row.owner == *owner)
        found.push_back(row);
    }
    std::ranges::sort(found, std::greater{}, [](const persona_row& row) {
      return std::pair{row.created_at, row.id};
    });
    const auto skipped = std::min<std::uint64_t>(offset, found.size());
    found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(skipped));
    if (found.size() > limit)
      found.resize(limit);
    return found;
  }

  result<std::vector<usage_entry>> read_usage(const usage_filter& filter) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->usage.list(filter);
  }
  result<spent_cents> read_spent(const conversation_id& id) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.find(id) ? all_->usage.spent(id) : spent_cents{};
  }

  result<std::optional<conversation_row>> find_conversation(const conversation_id& id) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.find(id);
  }

  result<std::vector<conversation_row>>
  list_conversations(const conversation_filter& filter) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.list(filter);
  }

  result<std::vector<message_row>> list_messages(const message_filter& filter) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.messages(filter);
  }

  result<std::optional<message_row>> running_message(const conversation_id& conversation) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.running(conversation);
  }

  result<std::vector<unfinished_turn>> unfinished_turns(std::uint64_t after,
                                                        std::uint32_t limit) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.unfinished(after, limit);
  }

  result<std::vector<turn_log_row>> list_turn_logs(const turn_log_filter& filter) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.logs(filter);
  }

protected:
  std::shared_ptr<memory> all_;
};

using memory_reader = memory_reading<journal_reader>;

class memory_chunk_reader final : public chunk_reader {
public:
  explicit memory_chunk_reader(std::shared_ptr<memory> all) : all_{std::move(all)} {}

  result<std::vector<indexed_chunk>> read_heads(const memory_place& place,
                                                const std::string& embedder, std::int64_t after,
                                                std::uint32_t limit) override {
    const auto guard = std::lock_guard{all_->lock};
    auto found = all_->chunks.heads(place, embedder);
    std::erase_if(found, [&](const indexed_chunk& head) { return head.row <= after; });
    if (found.size() > limit)
      found.resize(limit);
    return found;
  }
  result<std::vector<indexed_chunk>> read_heads_of(const memory_place& place,
                                                   const std::string& embedder,
                                                   std::span<const std::int64_t> rows) override {
    const auto guard = std::lock_guard{all_->lock};
    auto found = all_->chunks.heads(place, embedder);
    std::erase_if(found, [&](const indexed_chunk& head) {
      return std::ranges::find(rows, head.row) == rows.end();
    });
    return found;
  }
  result<std::vector<memory_chunk>> read_chunks(std::span<const std::int64_t> rows) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.chunks(rows);
  }
  result<std::vector<memory_chunk>> recent(const memory_place& place,
                                           std::uint32_t limit) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.recent(place, limit);
  }
  result<std::vector<memory_chunk>> list_chunks(const chunk_filter& filter) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.list(filter);
  }
  result<std::vector<memory_chunk>> history(const memory_place& place,
                                            const std::string& logical_id) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.history(place, logical_id);
  }
  result<std::vector<std::int64_t>> search_words(const memory_place& place,
                                                 const word_search& what) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.search_words(place, what);
  }
  result<std::vector<memory_audit>> read_audit(const persona_id& persona,
                                               const std::optional<memory_scope>& scope,
                                               const audit_filter& filter, std::uint32_t limit,
                                               std::uint64_t offset) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.audit(persona, scope, filter, limit, offset);
  }
  result<std::vector<memory_scope>> list_scopes(const persona_id& persona) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.scopes(persona);
  }
  result<std::vector<memory_scope>> list_filled_scopes() override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.filled_scopes();
  }
  result<std::vector<waiting_chunk>> read_waiting(std::uint32_t limit) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.waiting(limit);
  }

private:
  std::shared_ptr<memory> all_;
};

class memory_store final : public memory_reading<journal_store> {
public:
  memory_store() : memory_reading{std::make_shared<memory>()} {}

  result<std::vector<append_verdict>> append(std::span<const journal_append> batch) override {
    const auto guard = std::lock_guard{all_->lock};
    auto verdicts = std::vector<append_verdict>{};
    verdicts.reserve(batch.size());
    for (const auto& append : batch) {
      verdicts.push_back(append.turn ? all_->talks.append(append) : append_one(append));
      if (verdicts.back() != append_verdict::committed)
        continue;
      for (const auto& request : append.memory)
        all_->chunks.write(request);
      all_->usage.add(append.usage);
      if (append.turn)
        all_->usage.spend(append.turn->conversation, append.usage);
    }
    return verdicts;
  }

  result<void> put_persona(const persona_row& row,
                           std::span<const memory_request> memory) override {
    const auto guard = std::lock_guard{all_->lock};
    for (const auto& request : memory)
      all_->chunks.write(request);
    all_->personas.insert_or_assign(row.id.value, row);
    return {};
  }

  result<void> delete_persona(const persona_id& id) override {
    const auto guard = std::lock_guard{all_->lock};
    const auto uses = [&](const auto& kept) {
      return kept.second.row.persona == id && !is_terminal(kept.second.row.status);
    };
    if (!all_->personas.contains(id.value))
      return failure{errc::persona_not_found, "there is no persona " + id.value};
    if (std::ranges::any_of(all_->runs, uses))
      return failure{errc::persona_in_use, "a run of persona " + id.value + " has not ended"};
    if (!all_->talks.remove_all_of(id))
      return failure{errc::persona_in_use, "a turn of persona " + id.value + " is under way"};
    all_->personas.erase(id.value);
    return {};
  }

  result<void> create_conversation(const conversation_row& row) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.create(row);
  }

  result<void> fork_conversation(const conversation_fork& what) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.fork(what);
  }

  result<void> change_conversation(const conversation_id& id,
                                   const conversation_change& change) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.change(id, change);
  }

  result<void> delete_conversation(const conversation_id& id) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->talks.remove(id);
  }

  result<void> delete_run(const run_id& run) override {
    const auto guard = std::lock_guard{all_->lock};
    const auto i = all_->runs.find(run.value);
    if (i == all_->runs.end())
      return failure{errc::run_not_found, "there is no run " + run.value};
    const auto& row = i->second.row;
    if (!is_terminal(row.status))
      return failure{errc::run_active, "run " + run.value + " has not ended; cancel it first"};
    for (const auto& hash : i->second.contents) {
      if (--all_->contents.at(hash).uses == 0)
        all_->contents.erase(hash);
    }
    all_->by_number.erase(row.accepted);
    all_->by_key.erase({row.owner.value, row.idempotency_key});
    all_->runs.erase(i);
    return {};
  }

  result<std::vector<memory_outcome>> write_memory(std::span<const memory_request> batch) override {
    const auto guard = std::lock_guard{all_->lock};
    auto outcomes = std::vector<memory_outcome>{};
    for (const auto& request : batch)
      outcomes.push_back(all_->chunks.write(request));
    return outcomes;
  }
  result<void> put_vectors(const std::string& embedder,
                           std::span<const chunk_vector> vectors) override {
    const auto guard = std::lock_guard{all_->lock};
    all_->chunks.put_vectors(embedder, vectors);
    return {};
  }
  result<std::uint64_t> queue_all_but(const std::string& embedder) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.queue_all_but(embedder);
  }
  result<memory_purged> purge_memory(const memory_purge& what) override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.purge(what);
  }
  std::vector<memory_outcome> take_memory_changes() override {
    const auto guard = std::lock_guard{all_->lock};
    return all_->chunks.take_changes();
  }

  result<void> add_usage(std::span<const usage_entry> usage) override {
    const auto guard = std::lock_guard{all_->lock};
    all_->usage.add(usage);
    return {};
  }

  std::unique_ptr<journal_reader> open_reader() override {
    return std::make_unique<memory_reader>(all_);
  }
  std::unique_ptr<chunk_reader> open_chunk_reader() override {
    return std::make_unique<memory_chunk_reader>(all_);
  }

private:
  append_verdict append_one(const journal_append& append) {
    const auto i = all_->runs.find(append.run.value);
    const auto known = i != all_->runs.end();
    const auto verdict = judge_append(known ? &i->second.end : nullptr, append);
    if (verdict != append_verdict::committed)
      return verdict;
    if (!known && !accept(append))
      return append_verdict::key_in_use;
    auto& kept = all_->runs[append.run.value];
    if (known && append.row)
      take_changes(kept.row, *append.row);
    for (const auto& content : append.contents)
      keep(kept, content);
    kept.end = end_after(append);
    kept.appends.push_back(append);
    kept.appends.back().row.reset();
    kept.appends.back().contents.clear();
    kept.appends.back().memory.clear();
    kept.appends.back().usage.clear();
    return append_verdict::committed;
  }

  bool accept(const journal_append& first) {
    const auto& row = *first.row;
    const auto key = std::pair{row.owner.value, row.idempotency_key};
    if (!row.idempotency_key.empty() && !all_->by_key.emplace(key, first.run.value).second)
      return false;
    auto& kept = all_->runs[first.run.value];
    kept.row = row;
    kept.row.run = first.run;
    kept.row.accepted = ++all_->accepted_last;
    all_->by_number.emplace(kept.row.accepted, first.run.value);
    return true;
  }

  /// Whose run it is and the key under which it came never change.
  static void take_changes(run_row& kept, const run_row& now) {
    kept.status = now.status;
    kept.started_at = now.started_at;
    kept.finished_at = now.finished_at;
    kept.summary = now.summary;
  }

  void keep(kept_run& run, const stored_content& content) {
    if (!run.contents.insert(content.hash).second)
      return;
    auto& kept = all_->contents[content.hash];
    if (kept.uses++ == 0)
      kept.text = content.text;
  }
};

}  // namespace

std::unique_ptr<journal_store> make_memory_store() {
  return std::make_unique<memory_store>();
}

}  // namespace persona_runtime
