#include "actors/memory_recall.hpp"
#include "providers/embed/hashed_embedder.hpp"
#include "providers/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

#include <fstream>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

struct pair {
  std::string query;
  std::string fact;
};

/// One a line: what somebody asks, a tab, what was remembered.
std::vector<pair> read_pairs() {
  auto in = std::ifstream{std::string{PERSONA_SOURCE_DIR} + "/tests/actors/memory_pairs.tsv"};
  auto out = std::vector<pair>{};
  for (auto line = std::string{}; std::getline(in, line);) {
    const auto tab = line.find('\t');
    REQUIRE(tab != std::string::npos);
    out.push_back({line.substr(0, tab), line.substr(tab + 1)});
  }
  return out;
}

struct score {
  int first = 0;     // the right fact comes first
  int in_three = 0;  // it is among the first three
};

score score_of(memory_recall& recall, const std::vector<pair>& pairs, bool with_vectors) {
  auto out = score{};
  for (const auto& [query, fact] : pairs) {
    const auto vector = with_vectors ? std::optional{hashed_vector(query)} : std::nullopt;
    const auto found =
      recall.recall(recall_request{shared_scope(reef), query}, vector, memory_noon).self_facts;
    for (auto i = std::size_t{0}; i < found.size(); ++i) {
      if (found[i].text != fact)
        continue;
      out.first += i == 0 ? 1 : 0;
      ++out.in_three;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("on 200 paraphrased questions words and vectors together beat words alone",
          "[actors][memory]") {
  const auto pairs = read_pairs();
  REQUIRE(pairs.size() == 200);
  auto store = make_memory_store();
  auto drafts = std::vector<memory_draft>{};
  for (const auto& one : pairs)
    drafts.push_back(a_draft(one.fact));
  const auto request = memory_request{a_place(memory_store_kind::self_facts),
                                      by(memory_source::user), write_memory{drafts}};
  REQUIRE_FALSE(store->write_memory({&request, 1}).value().at(0).refusal.has_value());
  auto settings = memory_recall_settings{};
  settings.encode = [](const std::string& text) { return hashed_vector(text); };
  settings.make_index = make_exact_index;
  auto recall = memory_recall{store->open_chunk_reader(), settings};

  const auto words = score_of(recall, pairs, false);
  const auto both = score_of(recall, pairs, true);
  WARN("words alone: first " << words.first << ", in three " << words.in_three
                             << "; with vectors: first " << both.first << ", in three "
                             << both.in_three);
  CHECK(both.first > words.first + 20);
  CHECK(both.in_three > words.in_three + 20);
}
