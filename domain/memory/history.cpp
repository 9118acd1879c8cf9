#include "domain/memory/history.hpp"

namespace persona_runtime {
namespace {

/// What is wrong with one version; empty: nothing. `next` is null behind the last one.
std::string fault_of(const memory_chunk& chunk, const memory_chunk* next,
                     const std::string& logical_id, std::size_t version) {
  const auto& from = chunk.provenance;
  if (!from)
    return "chunk " + chunk.id + " has no provenance";
  if (from->logical_id != logical_id)
    return "chunk " + chunk.id + " belongs to " + from->logical_id;
  if (from->version != version)
    return "version " + std::to_string(version) + " expected, got " + std::to_string(from->version);
  if (next == nullptr) {
    return from->superseded_by
             ? "the last version is superseded by " + *from->superseded_by + ", which is not there"
             : "";
  }
  if (from->superseded_by != next->id)
    return "version " + std::to_string(version) + " is not linked to " + next->id;
  return {};
}

}  // namespace

std::optional<memory_refusal> check_memory_chain(std::span<const memory_chunk> chain) {
  if (chain.empty())
    return std::nullopt;
  const auto& first = chain.front().provenance;
  const auto logical_id = first ? first->logical_id : std::string{};
  for (auto i = std::size_t{0}; i < chain.size(); ++i) {
    const auto* next = i + 1 < chain.size() ? &chain[i + 1] : nullptr;
    auto fault = fault_of(chain[i], next, logical_id, i + 1);
    if (!fault.empty())
      return memory_refusal{memory_refusal::why::broken_chain,
                            "chain " + logical_id + ": " + fault};
  }
  return std::nullopt;
}

}  // namespace persona_runtime
