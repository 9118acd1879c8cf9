#pragma once
// Which of a document's facts are which of those that are stored.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

/// A fact on either side: its own name when the author gave one, and the hash of what it says.
struct alignable_fact {
  std::string key{};
  std::string content_hash;
  bool retired = false;  // of stored ones: comes back only by its key
};

/// What becomes of both lists, by index.
struct fact_alignment {
  struct pair {
    std::size_t before;
    std::size_t after;
    friend bool operator==(const pair&, const pair&) = default;
  };
  std::vector<pair> unchanged{};       // the chain stays as it is
  std::vector<pair> edited{};          // the chain gets a further version
  std::vector<std::size_t> added{};    // new chains
  std::vector<std::size_t> removed{};  // chains that are retired
  friend bool operator==(const fact_alignment&, const fact_alignment&) = default;
};

/// Equal keys belong together, whatever they say. Of the rest, those that say the same belong
/// together, in order; what is then left on both sides pairs in order as edits; what is left over
/// was added or removed. All lists rise by index of the document (removed: of the stored ones).
[[nodiscard]] fact_alignment align_facts(const std::vector<alignable_fact>& before,
                                         const std::vector<alignable_fact>& after);

}  // namespace persona_runtime
