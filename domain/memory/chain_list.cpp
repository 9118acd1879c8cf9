#include "domain/memory/chain_list.hpp"

#include <algorithm>

namespace persona_runtime {

std::vector<memory_chunk> chain_list::chain(const std::string& logical_id) const {
  auto out = std::vector<memory_chunk>{};
  if (const auto i = by_chain_.find(logical_id); i != by_chain_.end()) {
    for (const auto row : i->second)
      out.push_back(entries_.at(row).chunk);
  }
  return out;
}

bool chain_list::has_chunk(const std::string& id) const {
  return by_id_.contains(id);
}

template <class Wanted>
std::vector<memory_chunk> chain_list::last_of_chains(const Wanted& wanted) const {
  auto by_age = std::map<std::int64_t, const memory_chunk*>{};  // by the chain's first row
  for (const auto& [row, one] : entries_) {
    if (!wanted(one.chunk))
      continue;
    const auto chained =
      one.chunk.provenance ? by_chain_.find(one.chunk.provenance->logical_id) : by_chain_.end();
    by_age[chained == by_chain_.end() ? row : chained->second.front()] = &one.chunk;
  }
  auto out = std::vector<memory_chunk>{};
  for (const auto& [age, chunk] : by_age)
    out.push_back(*chunk);
  return out;
}

std::vector<memory_chunk> chain_list::newest() const {
  return last_of_chains([](const memory_chunk&) { return true; });
}

std::vector<memory_chunk> chain_list::documented() const {
  return last_of_chains(
    [](const memory_chunk& chunk) { return chunk.provenance && chunk.provenance->from_document; });
}

std::vector<std::string> chain_list::ids() const {
  auto out = std::vector<std::string>{};
  for (const auto& [row, one] : entries_)
    out.push_back(one.chunk.id);
  return out;
}

void chain_list::apply(const memory_rows& rows, std::int64_t& row) {
  for (const auto& id : rows.removed) {
    const auto i = by_id_.find(id);
    if (i == by_id_.end())
      continue;
    const auto& chunk = entries_.at(i->second).chunk;
    if (chunk.provenance) {
      auto& chained = by_chain_.at(chunk.provenance->logical_id);
      std::erase(chained, i->second);
      if (chained.empty())
        by_chain_.erase(chunk.provenance->logical_id);
    }
    entries_.erase(i->second);
    by_id_.erase(i);
  }
  for (const auto& link : rows.linked) {
    if (const auto i = by_id_.find(link.from); i != by_id_.end())
      entries_.at(i->second).chunk.provenance->superseded_by = link.to;
  }
  for (const auto& chunk : rows.added) {
    by_id_.emplace(chunk.id, row);
    if (chunk.provenance)
      by_chain_[chunk.provenance->logical_id].push_back(row);
    entries_.emplace(row, entry{row, chunk});
    ++row;
  }
}

}  // namespace persona_runtime
