#include "actors/journal_actor.hpp"

#include "messages/house_rules.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using journal_self = journal_actor::stateful_pointer<journal_life>;

constexpr auto batch_max = std::size_t{1'000};  // appends; a longer commit delays the first writer
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
  if (life.watcher)
    self->send(life.watcher, journal_changed{now});
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

/// Whatever way memory was changed, those who keep indexes of it are told.
void tell_changes(journal_self self) {
  auto changes = self->state.store->take_memory_changes();
  if (changes.empty())
    return;
  for (const auto& one : self->state.rememberers)
    self->send(one, memory_changed{changes});
}

/// Tells every writer what became of its append, and the stream what was written.
void answer(journal_self self, std::vector<journal_append> batch,
            const std::vector<append_verdict>& verdicts) {
  auto writers = std::exchange(self->state.writers, {});
  auto bodies = std::vector<committed_body>{};
  for (auto i = std::size_t{0}; i < batch.size(); ++i) {
    auto& a = batch[i];
    if (verdicts[i] != append_verdict::committed) {
      self->send(writers[i], append_refused{a.run, static_cast<std::uint8_t>(verdicts[i])});
      continue;
    }
    self->send(writers[i], records_committed{a.run, a.pos + a.records});
    if (a.events > 0)
      bodies.push_back({std::move(a.run), a.seq, a.events, std::move(a.body)});
  }
  publish(self, std::move(bodies));
}

void commit(journal_self self) {
  auto& life = self->state;
  if (!life.batch.empty()) {
    const auto verdicts = life.store->append(life.batch);
    set_available(self, verdicts ? std::nullopt : std::optional{verdicts.error()});
    if (verdicts) {
      count(*life.counters, life.batch);
      answer(self, std::exchange(life.batch, {}), *verdicts);
      tell_changes(self);
    } else {
      ++life.counters->journal_failures;
      if (!std::exchange(life.flush_due, true))
        self->delayed_send(self, retry_after, flush{});
    }
  }
  answer_settling(self);
}

void on_append(journal_self self, append_records& msg) {
  auto& life = self->state;
  life.batch.push_back(std::move(msg.what));
  life.writers.push_back(caf::actor_cast<journal_writer>(self->current_sender()));
  if (!std::exchange(life.flush_due, true))
    self->send(self, flush{});  // queues behind every append that is already here
  else if (life.available && life.batch.size() >= batch_max)
    commit(self);
}

caf::result<done> on_settle(journal_self self) {
  auto& life = self->state;
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

}  // namespace

journal_actor::behavior_type journal_behavior(journal_self self,
                                              std::shared_ptr<journal_store> store,
                                              std::shared_ptr<engine_counters> counters,
                                              log_ptr log) {
  follow_house_rules(self);
  self->state.store = std::move(store);
  self->state.counters = std::move(counters);
  self->state.log = std::move(log);
  self->set_exit_handler([self](caf::exit_msg& msg) {
    commit(self);
    self->quit(msg.reason);
  });
  return {
    [self](append_records& msg) { on_append(self, msg); },
    [self](const put_persona& msg) {
      return change(self, [&](journal_store& s) { return s.put_persona(msg.row, msg.memory); });
    },
    [self](const remove_persona& msg) {
      return change(self, [&](journal_store& s) { return s.delete_persona(msg.id); });
    },
    [self](const remove_run& msg) {
      return change(self, [&](journal_store& s) { return s.delete_run(msg.run); });
    },
    [self](const settle_appends&) { return on_settle(self); },
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
      self->state.watcher =
        caf::actor_cast<interface<takes<journal_changed>>>(self->current_sender());
    },
    [self](const follow_commits&) {
      self->state.followers.push_back(
        caf::actor_cast<interface<takes<publish_events>>>(self->current_sender()));
    },
    [self](const flush&) {
      self->state.flush_due = false;
      commit(self);
    },
  };
}

}  // namespace persona_runtime
