#include "domain/memory/terms.hpp"

#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace persona_runtime {
namespace {

constexpr auto term_bytes_max = std::size_t{64};

std::uint64_t hash_of(std::string_view term) {
  auto hash = std::uint64_t{0xcbf29ce484222325};  // FNV-1a
  for (const auto c : term)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

void close(std::vector<std::string>& terms, std::string& term) {
  if (term.empty())
    return;
  if (term.size() > term_bytes_max)
    term.resize(border_at_or_before(term, term_bytes_max));
  terms.push_back(term);
  term.clear();
}

bool is_common(std::uint32_t with, std::size_t chunks) {
  return chunks >= common_from && with > chunks / 2;
}

template <class Each>
void for_each_distinct(const std::vector<std::string>& terms, const Each& each) {
  auto seen = std::unordered_set<std::uint64_t>{};
  for (const auto& term : terms) {
    if (const auto hash = hash_of(term); seen.insert(hash).second)
      each(hash);
  }
}

}  // namespace

std::vector<std::string> memory_terms(std::string_view text) {
  auto terms = std::vector<std::string>{};
  auto term = std::string{};
  for (auto at = std::size_t{0}; at < text.size();) {
    const auto step = decode_at(text, at);
    at += step.bytes;
    const auto kind = step.valid ? class_of(step.code) : char_class::other;
    if (kind == char_class::letter || kind == char_class::number)
      append_folded(term, step.code);
    else
      close(terms, term);
  }
  close(terms, term);
  return terms;
}

std::vector<query_term>
pick_query_terms(std::string_view text,
                 const std::function<std::uint32_t(const std::string&)>& chunks_with,
                 const term_choice& choice) {
  auto known = std::vector<query_term>{};
  auto seen = std::unordered_set<std::string>{};
  for (auto& term : memory_terms(text)) {
    if (!seen.insert(term).second)
      continue;
    if (const auto chunks = chunks_with(term); chunks > 0 && !is_common(chunks, choice.chunks))
      known.push_back({std::move(term), chunks});
  }
  std::ranges::stable_sort(known, {}, &query_term::chunks);
  auto picked = std::vector<query_term>{};
  auto hits = std::uint64_t{0};
  for (auto& term : known) {
    hits += term.chunks;
    if (picked.size() >= query_terms_max || (!picked.empty() && hits > choice.hits_max))
      break;
    picked.push_back(std::move(term));
  }
  return picked;
}

void term_counts::add(const std::vector<std::string>& terms) {
  for_each_distinct(terms, [this](std::uint64_t hash) { ++counts_[hash]; });
  ++chunks_;
  terms_ += terms.size();
}

void term_counts::remove(const std::vector<std::string>& terms) {
  for_each_distinct(terms, [this](std::uint64_t hash) {
    const auto i = counts_.find(hash);
    if (i != counts_.end() && --i->second == 0)
      counts_.erase(i);
  });
  chunks_ -= std::min<std::size_t>(chunks_, 1);
  terms_ -= std::min<std::uint64_t>(terms_, terms.size());
}

std::uint32_t term_counts::chunks_with(const std::string& term) const {
  const auto i = counts_.find(hash_of(term));
  return i == counts_.end() ? 0 : i->second;
}

double term_counts::average_length() const {
  return chunks_ == 0 ? 0 : static_cast<double>(terms_) / static_cast<double>(chunks_);
}

std::size_t term_counts::bytes() const {
  constexpr auto node_bytes = std::size_t{32};
  return counts_.size() * node_bytes + counts_.bucket_count() * sizeof(void*);
}

double term_score(double weight, double hits, double length, double average_length) {
  constexpr auto k1 = 1.2;
  constexpr auto b = 0.75;
  const auto norm = k1 * (1 - b + b * length / std::max(1.0, average_length));
  return weight * hits * (k1 + 1) / (hits + norm);
}

double term_weight(std::uint64_t with, std::uint64_t chunks) {
  const auto n = static_cast<double>(std::min(with, chunks));
  return std::log(1.0 + (static_cast<double>(chunks) - n + 0.5) / (n + 0.5));
}

}  // namespace persona_runtime
