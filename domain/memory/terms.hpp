#pragma once
// Words of a text as the word search knows them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace persona_runtime {

/// Case-folded runs of letters and numbers, in order, repeats too; none is over 64 bytes (longer
/// ones are cut). Total; linear in the text.
[[nodiscard]] std::vector<std::string> memory_terms(std::string_view text);

/// A term of a query and how many chunks of the scope hold it (at least 1).
struct query_term {
  std::string term;
  std::uint32_t chunks = 0;
  friend bool operator==(const query_term&, const query_term&) = default;
};

inline constexpr auto query_terms_max = std::size_t{6};

/// Which terms of a question are worth looking for.
struct term_choice {
  std::size_t chunks = 0;      // in the scope
  std::uint64_t hits_max = 0;  // after the rarest, terms are taken while the sum of their counts
                               // stays within this
};

/// The at most six rarest distinct terms of `text` that occur at all, rarest first; of equals the
/// earlier. Once there are common_from chunks, terms that over half of them hold are left out: they
/// tell nothing apart. `chunks_with` says how many chunks hold a term.
[[nodiscard]] std::vector<query_term>
pick_query_terms(std::string_view text,
                 const std::function<std::uint32_t(const std::string&)>& chunks_with,
                 const term_choice& choice);

inline constexpr auto common_from = std::size_t{100};

/// How many chunks of an index hold each term. One thread.
class term_counts {
public:
  /// Counts each distinct term of a chunk once.
  void add(const std::vector<std::string>& terms);
  void remove(const std::vector<std::string>& terms);
  [[nodiscard]] std::uint32_t chunks_with(const std::string& term) const;
  /// Chunks that are counted, and terms in them on the average, repeats too; 0 without chunks.
  [[nodiscard]] std::size_t chunks() const { return chunks_; }
  [[nodiscard]] double average_length() const;
  /// About how much memory this takes.
  [[nodiscard]] std::size_t bytes() const;

private:
  std::unordered_map<std::uint64_t, std::uint32_t> counts_;  // by hash of the term
  std::size_t chunks_ = 0;
  std::uint64_t terms_ = 0;
};

/// BM25's score (k1 1.2, b 0.75) of a chunk for one term: its weight (term_weight), how often the
/// chunk holds it, the chunk's length and the average one in terms (under 1 counts as 1).
[[nodiscard]] double term_score(double weight, double hits, double length, double average_length);

/// BM25's weight of a term that `with` of `chunks` chunks hold; never negative.
[[nodiscard]] double term_weight(std::uint64_t with, std::uint64_t chunks);

}  // namespace persona_runtime
