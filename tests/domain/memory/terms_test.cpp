#include "domain/memory/terms.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

using texts = std::vector<std::string>;

texts names(const std::vector<query_term>& terms) {
  auto out = texts{};
  for (const auto& term : terms)
    out.push_back(term.term);
  return out;
}

}  // namespace

TEST_CASE("words are folded and cut at what is no letter or number", "[domain][memory]") {
  CHECK(memory_terms("Båt-plass 12B, «ÆRLIG»_talt")
        == texts{"båt", "plass", "12b", "ærlig", "talt"});
  CHECK(memory_terms("a\xff b") == texts{"a", "b"});
  CHECK(memory_terms("").empty());
  CHECK(memory_terms(" .,\n").empty());
  const auto lengthy = memory_terms(std::string(100, 'x'));
  CHECK(lengthy == texts{std::string(64, 'x')});
  auto norwegian = std::string{"a"};
  for (auto i = 0; i < 50; ++i)
    norwegian += "ø";
  CHECK(memory_terms(norwegian).front().size() == 63);  // never half a letter
}

TEST_CASE("a query keeps its six rarest terms", "[domain][memory]") {
  const auto counts = std::unordered_map<std::string, std::uint32_t>{
    {"a", 90}, {"b", 80}, {"c", 7}, {"d", 6}, {"e", 5}, {"f", 4}, {"g", 3}, {"h", 2}};
  const auto with = [&](const std::string& term) {
    const auto i = counts.find(term);
    return i == counts.end() ? 0U : i->second;
  };
  CHECK(names(pick_query_terms("a b c d e f g h unknown h", with, {8, 1'000}))
        == texts{"h", "g", "f", "e", "d", "c"});
  CHECK(names(pick_query_terms("f h", with, {8, 1'000})) == texts{"h", "f"});
  CHECK(names(pick_query_terms("a b", with, {8, 1'000})) == texts{"b", "a"});
  // What the search has to score is bounded, but the rarest term always counts.
  CHECK(names(pick_query_terms("a b h", with, {8, 81})) == texts{"h"});
  CHECK(names(pick_query_terms("a b h", with, {8, 82})) == texts{"h", "b"});
  CHECK(names(pick_query_terms("a b", with, {8, 10})) == texts{"b"});
  CHECK(pick_query_terms("unknown", with, {8, 10}).empty());
}

TEST_CASE("a term that most chunks hold is not looked for", "[domain][memory]") {
  const auto with = [](const std::string& term) { return term == "common" ? 51U : 50U; };
  CHECK(names(pick_query_terms("common rare", with, {100, 1'000})) == texts{"rare"});
  CHECK(pick_query_terms("common", with, {100, 1'000}).empty());
  // Among few chunks no count says much.
  CHECK(names(pick_query_terms("common", with, {99, 1'000})) == texts{"common"});
}

TEST_CASE("BM25 rises with hits and falls with length", "[domain][memory]") {
  CHECK(term_score(2, 0, 10, 10) == 0);
  CHECK(term_score(2, 1, 10, 10) == Approx(2));  // 2 · 1 · 2.2 / (1 + 1.2)
  CHECK(term_score(2, 3, 10, 10) == Approx(2 * 3 * 2.2 / 4.2));
  CHECK(term_score(2, 1, 20, 10) == Approx(2 * 2.2 / (1 + 1.2 * 1.75)));
  CHECK(term_score(1, 1, 0, 0) == Approx(2.2 / 1.3));
}

TEST_CASE("counts of terms follow what comes and goes", "[domain][memory]") {
  auto counts = term_counts{};
  CHECK(counts.average_length() == 0);
  counts.add({"a", "a", "b"});
  counts.add({"a"});
  CHECK(counts.chunks_with("a") == 2);
  CHECK(counts.chunks_with("b") == 1);
  CHECK(counts.average_length() == 2);
  counts.remove({"a", "a", "b"});
  CHECK(counts.chunks_with("a") == 1);
  CHECK(counts.chunks_with("b") == 0);
  CHECK(counts.chunks() == 1);
  CHECK(counts.average_length() == 1);
  CHECK(counts.bytes() > 0);
}

TEST_CASE("a rare term weighs more, none weighs less than nothing", "[domain][memory]") {
  CHECK(term_weight(1, 1'000) > term_weight(10, 1'000));
  CHECK(term_weight(1'000, 1'000) > 0);
  CHECK(term_weight(5, 3) > 0);
  CHECK(term_weight(0, 0) >= 0);
}
