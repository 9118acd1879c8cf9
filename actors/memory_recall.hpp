#pragma once
// What a memory actor knows: indexes of the places that were asked for lately, and how a question
// is answered with them. No CAF; rows stay in the store.

#include "domain/memory/recall.hpp"
#include "domain/memory/terms.hpp"
#include "providers/embed/embedder.hpp"
#include "providers/embed/vector_index.hpp"
#include "providers/store/chunk_store.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace persona_runtime {

struct memory_recall_settings {
  std::string embedder;  // whose vectors count; others are as if they were not there
  /// Makes a vector on the spot; empty: vectors come later, by take_vectors.
  std::function<embedding(const std::string&)> encode{};
  std::function<std::unique_ptr<vector_index>()> make_index;
  std::size_t index_bytes_max = std::size_t{512} << 20;  // of all indexes together
  std::uint64_t hits_max = 1'000;                        // see pick_query_terms
};

/// One thread; blocks on its reader.
class memory_recall {
public:
  memory_recall(std::unique_ptr<chunk_reader> reader, memory_recall_settings settings);

  /// The head of the chain "autonomy": of the talk, else what is shared; none: nothing is learned.
  [[nodiscard]] std::optional<learned_autonomy> learned(const memory_scope& scope);

  /// `query`: the vector of request.text; none: by words alone, and `degraded` says so.
  [[nodiscard]] recalled_memory recall(const recall_request& request,
                                       const std::optional<embedding>& query, instant now);

  /// Brings indexes that are in memory up to what was committed.
  void follow(const memory_outcome& change);
  /// Vectors that were made for chunks of a place.
  void take_vectors(const memory_place& place, const std::vector<chunk_vector>& vectors);

  /// There may be something to prepare.
  [[nodiscard]] bool is_behind() const { return !behind_.empty(); }
  /// Some of the work that makes searches fast; true: there is more.
  bool prepare(std::size_t steps);

  /// About how much memory all indexes take; at most index_bytes_max, one index excepted.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t indexes() const { return by_use_.size(); }
  [[nodiscard]] chunk_reader& reader() { return *reader_; }

private:
  struct place_index {
    memory_place place;
    term_counts words;
    std::unique_ptr<vector_index> vectors;
    struct entry {
      recall_candidate chunk;
      std::uint32_t terms = 0;  // in its text, repeats too
    };
    std::unordered_map<std::int64_t, entry> chunks;  // by row
    std::size_t counted = 0;                         // its share of bytes_
    /// Of self facts: what the head of the chain "autonomy" says; none: nobody has looked.
    std::optional<std::optional<learned_autonomy>> autonomy{};
    std::size_t bytes() const;
  };
  using place_indexes = std::list<place_index>;

  [[nodiscard]] result<place_index*> index_of(const memory_place& place);
  [[nodiscard]] result<place_index> load(const memory_place& place);
  void insert(place_index& to, indexed_chunk chunk);
  void count(place_index& index);
  void touched(place_index& index);
  void drop(place_indexes::iterator index);
  void forget_words(place_index& index, std::int64_t row);
  void make_room();

  [[nodiscard]] result<std::vector<scored_row>> search(const memory_place& place,
                                                       const recall_request& request,
                                                       const std::optional<embedding>& query,
                                                       instant now, std::uint32_t k);
  [[nodiscard]] result<std::vector<recall_candidate>>
  by_words(place_index& index, const std::string& text, std::uint32_t limit);
  [[nodiscard]] result<std::vector<memory_chunk>> alike(memory_store_kind kind,
                                                        const recall_request& request,
                                                        const std::optional<embedding>& query,
                                                        instant now, std::uint32_t k);
  [[nodiscard]] result<std::optional<learned_autonomy>> autonomy_of(place_index& index);
  [[nodiscard]] result<std::uint32_t> identity_count(const memory_scope& scope);
  [[nodiscard]] bool is_empty(const memory_place& place);
  [[nodiscard]] result<std::vector<memory_chunk>> recent(const recall_request& request,
                                                         std::uint32_t k);
  [[nodiscard]] result<std::vector<memory_chunk>> episodes(const recall_request& request,
                                                           const std::optional<embedding>& query,
                                                           instant now, std::uint32_t k);

  std::unique_ptr<chunk_reader> reader_;
  memory_recall_settings settings_;
  place_indexes by_use_;  // used last in front
  std::map<memory_place, place_indexes::iterator> known_;
  std::set<memory_place> behind_;                          // there may be something to prepare
  std::map<memory_place, std::uint32_t> identity_counts_;  // that are known; bounded
  std::size_t bytes_ = 0;
};

}  // namespace persona_runtime
