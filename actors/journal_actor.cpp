#include "actors/journal_actor.hpp"

#include "messages/house_rules.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace persona_runtime {
namespace {

using journal_self = journal_actor::stateful_pointer<journal_life>;

constexpr auto batch_max = std::size_t{1'000};  // appends; a longer commit delays the first writer
constexpr auto usage_gathering = 100ms;
constexpr auto retry_after = 1s;

/// `why` is none when the journal can be written.
void set_available(journal_self self, const std::optional<failure>& why) {
  auto& life = self->state;
  const auto now = !why;
  if (std::exchange(life.available, now) == now)
    return;
  if (why) {
    life.log->write(log_level::error, "journal",
                    "the journal cannot be written; runs pause until it can",
                    {{"reason", why->detail}});
  } else {
    life.log->write(log_level::info, "journal", "the journal can be written again", {});
  }
  for (const auto& watcher : life.watchers)
    self->send(watcher, journal_changed{now});
}

void answer_settling(journal_self self) {
  for (auto& promise : std::exchange(self->state.settling, {})) {
    if (self->state.available)
      promise.deliver(done{});
    else
      promise.deliver(to_caf_error({errc::journal_unavailable, "appends wait for a commit", 1s}));
  }
}

void publish(journal_self self, std::vector<committed_body> bodies) {
  if (bodies.empty())
    return;
  for (const auto& follower : self->state.followers)
    self->send(follower, publish_events{bodies});
}

void count(engine_counters& counters, const std::vector<journal_append>& batch) {
  counters.journal_appends += batch.size();
  ++counters.journal_commits;
  for (const auto& a : batch)
    counters.journal_bytes += a.body.size();
}

/// Tells the writer of one append what became of it.
void answer_one(journal_self self, const journal_append& a, const journal_writer& writer,
                caf::typed_response_promise<done>& attempt, append_verdict verdict) {
  const auto written = verdict == append_verdict::committed;
  if (attempt.pending()) {
    if (written)
      attempt.deliver(done{});
    else
      attempt.deliver(to_caf_error({errc::internal_error, "the store refused an append"}));
  } else if (written) {
    self->send(writer, records_committed{a.run, a.pos + a.records});
  } else {
    self->send(writer, append_refused{a.run, static_cast<std::uint8_t>(verdict)});
  }
}

/// Whatever way memory was changed, those who keep indexes of it are told, before who asked for the
/// change: what he asks then finds it.
void tell_changes(journal_self self) {
  auto changes = self->state.store->take_memory_changes();
  if (changes.empty())
    return;
  if (self->state.filled)
    self->state.filled->add(changes);
  for (const auto& one : self->state.rememberers)
    self->send(one, memory_changed{changes});
}

/// Tells every writer what became of its append, and the stream what was written. The batch is
/// emptied, and its room used again.
void answer(journal_self self, const std::vector<append_verdict>& verdicts) {
  auto& life = self->state;
  auto bodies = std::vector<committed_body>{};
  bodies.reserve(life.batch.size());
  for (auto i = std::size_t{0}; i < life.batch.size(); ++i) {
    auto& a = life.batch[i];
    if (life.books && verdicts[i] == append_verdict::committed)
      life.books->note(a.usage, a.run);
    answer_one(self, a, life.writers[i], life.tries[i], verdicts[i]);
    if (verdicts[i] == append_verdict::committed && a.events > 0)
      bodies.push_back({std::move(a.run), a.seq, a.events, std::move(a.body)});
  }
  life.batch.clear();
  life.writers.clear();
  life.tries.clear();
  publish(self, std::move(bodies));
}

/// What must not be tried again leaves the batch.
void drop_tries(journal_self self) {
  auto& life = self->state;
  auto kept = std::size_t{0};
  for (auto i = std::size_t{0}; i < life.batch.size(); ++i) {
    if (life.tries[i].pending()) {
      life.tries[i].deliver(
        to_caf_error({errc::journal_unavailable, "the journal cannot be written", 1s}));
      continue;
    }
    std::swap(life.batch[kept], life.batch[i]);
    std::swap(life.writers[kept], life.writers[i]);
    std::swap(life.tries[kept++], life.tries[i]);
  }
  life.batch.resize(kept);
  life.writers.resize(kept);
  life.tries.resize(kept);
}

void try_again_later(journal_self self, const failure& why) {
  auto& life = self->state;
  set_available(self, why);
  ++life.counters->journal_failures;
  if (!std::exchange(life.flush_due, true))
    self->delayed_send(self, retry_after, flush{});
}

void commit_appends(journal_self self) {
  auto& life = self->state;
  // While it fails it is tried even with nothing to write: how else would it be known to be well.
  if (life.batch.empty() && life.available)
    return;
  const auto verdicts = life.store->append(life.batch);
  if (!verdicts) {
    drop_tries(self);
    return try_again_later(self, verdicts.error());
  }
  set_available(self, std::nullopt);
  count(*life.counters, life.batch);
  tell_changes(self);
  answer(self, *verdicts);
}

void commit_usage_after(journal_self self, std::chrono::milliseconds time) {
  if (!std::exchange(self->state.usage_due, true))
    self->delayed_send(self, time, flush_usage{});
}

void commit_usage(journal_self self) {
  auto& life = self->state;
  if (!life.usage)
    return;
  if (!life.available)
    return commit_usage_after(self, retry_after);
  auto waiting = life.usage->take();
  if (waiting.empty())
    return;
  if (const auto added = life.store->add_usage(waiting); !added) {
    life.usage->put_back(std::move(waiting));
    commit_usage_after(self, retry_after);
    try_again_later(self, added.error());
  }
}

void commit(journal_self self) {
  const auto was_available = self->state.available;
  commit_appends(self);
  if (!was_available && self->state.available)
    commit_usage(self);
  answer_settling(self);
}

/// Behind every message that is already here.
void flush_soon(journal_self self) {
  if (!std::exchange(self->state.flush_due, true))
    self->send(self, flush{});
}

void gather(journal_self self, journal_append what, journal_writer writer,
            caf::typed_response_promise<done> attempt) {
  auto& life = self->state;
  life.batch.push_back(std::move(what));
  life.writers.push_back(std::move(writer));
  life.tries.push_back(std::move(attempt));
  if (!life.flush_due)
    flush_soon(self);
  else if (life.available && life.batch.size() >= batch_max)
    commit(self);
}

void on_append(journal_self self, append_records& msg) {
  gather(self, std::move(msg.what), caf::actor_cast<journal_writer>(self->current_sender()), {});
}

caf::result<done> on_try(journal_self self, try_append& msg) {
  if (!self->state.available)
    return to_caf_error({errc::journal_unavailable, "the journal cannot be written", 1s});
  auto promise = self->make_response_promise<done>();
  gather(self, std::move(msg.what), {}, promise);
  return promise;
}

/// The change of a conversation that a message asks for.
conversation_change change_of(const alter_conversation& msg) {
  auto change = conversation_change{msg.title, {}};
  if (msg.folded > 0)
    change.fold = std::pair{msg.folded, msg.summary};
  return change;
}

caf::result<done> on_settle(journal_self self) {
  auto& life = self->state;
  commit_usage(self);
  if (life.batch.empty())
    return done{};
  life.settling.push_back(self->make_response_promise<done>());
  auto promise = life.settling.back();
  if (life.available)
    commit(self);
  else
    answer_settling(self);
  return promise;
}

/// Changes that are no appends go behind the appends that came before them.
template <class Change>
caf::result<done> change(journal_self self, Change&& make) {
  commit(self);
  if (!self->state.available)
    return to_caf_error({errc::journal_unavailable, "the journal cannot be written", 1s});
  if (auto made = make(*self->state.store); !made)
    return to_caf_error(made.error());
  tell_changes(self);
  return done{};
}

template <class Answer, class Make>
caf::result<Answer> change_rows(journal_self self, Make&& make) {
  commit(self);
  if (!self->state.available)
    return to_caf_error({errc::journal_unavailable, "the journal cannot be written", 1s});
  auto made = make(*self->state.store);
  tell_changes(self);
  if (!made)
    return to_caf_error(made.error());
  return Answer{std::move(*made)};
}

caf::result<done> on_keep_vectors(journal_self self, const keep_vectors& msg) {
  auto all = std::vector<chunk_vector>{};
  for (const auto& placed : msg.vectors)
    all.insert(all.end(), placed.vectors.begin(), placed.vectors.end());
  if (const auto kept = self->state.store->put_vectors(msg.embedder, all); !kept)
    return to_caf_error(kept.error());
  for (const auto& one : self->state.rememberers)
    self->send(one, vectors_kept{msg.embedder, msg.vectors});
  return done{};
}

caf::result<done> on_queue_vectors(journal_self self, const queue_vectors& msg) {
  if (const auto waiting = self->state.store->queue_all_but(msg.embedder); !waiting)
    return to_caf_error(waiting.error());
  return done{};
}

/// Of personas; whatever became of it, what was read before may be out of date.
template <class Change>
caf::result<done> change_persona_rows(journal_self self, Change&& make) {
  auto made = change(self, std::forward<Change>(make));
  if (self->state.epoch)
    self->state.epoch->advance();
  return made;
}

/// Whoever made a row has read the one before it; in between another change may have come.
result<bool> replace(journal_store& store, const replace_persona& msg) {
  const auto found = store.find_persona(msg.row.id);
  if (!found)
    return found.error();
  if (!*found && msg.before != instant{})
    return failure{errc::persona_not_found, "there is no persona " + msg.row.id.value};
  if (*found && (*found)->updated_at != msg.before)
    return false;
  if (const auto put = store.put_persona(msg.row, msg.memory); !put)
    return put.error();
  return true;
}

caf::result<persona_replaced> on_replace(journal_self self, const replace_persona& msg) {
  auto is_done = false;
  auto made = change_persona_rows(self, [&](journal_store& store) -> result<void> {
    const auto replaced = replace(store, msg);
    if (!replaced)
      return replaced.error();
    is_done = *replaced;
    return {};
  });
  if (made.err)
    return made.err;
  return persona_replaced{is_done};
}

}  // namespace

journal_actor::behavior_type
journal_behavior(journal_self self, std::shared_ptr<journal_store> store,
                 std::shared_ptr<engine_counters> counters, log_ptr log, spending_ptr books,
                 persona_epoch_ptr epoch, usage_inbox_ptr usage, filled_scopes_ptr filled) {
  follow_house_rules(self);
  self->state.store = std::move(store);
  self->state.counters = std::move(counters);
  self->state.log = std::move(log);
  self->state.books = std::move(books);
  self->state.epoch = std::move(epoch);
  self->state.usage = std::move(usage);
  self->state.filled = std::move(filled);
  self->set_exit_handler([self](caf::exit_msg& msg) {
    commit(self);
    commit_usage(self);
    self->quit(msg.reason);
  });
  return {
    [self](append_records& msg) { on_append(self, msg); },
    [self](const put_persona& msg) {
      return change_persona_rows(
        self, [&](journal_store& s) { return s.put_persona(msg.row, msg.memory); });
    },
    [self](const remove_persona& msg) {
      return change_persona_rows(self, [&](journal_store& s) { return s.delete_persona(msg.id); });
    },
    [self](const replace_persona& msg) { return on_replace(self, msg); },
    [self](const remove_run& msg) {
      return change(self, [&](journal_store& s) { return s.delete_run(msg.run); });
    },
    [self](try_append& msg) { return on_try(self, msg); },
    [self](const add_conversation& msg) {
      return change(self, [&](journal_store& s) { return s.create_conversation(msg.row); });
    },
    [self](const fork_conversation& msg) {
      return change(self, [&](journal_store& s) { return s.fork_conversation(msg.what); });
    },
    [self](const alter_conversation& msg) {
      return change(
        self, [&](journal_store& s) { return s.change_conversation(msg.id, change_of(msg)); });
    },
    [self](const erase_conversation& msg) {
      return change(self, [&](journal_store& s) { return s.delete_conversation(msg.id); });
    },
    [self](const settle_appends&) { return on_settle(self); },
    [self](const usage_waits&) { commit_usage_after(self, usage_gathering); },
    [self](const change_memory& msg) {
      return change_rows<memory_written>(
        self, [&](journal_store& s) { return s.write_memory(msg.batch); });
    },
    [self](const keep_vectors& msg) { return on_keep_vectors(self, msg); },
    [self](const queue_vectors& msg) { return on_queue_vectors(self, msg); },
    [self](const purge_memory& msg) {
      return change_rows<memory_purged>(self,
                                        [&](journal_store& s) { return s.purge_memory(msg.what); });
    },
    [self](const follow_memory&) {
      self->state.rememberers.push_back(
        caf::actor_cast<interface<takes<memory_changed>, takes<vectors_kept>>>(
          self->current_sender()));
    },
    [self](const watch_journal&) {
      self->state.watchers.push_back(
        caf::actor_cast<interface<takes<journal_changed>>>(self->current_sender()));
    },
    [self](const follow_commits&) {
      self->state.followers.push_back(
        caf::actor_cast<interface<takes<publish_events>>>(self->current_sender()));
    },
    [self](const flush&) {
      self->state.flush_due = false;
      commit(self);
    },
    [self](const flush_usage&) {
      self->state.usage_due = false;
      commit_usage(self);
    },
  };
}

}  // namespace persona_runtime
