#include "providers/store/memory_chunks.hpp"

#include "domain/memory/terms.hpp"

#include <algorithm>
#include <iterator>

namespace persona_runtime {
namespace {

std::vector<std::int64_t> head_rows(const chain_list& list) {
  auto out = std::vector<std::int64_t>{};
  for (const auto& [row, one] : list.entries()) {
    if (is_head(one.chunk))
      out.push_back(row);
  }
  return out;
}

double score_of(const std::vector<std::string>& words, std::span<const weighted_term> terms,
                double length, double average_length) {
  auto score = 0.0;
  for (const auto& term : terms) {
    const auto hits = static_cast<double>(std::ranges::count(words, term.term));
    score += term_score(term.weight, hits, length, average_length);
  }
  return score;
}

template <class Items>
void take_page(Items& items, std::uint64_t offset, std::uint32_t limit) {
  const auto skipped = std::min<std::uint64_t>(offset, items.size());
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(skipped));
  if (items.size() > limit)
    items.resize(limit);
}

}  // namespace

const chain_list::entry* memory_chunks::find(std::int64_t row) const {
  for (const auto& [place, list] : places_) {
    if (const auto i = list.entries().find(row); i != list.entries().end())
      return &i->second;
  }
  return nullptr;
}

void memory_chunks::follow(const memory_place& place, const std::vector<std::int64_t>& heads_before,
                           memory_outcome& outcome) {
  const auto now = head_rows(places_[place]);
  std::ranges::set_difference(now, heads_before, std::back_inserter(outcome.added));
  std::ranges::set_difference(heads_before, now, std::back_inserter(outcome.gone));
  waiting_.insert(outcome.added.begin(), outcome.added.end());
  for (const auto row : outcome.gone) {
    waiting_.erase(row);
    vectors_.erase(row);
  }
  if (!outcome.added.empty() || !outcome.gone.empty())
    changes_.push_back(outcome);
}

memory_outcome memory_chunks::write(const memory_request& request) {
  auto outcome = memory_outcome{};
  outcome.place = request.place;
  auto& list = places_[request.place];
  scopes_.insert(request.place.scope);
  const auto decided = decide_memory(request, list);
  if (!decided) {
    outcome.refusal = decided.error();
    return outcome;
  }
  const auto before = head_rows(list);
  list.apply(*decided, next_row_);
  for (const auto& chunk : decided->added)
    outcome.chunk_ids.push_back(chunk.id);
  if (decided->audit)
    audits_.push_back(*decided->audit);
  follow(request.place, before, outcome);
  return outcome;
}

void memory_chunks::put_vectors(const std::string& embedder,
                                std::span<const chunk_vector> vectors) {
  for (const auto& one : vectors) {
    const auto* entry = find(one.row);
    if (entry != nullptr && is_head(entry->chunk))
      vectors_.insert_or_assign(one.row, kept_vector{embedder, one.vector});
    waiting_.erase(one.row);
  }
}

std::uint64_t memory_chunks::queue_all_but(const std::string& embedder) {
  for (const auto& [place, list] : places_) {
    for (const auto row : head_rows(list)) {
      const auto i = vectors_.find(row);
      if (i == vectors_.end() || i->second.embedder != embedder)
        waiting_.insert(row);
    }
  }
  return waiting_.size();
}

void memory_chunks::forget_rows(const memory_place& place) {
  for (const auto& [row, one] : places_[place].entries()) {
    vectors_.erase(row);
    waiting_.erase(row);
  }
  places_.erase(place);
  auto change = memory_outcome{};
  change.place = place;
  change.purged = true;
  changes_.push_back(std::move(change));
}

memory_purged memory_chunks::purge(const memory_purge& what) {
  auto done = memory_purged{};
  const auto meant = [&](const memory_scope& scope) {
    return scope.persona == what.persona && (!what.owner || scope.owner == *what.owner)
           && (!what.user || scope.user == *what.user);
  };
  const auto all = scopes_;
  for (const auto& scope : all) {
    if (!meant(scope))
      continue;
    for (const auto kind : memory_store_kinds) {
      done.chunks += places_[{scope, kind}].entries().size();
      forget_rows({scope, kind});
    }
    scopes_.erase(scope);
    ++done.scopes;
  }
  std::erase_if(audits_, [&](const memory_audit& event) { return meant(event.scope); });
  if (done.scopes > 0) {
    audits_.push_back(purge_event(what, done));
    scopes_.insert(shared_scope(what.persona));
  }
  return done;
}

std::vector<indexed_chunk> memory_chunks::heads(const memory_place& place,
                                                const std::string& embedder) const {
  auto out = std::vector<indexed_chunk>{};
  const auto i = places_.find(place);
  if (i == places_.end())
    return out;
  for (const auto& [row, one] : i->second.entries()) {
    if (!is_head(one.chunk))
      continue;
    auto head = indexed_chunk{};
    head.row = row;
    head.created_at = one.chunk.created_at;
    head.importance = static_cast<float>(importance_of(one.chunk.metadata));
    head.text = one.chunk.text;
    const auto kept = vectors_.find(row);
    if (kept != vectors_.end() && kept->second.embedder == embedder)
      head.vector = kept->second.vector;
    out.push_back(std::move(head));
  }
  return out;
}

std::vector<memory_chunk> memory_chunks::chunks(std::span<const std::int64_t> rows) const {
  auto out = std::vector<memory_chunk>{};
  for (const auto row : rows) {
    if (const auto* entry = find(row))
      out.push_back(entry->chunk);
  }
  return out;
}

std::vector<memory_chunk> memory_chunks::recent(const memory_place& place,
                                                std::uint32_t limit) const {
  auto out = std::vector<memory_chunk>{};
  const auto i = places_.find(place);
  if (i == places_.end())
    return out;
  for (auto one = i->second.entries().rbegin(); one != i->second.entries().rend(); ++one) {
    if (is_head(one->second.chunk))
      out.push_back(one->second.chunk);
  }
  std::ranges::stable_sort(out, std::greater{}, &memory_chunk::created_at);
  if (out.size() > limit)
    out.resize(limit);
  return out;
}

std::vector<memory_chunk> memory_chunks::list(const chunk_filter& filter) const {
  auto out = std::vector<memory_chunk>{};
  const auto i = places_.find(filter.place);
  if (i == places_.end())
    return out;
  for (const auto& newest : i->second.newest()) {
    auto chain =
      newest.provenance ? i->second.chain(newest.provenance->logical_id) : std::vector{newest};
    for (auto& chunk : chain) {
      if (filter.with_past || is_head(chunk))
        out.push_back(std::move(chunk));
    }
  }
  take_page(out, filter.offset, std::clamp(filter.limit, 1U, 1'000U));
  return out;
}

std::vector<memory_chunk> memory_chunks::history(const memory_place& place,
                                                 const std::string& logical_id) const {
  const auto i = places_.find(place);
  return i == places_.end() ? std::vector<memory_chunk>{} : i->second.chain(logical_id);
}

std::vector<std::int64_t> memory_chunks::search_words(const memory_place& place,
                                                      const word_search& what) const {
  auto scored = std::vector<std::pair<double, std::int64_t>>{};
  const auto used = what.terms.first(std::min(what.terms.size(), query_terms_max));
  const auto all = heads(place, "");
  for (auto head = all.rbegin(); head != all.rend() && scored.size() < scored_rows_max; ++head) {
    const auto words = memory_terms(head->text);
    if (std::ranges::none_of(
          used, [&](const auto& term) { return std::ranges::count(words, term.term) > 0; }))
      continue;
    scored.emplace_back(score_of(words, used, what.length_of(head->row), what.average_length),
                        head->row);
  }
  std::ranges::sort(scored, std::greater{});
  auto out = std::vector<std::int64_t>{};
  for (const auto& [score, row] : scored) {
    if (out.size() < what.limit)
      out.push_back(row);
  }
  return out;
}

std::vector<memory_audit> memory_chunks::audit(const persona_id& persona,
                                               const std::optional<memory_scope>& scope,
                                               const audit_filter& filter, std::uint32_t limit,
                                               std::uint64_t offset) const {
  auto out = std::vector<memory_audit>{};
  for (const auto& event : audits_) {
    if (event.scope.persona == persona && (!scope || event.scope == *scope)
        && matches(filter, event))
      out.push_back(event);
  }
  take_page(out, offset, limit);
  return out;
}

std::vector<memory_scope> memory_chunks::scopes(const persona_id& persona) const {
  auto out = std::vector<memory_scope>{};
  std::ranges::copy_if(scopes_, std::back_inserter(out),
                       [&](const memory_scope& scope) { return scope.persona == persona; });
  return out;
}

std::vector<memory_scope> memory_chunks::filled_scopes() const {
  auto out = std::set<memory_scope>{};
  for (const auto& [place, list] : places_) {
    if (place.kind != memory_store_kind::identity && !head_rows(list).empty())
      out.insert(place.scope);
  }
  return {out.begin(), out.end()};
}

std::vector<waiting_chunk> memory_chunks::waiting(std::uint32_t limit) const {
  auto out = std::vector<waiting_chunk>{};
  for (const auto row : waiting_) {
    if (out.size() >= limit)
      break;
    for (const auto& [place, list] : places_) {
      if (const auto i = list.entries().find(row); i != list.entries().end())
        out.push_back({row, place, i->second.chunk.text});
    }
  }
  return out;
}

}  // namespace persona_runtime
