#pragma once
// A store that fails when a test says so.

#include "providers/store/journal_store.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <utility>

namespace persona_runtime::testing {

/// When to fail. Shared by a fault_store and its readers; any thread may set it.
class fault_plan {
public:
  /// The n-th call from now on fails, once; n from 1.
  void fail_nth(std::uint64_t n) { fails_at_ = calls_ + n; }
  /// No call fails any more.
  void fail_none() {
    fails_at_ = std::numeric_limits<std::uint64_t>::max();
    all_ = false;
  }
  /// Every call fails until told otherwise.
  void fail_all(bool now) { all_ = now; }
  /// Calls so far, failed ones included.
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

  /// Counts a call; true when it has to fail.
  bool strikes() { return ++calls_ == fails_at_ || all_; }

private:
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> fails_at_ = std::numeric_limits<std::uint64_t>::max();
  std::atomic<bool> all_ = false;
};

/// Interface is journal_reader or journal_store. A call that fails does not reach the inner one.
template <class Interface>
class faulty_reading : public Interface {
public:
  faulty_reading(std::unique_ptr<Interface> inner, std::shared_ptr<fault_plan> plan)
    : inner_{std::move(inner)}, plan_{std::move(plan)} {}

  result<std::vector<journal_append>> read_run(const run_id& run) override {
    return unless_struck([&] { return inner_->read_run(run); });
  }
  result<std::vector<journal_append>> read_events(const run_id& run, event_seq from,
                                                  std::uint32_t events_max) override {
    return unless_struck([&] { return inner_->read_events(run, from, events_max); });
  }
  result<std::optional<run_row>> find_run(const run_id& run) override {
    return unless_struck([&] { return inner_->find_run(run); });
  }
  result<std::optional<run_row>> find_run_by_key(const owner_id& owner,
                                                 const std::string& key) override {
    return unless_struck([&] { return inner_->find_run_by_key(owner, key); });
  }
  result<std::vector<run_row>> list_runs(const run_filter& filter) override {
    return unless_struck([&] { return inner_->list_runs(filter); });
  }
  result<std::vector<run_row>> unfinished_runs(std::uint64_t from, std::uint32_t limit) override {
    return unless_struck([&] { return inner_->unfinished_runs(from, limit); });
  }
  result<std::optional<shared_text>> read_content(const std::string& hash) override {
    return unless_struck([&] { return inner_->read_content(hash); });
  }
  result<std::optional<persona_row>> find_persona(const persona_id& id) override {
    return unless_struck([&] { return inner_->find_persona(id); });
  }
  result<std::vector<persona_row>> list_personas(const std::optional<owner_id>& owner,
                                                 std::uint32_t limit,
                                                 std::uint64_t offset) override {
    return unless_struck([&] { return inner_->list_personas(owner, limit, offset); });
  }

  result<std::vector<usage_entry>> read_usage(const usage_filter& filter) override {
    return unless_struck([&] { return inner_->read_usage(filter); });
  }
  result<spent_cents> read_spent(const conversation_id& id) override {
    return unless_struck([&] { return inner_->read_spent(id); });
  }
  result<std::optional<conversation_row>> find_conversation(const conversation_id& id) override {
    return unless_struck([&] { return inner_->find_conversation(id); });
  }
  result<std::vector<conversation_row>>
  list_conversations(const conversation_filter& filter) override {
    return unless_struck([&] { return inner_->list_conversations(filter); });
  }
  result<std::vector<message_row>> list_messages(const message_filter& filter) override {
    return unless_struck([&] { return inner_->list_messages(filter); });
  }
  result<std::optional<message_row>> running_message(const conversation_id& conversation) override {
    return unless_struck([&] { return inner_->running_message(conversation); });
  }
  result<std::vector<unfinished_turn>> unfinished_turns(std::uint64_t after,
                                                        std::uint32_t limit) override {
    return unless_struck([&] { return inner_->unfinished_turns(after, limit); });
  }
  result<std::vector<turn_log_row>> list_turn_logs(const turn_log_filter& filter) override {
    return unless_struck([&] { return inner_->list_turn_logs(filter); });
  }

protected:
  template <class Call>
  auto unless_struck(const Call& call) -> decltype(call()) {
    if (plan_->strikes())
      return failure{errc::journal_unavailable, "the test's store fails now"};
    return call();
  }

  std::unique_ptr<Interface> inner_;
  std::shared_ptr<fault_plan> plan_;
};

/// The same of memory.
class faulty_chunk_reader final : public chunk_reader {
public:
  faulty_chunk_reader(std::unique_ptr<chunk_reader> inner, std::shared_ptr<fault_plan> plan)
    : inner_{std::move(inner)}, plan_{std::move(plan)} {}

  result<std::vector<indexed_chunk>> read_heads(const memory_place& place,
                                                const std::string& embedder, std::int64_t after,
                                                std::uint32_t limit) override {
    return unless_struck([&] { return inner_->read_heads(place, embedder, after, limit); });
  }
  result<std::vector<indexed_chunk>> read_heads_of(const memory_place& place,
                                                   const std::string& embedder,
                                                   std::span<const std::int64_t> rows) override {
    return unless_struck([&] { return inner_->read_heads_of(place, embedder, rows); });
  }
  result<std::vector<memory_chunk>> read_chunks(std::span<const std::int64_t> rows) override {
    return unless_struck([&] { return inner_->read_chunks(rows); });
  }
  result<std::vector<memory_chunk>> recent(const memory_place& place,
                                           std::uint32_t limit) override {
    return unless_struck([&] { return inner_->recent(place, limit); });
  }
  result<std::vector<memory_chunk>> list_chunks(const chunk_filter& filter) override {
    return unless_struck([&] { return inner_->list_chunks(filter); });
  }
  result<std::vector<memory_chunk>> history(const memory_place& place,
                                            const std::string& logical_id) override {
    return unless_struck([&] { return inner_->history(place, logical_id); });
  }
  result<std::vector<std::int64_t>> search_words(const memory_place& place,
                                                 const word_search& what) override {
    return unless_struck([&] { return inner_->search_words(place, what); });
  }
  result<std::vector<memory_audit>> read_audit(const persona_id& persona,
                                               const std::optional<memory_scope>& scope,
                                               const audit_filter& filter, std::uint32_t limit,
                                               std::uint64_t offset) override {
    return unless_struck([&] { return inner_->read_audit(persona, scope, filter, limit, offset); });
  }
  result<std::vector<memory_scope>> list_scopes(const persona_id& persona) override {
    return unless_struck([&] { return inner_->list_scopes(persona); });
  }
  result<std::vector<memory_scope>> list_filled_scopes() override {
    return unless_struck([&] { return inner_->list_filled_scopes(); });
  }
  result<std::vector<waiting_chunk>> read_waiting(std::uint32_t limit) override {
    return unless_struck([&] { return inner_->read_waiting(limit); });
  }

private:
  template <class Call>
  auto unless_struck(const Call& call) -> decltype(call()) {
    if (plan_->strikes())
      return failure{errc::journal_unavailable, "the test's store fails now"};
    return call();
  }

  std::unique_ptr<chunk_reader> inner_;
  std::shared_ptr<fault_plan> plan_;
};

/// Wraps any store. Keep `plan()` to steer it; opening a reader is not a call, the reader's are.
class fault_store final : public faulty_reading<journal_store> {
public:
  explicit fault_store(std::unique_ptr<journal_store> inner)
    : faulty_reading{std::move(inner), std::make_shared<fault_plan>()} {}

  [[nodiscard]] std::shared_ptr<fault_plan> plan() const { return plan_; }

  result<std::vector<append_verdict>> append(std::span<const journal_append> batch) override {
    return unless_struck([&] { return inner_->append(batch); });
  }
  result<void> put_persona(const persona_row& row,
                           std::span<const memory_request> memory) override {
    return unless_struck([&] { return inner_->put_persona(row, memory); });
  }
  result<void> delete_persona(const persona_id& id) override {
    return unless_struck([&] { return inner_->delete_persona(id); });
  }
  result<void> delete_run(const run_id& run) override {
    return unless_struck([&] { return inner_->delete_run(run); });
  }
  result<void> create_conversation(const conversation_row& row) override {
    return unless_struck([&] { return inner_->create_conversation(row); });
  }
  result<void> fork_conversation(const conversation_fork& what) override {
    return unless_struck([&] { return inner_->fork_conversation(what); });
  }
  result<void> change_conversation(const conversation_id& id,
                                   const conversation_change& change) override {
    return unless_struck([&] { return inner_->change_conversation(id, change); });
  }
  result<void> delete_conversation(const conversation_id& id) override {
    return unless_struck([&] { return inner_->delete_conversation(id); });
  }
  result<std::vector<memory_outcome>> write_memory(std::span<const memory_request> batch) override {
    return unless_struck([&] { return inner_->write_memory(batch); });
  }
  result<void> put_vectors(const std::string& embedder,
                           std::span<const chunk_vector> vectors) override {
    return unless_struck([&] { return inner_->put_vectors(embedder, vectors); });
  }
  result<std::uint64_t> queue_all_but(const std::string& embedder) override {
    return unless_struck([&] { return inner_->queue_all_but(embedder); });
  }
  result<memory_purged> purge_memory(const memory_purge& what) override {
    return unless_struck([&] { return inner_->purge_memory(what); });
  }
  result<void> add_usage(std::span<const usage_entry> usage) override {
    return unless_struck([&] { return inner_->add_usage(usage); });
  }
  std::vector<memory_outcome> take_memory_changes() override {
    return inner_->take_memory_changes();
  }
  std::unique_ptr<chunk_reader> open_chunk_reader() override {
    return std::make_unique<faulty_chunk_reader>(inner_->open_chunk_reader(), plan_);
  }
  std::unique_ptr<journal_reader> open_reader() override {
    return std::make_unique<faulty_reading<journal_reader>>(inner_->open_reader(), plan_);
  }
};

}  // namespace persona_runtime::testing
