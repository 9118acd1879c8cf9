#include "domain/memory/align.hpp"

#include <algorithm>
#include <unordered_map>

namespace persona_runtime {
namespace {

constexpr auto nobody = static_cast<std::size_t>(-1);

/// Who belongs to whom, filled in stages; `nobody` where there is none yet.
struct pairing {
  std::vector<std::size_t> of_before;
  std::vector<std::size_t> of_after;

  void join(std::size_t before, std::size_t after) {
    of_before[before] = after;
    of_after[after] = before;
  }
};

void join_by_key(const std::vector<alignable_fact>& before,
                 const std::vector<alignable_fact>& after, pairing& pairs) {
  auto by_key = std::unordered_map<std::string, std::size_t>{};
  for (auto i = std::size_t{0}; i < before.size(); ++i) {
    if (!before[i].key.empty())
      by_key.insert_or_assign(before[i].key, i);  // the newest chain of a key that came twice
  }
  for (auto i = std::size_t{0}; i < after.size(); ++i) {
    const auto found = after[i].key.empty() ? by_key.end() : by_key.find(after[i].key);
    if (found != by_key.end() && pairs.of_before[found->second] == nobody)
      pairs.join(found->second, i);
  }
}

/// A fact that was given a key, or lost it, without any other change keeps its chain too, in a
/// further version.
void join_by_content(const std::vector<alignable_fact>& before,
                     const std::vector<alignable_fact>& after, pairing& pairs) {
  auto by_hash = std::unordered_map<std::string, std::vector<std::size_t>>{};
  for (auto i = before.size(); i-- > 0;) {
    if (pairs.of_before[i] == nobody && !before[i].retired)
      by_hash[before[i].content_hash].push_back(i);  // the first of equals ends up last
  }
  for (auto i = std::size_t{0}; i < after.size(); ++i) {
    if (pairs.of_after[i] != nobody)
      continue;
    const auto found = by_hash.find(after[i].content_hash);
    if (found == by_hash.end() || found->second.empty())
      continue;
    pairs.join(found->second.back(), i);
    found->second.pop_back();
  }
}

void join_in_order(const std::vector<alignable_fact>& before,
                   const std::vector<alignable_fact>& after, pairing& pairs) {
  auto from = std::size_t{0};
  for (auto i = std::size_t{0}; i < after.size(); ++i) {
    if (pairs.of_after[i] != nobody || !after[i].key.empty())
      continue;  // a new key names a new thing
    while (
      from < before.size()
      && (pairs.of_before[from] != nobody || before[from].retired || !before[from].key.empty()))
      ++from;
    if (from == before.size())
      return;
    pairs.join(from++, i);
  }
}

}  // namespace

fact_alignment align_facts(const std::vector<alignable_fact>& before,
                           const std::vector<alignable_fact>& after) {
  auto pairs = pairing{std::vector<std::size_t>(before.size(), nobody),
                       std::vector<std::size_t>(after.size(), nobody)};
  join_by_key(before, after, pairs);
  join_by_content(before, after, pairs);
  join_in_order(before, after, pairs);

  auto out = fact_alignment{};
  for (auto i = std::size_t{0}; i < after.size(); ++i) {
    const auto from = pairs.of_after[i];
    if (from == nobody)
      out.added.push_back(i);
    else if (before[from].content_hash == after[i].content_hash && before[from].key == after[i].key
             && !before[from].retired)
      out.unchanged.push_back({from, i});
    else
      out.edited.push_back({from, i});
  }
  for (auto i = std::size_t{0}; i < before.size(); ++i) {
    if (pairs.of_before[i] == nobody && !before[i].retired)
      out.removed.push_back(i);
  }
  return out;
}

}  // namespace persona_runtime
