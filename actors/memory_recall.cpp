#include "actors/memory_recall.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace persona_runtime {
namespace {

constexpr auto heads_per_page = std::uint32_t{1'000};
constexpr auto identity_max = std::uint32_t{1'000};
constexpr auto identity_counts_max = std::size_t{10'000};
// Candidates of each half: enough that age and importance can lift one into the first few.
constexpr auto pool_min = std::uint32_t{24};
constexpr auto pool_per_chunk = std::uint32_t{4};

std::vector<memory_place> places_of(const recall_request& request, memory_store_kind kind) {
  auto out = std::vector<memory_place>{{shared_scope(request.scope.persona), kind}};
  if (!is_shared(request.scope))
    out.push_back({request.scope, kind});
  return out;
}

bool is_left_out(const recall_request& request, const memory_chunk& chunk) {
  return std::ranges::find(request.left_out, chunk.id) != request.left_out.end();
}

bool scores_higher(const scored_row& a, const scored_row& b) {
  return a.score != b.score ? a.score > b.score : a.row > b.row;
}

}  // namespace

std::size_t memory_recall::place_index::bytes() const {
  constexpr auto node_bytes = sizeof(entry) + 40;
  return sizeof *this + words.bytes() + vectors->bytes() + chunks.size() * node_bytes;
}

memory_recall::memory_recall(std::unique_ptr<chunk_reader> reader, memory_recall_settings settings)
  : reader_{std::move(reader)}, settings_{std::move(settings)} {
}

void memory_recall::insert(place_index& to, indexed_chunk chunk) {
  const auto candidate = recall_candidate{chunk.row, chunk.created_at, chunk.importance};
  const auto terms = memory_terms(chunk.text);
  const auto count = static_cast<std::uint32_t>(terms.size());
  if (!to.chunks.emplace(chunk.row, place_index::entry{candidate, count}).second)
    return;
  to.words.add(terms);
  if (chunk.vector.empty() && settings_.encode)
    chunk.vector = settings_.encode(chunk.text);
  to.vectors->add(chunk.row, chunk.vector);
}

result<memory_recall::place_index> memory_recall::load(const memory_place& place) {
  auto made = place_index{place, {}, settings_.make_index(), {}, 0};
  for (auto after = std::int64_t{0};;) {
    auto page = reader_->read_heads(place, settings_.embedder, after, heads_per_page);
    if (!page)
      return page.error();
    if (page->empty())
      return made;
    after = page->back().row;
    for (auto& chunk : *page)
      insert(made, std::move(chunk));
  }
}

result<memory_recall::place_index*> memory_recall::index_of(const memory_place& place) {
  if (const auto i = known_.find(place); i != known_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, i->second);
    return &by_use_.front();
  }
  auto made = load(place);
  if (!made)
    return made.error();
  by_use_.push_front(std::move(*made));
  known_.insert_or_assign(place, by_use_.begin());
  touched(by_use_.front());
  make_room();
  return &by_use_.front();
}

void memory_recall::make_room() {
  while (by_use_.size() > 1 && bytes_ > settings_.index_bytes_max)
    drop(std::prev(by_use_.end()));
}

void memory_recall::count(place_index& index) {
  const auto now = index.bytes();
  bytes_ += now - std::exchange(index.counted, now);
}

void memory_recall::touched(place_index& index) {
  index.autonomy.reset();
  count(index);
  behind_.insert(index.place);
}

/// It is read anew when it is asked for.
void memory_recall::drop(place_indexes::iterator index) {
  bytes_ -= index->counted;
  behind_.erase(index->place);
  known_.erase(index->place);
  by_use_.erase(index);
}

/// Of a chunk that was deleted the words are not known any more and stay counted: that makes them
/// seem a little less rare until the index is read anew.
void memory_recall::forget_words(place_index& index, std::int64_t row) {
  const auto chunks = reader_->read_chunks({&row, 1});
  if (chunks && !chunks->empty())
    index.words.remove(memory_terms(chunks->front().text));
}

void memory_recall::follow(const memory_outcome& change) {
  identity_counts_.erase(change.place);
  const auto i = known_.find(change.place);
  if (i == known_.end())
    return;
  if (change.purged)
    return drop(i->second);
  auto& index = *i->second;
  for (const auto row : change.gone) {
    if (index.chunks.erase(row) > 0)
      forget_words(index, row);
    index.vectors->remove(row);
  }
  auto added = reader_->read_heads_of(change.place, settings_.embedder, change.added);
  if (!added)
    return drop(i->second);
  for (auto& chunk : *added)
    insert(index, std::move(chunk));
  touched(index);
}

void memory_recall::take_vectors(const memory_place& place,
                                 const std::vector<chunk_vector>& vectors) {
  const auto i = known_.find(place);
  if (i == known_.end())
    return;
  for (const auto& one : vectors) {
    if (i->second->chunks.contains(one.row))
      i->second->vectors->add(one.row, one.vector);
  }
  touched(*i->second);
}

bool memory_recall::prepare(std::size_t steps) {
  std::erase_if(behind_, [&](const memory_place& place) {
    auto& index = *known_.at(place);
    const auto more = index.vectors->prepare(steps);
    count(index);
    return !more;
  });
  make_room();
  return !behind_.empty();
}

result<std::vector<recall_candidate>>
memory_recall::by_words(place_index& index, const std::string& text, std::uint32_t limit) {
  const auto picked =
    pick_query_terms(text, [&](const std::string& term) { return index.words.chunks_with(term); },
                     {index.words.chunks(), settings_.hits_max});
  auto out = std::vector<recall_candidate>{};
  if (picked.empty())
    return out;
  auto terms = std::vector<weighted_term>{};
  for (const auto& term : picked)
    terms.push_back({term.term, term_weight(term.chunks, index.words.chunks())});
  const auto average = index.words.average_length();
  const auto length_of = [&](std::int64_t row) {
    const auto i = index.chunks.find(row);
    return i == index.chunks.end() ? average : i->second.terms;
  };
  const auto rows = reader_->search_words(index.place, {terms, average, length_of, limit});
  if (!rows)
    return rows.error();
  for (const auto row : *rows) {
    // A chunk that was committed since is known with the next change.
    if (const auto i = index.chunks.find(row); i != index.chunks.end())
      out.push_back(i->second.chunk);
  }
  return out;
}

result<std::vector<scored_row>> memory_recall::search(const memory_place& place,
                                                      const recall_request& request,
                                                      const std::optional<embedding>& query,
                                                      instant now, std::uint32_t k) {
  const auto index = index_of(place);
  if (!index)
    return index.error();
  if ((*index)->chunks.empty())
    return std::vector<scored_row>{};
  const auto pool = std::max(pool_min, k * pool_per_chunk);
  const auto words = by_words(**index, request.text, pool);
  if (!words)
    return words.error();
  auto vectors = std::vector<recall_candidate>{};
  if (query) {
    for (const auto& near : (*index)->vectors->nearest(*query, pool)) {
      if (near.similarity > 0)
        vectors.push_back((*index)->chunks.at(near.row).chunk);
    }
  }
  return fuse_ranks(*words, vectors, now, k);
}

result<std::vector<memory_chunk>> memory_recall::alike(memory_store_kind kind,
                                                       const recall_request& request,
                                                       const std::optional<embedding>& query,
                                                       instant now, std::uint32_t k) {
  const auto wanted = k + static_cast<std::uint32_t>(request.left_out.size());
  auto scored = std::vector<scored_row>{};
  for (const auto& place : places_of(request, kind)) {
    const auto found = search(place, request, query, now, wanted);
    if (!found)
      return found.error();
    scored.insert(scored.end(), found->begin(), found->end());
  }
  std::ranges::sort(scored, scores_higher);
  auto rows = std::vector<std::int64_t>{};
  for (const auto& one : scored)
    rows.push_back(one.row);
  if (rows.empty())
    return std::vector<memory_chunk>{};
  rows.resize(std::min<std::size_t>(rows.size(), wanted));
  auto chunks = reader_->read_chunks(rows);
  if (!chunks)
    return chunks.error();
  std::erase_if(*chunks, [&](const memory_chunk& chunk) { return is_left_out(request, chunk); });
  if (chunks->size() > k)
    chunks->resize(k);
  return chunks;
}

result<std::uint32_t> memory_recall::identity_count(const memory_scope& scope) {
  auto filter = chunk_filter{{shared_scope(scope.persona), memory_store_kind::identity}};
  if (const auto known = identity_counts_.find(filter.place); known != identity_counts_.end())
    return known->second;
  filter.limit = identity_max;
  const auto chunks = reader_->list_chunks(filter);
  if (!chunks)
    return chunks.error();
  if (identity_counts_.size() >= identity_counts_max)
    identity_counts_.clear();  // rare; the next questions fill it again
  const auto count = static_cast<std::uint32_t>(chunks->size());
  identity_counts_.emplace(filter.place, count);
  return count;
}

bool memory_recall::is_empty(const memory_place& place) {
  const auto i = known_.find(place);
  return i != known_.end() && i->second->chunks.empty();
}

result<std::vector<memory_chunk>> memory_recall::recent(const recall_request& request,
                                                        std::uint32_t k) {
  const auto wanted = k + static_cast<std::uint32_t>(request.left_out.size());
  auto all = std::vector<memory_chunk>{};
  for (const auto& place : places_of(request, memory_store_kind::episodic)) {
    if (is_empty(place))
      continue;
    auto found = reader_->recent(place, wanted);
    if (!found)
      return found.error();
    std::ranges::move(*found, std::back_inserter(all));
  }
  std::ranges::stable_sort(all, std::greater{}, &memory_chunk::created_at);
  std::erase_if(all, [&](const memory_chunk& chunk) { return is_left_out(request, chunk); });
  if (all.size() > k)
    all.resize(k);
  return all;
}

result<std::vector<memory_chunk>> memory_recall::episodes(const recall_request& request,
                                                          const std::optional<embedding>& query,
                                                          instant now, std::uint32_t k) {
  auto likely = alike(memory_store_kind::episodic, request, query, now, k);
  if (!likely || !request.history_turns)
    return likely;
  auto newest = recent(request, recent_share(k));
  if (!newest)
    return newest.error();
  return with_recent(std::move(*newest), std::move(*likely), k);
}

result<std::optional<learned_autonomy>> memory_recall::autonomy_of(place_index& index) {
  if (index.autonomy)
    return *index.autonomy;
  if (index.chunks.empty())
    return std::optional<learned_autonomy>{};
  const auto versions = reader_->history(index.place, std::string{autonomy_chain});
  if (!versions)
    return versions.error();
  auto& known = index.autonomy.emplace();
  if (!versions->empty() && is_head(versions->back())) {
    const auto& metadata = versions->back().metadata;
    const auto level = metadata.find("autonomy_level");
    known = learned_autonomy{level == metadata.end() ? std::nullopt : std::optional{level->second}};
  }
  return known;
}

std::optional<learned_autonomy> memory_recall::learned(const memory_scope& scope) {
  for (const auto& of : {scope, shared_scope(scope.persona)}) {
    const auto index = index_of({of, memory_store_kind::self_facts});
    if (!index)
      continue;
    if (const auto found = autonomy_of(**index); found && *found)
      return *found;
  }
  return std::nullopt;
}

recalled_memory memory_recall::recall(const recall_request& request,
                                      const std::optional<embedding>& query, instant now) {
  const auto k = recall_budget(request.top_k, request.history_turns);
  auto out = recalled_memory{};
  out.degraded = !query;
  if (request.with_identity) {
    if (const auto count = identity_count(request.scope))
      out.identity = *count;
    else
      out.missing.push_back(memory_store_kind::identity);
  }
  const auto take = [&](memory_store_kind kind, result<std::vector<memory_chunk>> found,
                        std::vector<memory_chunk>& to) {
    if (found)
      to = std::move(*found);
    else
      out.missing.push_back(kind);
  };
  take(memory_store_kind::self_facts, alike(memory_store_kind::self_facts, request, query, now, k),
       out.self_facts);
  take(memory_store_kind::worldview, alike(memory_store_kind::worldview, request, query, now, k),
       out.worldview);
  take(memory_store_kind::episodic, episodes(request, query, now, k), out.episodic);
  return out;
}

}  // namespace persona_runtime
