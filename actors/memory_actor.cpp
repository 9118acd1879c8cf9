#include "actors/memory_actor.hpp"

#include "messages/house_rules.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using memory_self = memory_actor::stateful_pointer<memory_life>;

constexpr auto waiting_max = std::size_t{10'000};  // questions without a vector yet
constexpr auto journal_time = std::chrono::seconds{10};
constexpr auto try_again_after = std::chrono::seconds{5};
// What an embedder on the spot makes is in the index at once; only the store's copy waits for more.
constexpr auto gathering_time = 200ms;
constexpr auto index_steps = std::size_t{20};  // about 10 ms, in which no question is answered

void look_into_queue(memory_self self, std::chrono::milliseconds after) {
  auto& life = self->state;
  if (!life.deps.drains_queue || life.embedding_now || std::exchange(life.embed_due, true))
    return;
  if (after.count() == 0)
    self->send(self, embed_tick{});
  else
    self->delayed_send(self, after, embed_tick{});
}

void tell_bytes(memory_life& life, std::size_t now) {
  life.deps.counters->memory_index_bytes += now - std::exchange(life.bytes_told, now);
}

void work_on_indexes(memory_self self) {
  auto& life = self->state;
  const auto has_work = life.recall->is_behind() || life.recall->bytes() != life.bytes_told;
  if (has_work && !std::exchange(life.index_due, true))
    self->send(self, index_tick{});  // behind the questions that are here
}

memory_answer answer(memory_self self, const recall_request& what,
                     const std::optional<embedding>& vector) {
  auto& life = self->state;
  auto out = memory_answer{life.recall->recall(what, vector, life.deps.now()),
                           life.recall->learned(what.scope)};
  work_on_indexes(self);
  return out;
}

/// The embedder computes on the spot.
memory_answer answer_at_once(memory_self self, const recall_request& what) {
  auto vector = std::optional<embedding>{};
  (void)self->state.deps.embeds->encode({what.text}, self->state.deps.query_time,
                                        [&](result<embeddings> made) {
                                          if (made && !made->empty())
                                            vector = std::move(made->front());
                                        });
  return answer(self, what, vector);
}

void on_recall(memory_self self, recall_request what, std::function<void(memory_answer)> done) {
  auto& life = self->state;
  if (life.deps.embeds->is_immediate())
    return done(answer_at_once(self, what));
  if (life.waiting.size() >= waiting_max)
    return done(answer(self, what, std::nullopt));
  const auto ticket = ++life.ticket;
  auto& asked = life.waiting[ticket];
  asked.done = std::move(done);
  asked.what = std::move(what);
  self->delayed_send(self, life.deps.query_time, query_late{ticket});
  // Weak: a call that is under way must not keep an actor alive that was told to go.
  auto back = caf::actor_cast<caf::weak_actor_ptr>(self->address());
  auto call = life.deps.embeds->encode(
    {asked.what.text}, life.deps.query_time, [back, ticket](result<embeddings> made) {
      const auto ok = made.has_value() && made->size() == 1;
      auto vector = ok ? std::move(made->front()) : embedding{};
      if (auto to = caf::actor_cast<caf::strong_actor_ptr>(back))
        caf::anon_send(caf::actor_cast<memory_actor>(to),
                       query_embedded{ticket, ok, std::move(vector)});
    });
  life.waiting[ticket].call = std::move(call);
}

caf::result<memory_answer> on_ask(memory_self self, ask_memory& msg) {
  auto promise = self->make_response_promise<memory_answer>();
  on_recall(self, std::move(msg.what),
            [promise](memory_answer got) mutable { promise.deliver(std::move(got)); });
  return promise;
}

void on_vector(memory_self self, std::uint64_t ticket, const std::optional<embedding>& vector) {
  auto& life = self->state;
  const auto i = life.waiting.find(ticket);
  if (i == life.waiting.end())
    return;
  auto asked = std::move(i->second);
  life.waiting.erase(i);
  if (!vector && asked.call)
    asked.call->cancel();
  asked.done(answer(self, asked.what, vector));
}

/// Texts of the queue's front, grouped by place, and where their vectors belong.
std::vector<placed_vectors> grouped(const std::vector<waiting_chunk>& waiting, embeddings vectors) {
  auto by_place = std::map<memory_place, std::vector<chunk_vector>>{};
  for (auto i = std::size_t{0}; i < waiting.size(); ++i)
    by_place[waiting[i].place].push_back({waiting[i].row, std::move(vectors[i])});
  auto out = std::vector<placed_vectors>{};
  for (auto& [place, of_place] : by_place)
    out.push_back({place, std::move(of_place)});
  return out;
}

void on_embed_tick(memory_self self) {
  auto& life = self->state;
  life.embed_due = false;
  if (life.embedding_now)
    return;
  auto& embeds = *life.deps.embeds;
  auto waiting = life.recall->reader().read_waiting(static_cast<std::uint32_t>(embeds.texts_max()));
  if (!waiting)
    return look_into_queue(self, try_again_after);
  if (waiting->empty())
    return;
  auto texts = std::vector<std::string>{};
  for (const auto& one : *waiting)
    texts.push_back(one.text);
  life.embedding_now = true;
  auto back = caf::actor_cast<caf::weak_actor_ptr>(self->address());
  life.batch = embeds.encode(std::move(texts), life.deps.batch_time,
                             [back, chunks = std::move(*waiting)](result<embeddings> made) {
                               auto vectors = std::vector<placed_vectors>{};
                               if (made && made->size() == chunks.size())
                                 vectors = grouped(chunks, std::move(*made));
                               if (auto to = caf::actor_cast<caf::strong_actor_ptr>(back))
                                 caf::anon_send(caf::actor_cast<memory_actor>(to),
                                                batch_embedded{std::move(vectors)});
                             });
}

void on_batch(memory_self self, batch_embedded& msg) {
  auto& life = self->state;
  const auto over = [self](std::chrono::milliseconds after) {
    self->state.embedding_now = false;
    look_into_queue(self, after);
  };
  if (msg.vectors.empty())
    return over(try_again_after);
  self
    ->request(life.deps.journal, journal_time,
              keep_vectors{life.deps.embeds->name(), std::move(msg.vectors)})
    .then([over](const done&) { over(std::chrono::milliseconds{0}); },
          [over](const caf::error&) { over(try_again_after); });
}

void on_changes(memory_self self, const std::vector<memory_outcome>& changes) {
  for (const auto& change : changes)
    self->state.recall->follow(change);
  look_into_queue(self, self->state.deps.embeds->is_immediate() ? gathering_time : 0ms);
  work_on_indexes(self);
}

void on_vectors(memory_self self, const vectors_kept& msg) {
  if (msg.embedder != self->state.deps.embeds->name())
    return;
  for (const auto& placed : msg.vectors)
    self->state.recall->take_vectors(placed.place, placed.vectors);
  work_on_indexes(self);
}

void on_index_tick(memory_self self) {
  auto& life = self->state;
  life.index_due = false;
  if (life.recall->prepare(index_steps))
    work_on_indexes(self);
  tell_bytes(life, life.recall->bytes());
}

memory_recall_settings settings_of(const memory_deps& deps) {
  auto settings = memory_recall_settings{};
  settings.embedder = deps.embeds->name();
  settings.make_index = deps.make_index;
  settings.index_bytes_max = deps.index_bytes_max;
  if (!deps.embeds->is_immediate())
    return settings;
  settings.encode = [embeds = deps.embeds](const std::string& text) {
    auto vector = embedding{};
    (void)embeds->encode({text}, std::chrono::milliseconds{0}, [&](result<embeddings> made) {
      if (made && !made->empty())
        vector = std::move(made->front());
    });
    return vector;
  };
  return settings;
}

/// Chunks whose vectors another embedder made wait for new ones.
void start_to_follow(memory_self self) {
  auto& life = self->state;
  self->send(life.deps.journal, follow_memory{});
  if (!life.deps.drains_queue)
    return;
  self->request(life.deps.journal, journal_time, queue_vectors{life.deps.embeds->name()})
    .then([self](const done&) { look_into_queue(self, std::chrono::milliseconds{0}); },
          [self](const caf::error&) { look_into_queue(self, try_again_after); });
}

}  // namespace

memory_life::~memory_life() {
  if (deps.counters)
    tell_bytes(*this, 0);
}

memory_actor::behavior_type memory_behavior(memory_self self, memory_deps deps) {
  follow_house_rules(self);
  self->state.recall =
    std::make_unique<memory_recall>(deps.store->open_chunk_reader(), settings_of(deps));
  self->state.deps = std::move(deps);
  start_to_follow(self);
  return {
    [self](ask_memory& msg) { return on_ask(self, msg); },
    [self](recall_for& msg) { on_recall(self, std::move(msg.what), std::move(msg.done)); },
    [self](const memory_changed& msg) { on_changes(self, msg.changes); },
    [self](const vectors_kept& msg) { on_vectors(self, msg); },
    [self](query_embedded& msg) {
      on_vector(self, msg.ticket, msg.made ? std::optional{std::move(msg.vector)} : std::nullopt);
    },
    [self](const query_late& msg) { on_vector(self, msg.ticket, std::nullopt); },
    [self](batch_embedded& msg) { on_batch(self, msg); },
    [self](const embed_tick&) { on_embed_tick(self); },
    [self](const index_tick&) { on_index_tick(self); },
  };
}

void recall_from(caf::actor_system& sys, const std::vector<memory_actor>& memories,
                 recall_request what, std::chrono::milliseconds time_limit,
                 std::function<void(recalled_memory, std::optional<learned_autonomy>)> done) {
  auto nothing = nothing_read();
  nothing.degraded = true;
  if (memories.empty())
    return done(std::move(nothing), std::nullopt);
  const auto memory = memories[memory_shard(what.scope.persona, memories.size())];
  sys.spawn([memory, time_limit, what, done, nothing](caf::event_based_actor* self) {
    self->request(memory, time_limit, ask_memory{what})
      .then([done](memory_answer& got) { done(std::move(got.what), std::move(got.learned)); },
            [done, nothing](const caf::error&) { done(nothing, std::nullopt); });
  });
}

}  // namespace persona_runtime
