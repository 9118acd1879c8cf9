#include "domain/memory/recall.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_rows.hpp"
#include "tests/support/memory_samples.hpp"

#include <set>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

constexpr auto day = std::int64_t{86'400'000};

memory_chunk episode(int number) {
  auto chunk = memory_chunk{};
  chunk.id = "e" + std::to_string(number);
  chunk.created_at = {number};
  return chunk;
}

recall_candidate candidate(std::int64_t row, std::int64_t age_days = 0, float importance = 0.5F) {
  return {row, {memory_noon.value - age_days * day}, importance};
}

std::vector<std::int64_t> rows(const std::vector<scored_row>& scored) {
  auto out = std::vector<std::int64_t>{};
  for (const auto& one : scored)
    out.push_back(one.row);
  return out;
}

using row_list = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("RETR-02 every recorded row of the budget is ours too", "[domain][memory]") {
  auto compared = 0;
  for (const auto& row : json_rows("text/helpers.jsonl")) {
    if (row.at("fn").as_string() != "dynamic_top_k")
      continue;
    INFO(row);
    CHECK(recall_budget(3, row.at("in").as_int64()) == row.at("out").to_number<std::uint32_t>());
    ++compared;
  }
  CHECK(compared == 4);
}

TEST_CASE("RT-01 RETR-03 the budget falls as the conversation grows", "[domain][memory]") {
  const auto of = [](std::int64_t turns) { return recall_budget(3, turns); };
  CHECK(of(0) == 8);
  CHECK(of(-3) == 8);
  CHECK(of(1) == 7);
  CHECK(of(2) == 6);
  CHECK(of(4) == 4);
  CHECK(of(5) == 3);
  CHECK(of(6) == 3);
  CHECK(of(100) == 3);
  CHECK(of(std::numeric_limits<std::int64_t>::min()) == 8);
  CHECK(of(std::numeric_limits<std::int64_t>::max()) == 3);
}

TEST_CASE("RETR-02 without a conversation the budget is top_k", "[domain][memory]") {
  CHECK(recall_budget(3, std::nullopt) == 3);
  CHECK(recall_budget(2, std::nullopt) == 2);
}

TEST_CASE("RT-02 RETR-04 the newest episodes are always in, oldest first", "[domain][memory]") {
  CHECK(recent_share(8) == 4);
  CHECK(recent_share(3) == 2);
  CHECK(recent_share(2) == 2);
  CHECK(recent_share(1) == 1);
  const auto recent = std::vector{episode(10), episode(9), episode(8), episode(7)};
  const auto alike = std::vector{episode(9), episode(1), episode(10), episode(2),
                                 episode(3), episode(4), episode(5)};
  const auto merged = with_recent(recent, alike, 8);
  auto ids = std::vector<std::string>{};
  for (const auto& chunk : merged)
    ids.push_back(chunk.id);
  CHECK(ids == std::vector<std::string>{"e1", "e2", "e3", "e4", "e7", "e8", "e9", "e10"});
  CHECK(with_recent({}, {}, 8).empty());
  CHECK(with_recent(recent, {}, 8).size() == 4);
}

TEST_CASE("RT-03 RETR-06 counts come in the fixed order, zeros too", "[domain][memory]") {
  auto memory = recalled_memory{};
  memory.worldview = {episode(1), episode(2)};
  const auto counts = recall_counts(memory);
  CHECK(counts[0] == recall_count{memory_store_kind::identity, 0});
  CHECK(counts[1] == recall_count{memory_store_kind::self_facts, 0});
  CHECK(counts[2] == recall_count{memory_store_kind::worldview, 2});
  CHECK(counts[3] == recall_count{memory_store_kind::episodic, 0});
}

TEST_CASE("ST-13 of two equally alike episodes the younger comes first", "[domain][memory]") {
  const auto old_first = std::vector{candidate(1, 2), candidate(2, 0)};
  const auto new_first = std::vector{candidate(2, 0), candidate(1, 2)};
  CHECK(rows(fuse_ranks(old_first, new_first, memory_noon, 3)) == row_list{2, 1});
}

TEST_CASE("ST-14 age halves nothing below half, and the future counts as now", "[domain][memory]") {
  const auto factor = [](std::int64_t days) {
    return recency_factor({memory_noon.value - days * day}, memory_noon);
  };
  CHECK(factor(0) == 1);
  CHECK(factor(-5) == 1);
  CHECK(factor(30) == Approx(0.75));
  CHECK(factor(60) == Approx(0.625));
  CHECK(factor(100'000) == Approx(0.5));
}

TEST_CASE("ranks fuse: both lists count, importance and age weigh", "[domain][memory]") {
  const auto words = std::vector{candidate(1), candidate(2), candidate(3)};
  const auto vectors = std::vector{candidate(3), candidate(2), candidate(4)};
  const auto fused = fuse_ranks(words, vectors, memory_noon, 10);
  CHECK(rows(fused) == row_list{3, 2, 1, 4});
  CHECK(fused[0].score == Approx((1.0 / 63 + 1.0 / 61) * 1.0));
  CHECK(fused[2].score == Approx(1.0 / 61));
  CHECK(rows(fuse_ranks(words, vectors, memory_noon, 2)) == row_list{3, 2});
  CHECK(fuse_ranks(words, vectors, memory_noon, 0).empty());

  const auto weighty = std::vector{candidate(1), candidate(2, 0, 1.0F)};
  CHECK(rows(fuse_ranks(weighty, {}, memory_noon, 2)) == row_list{2, 1});
  const auto aged = std::vector{candidate(1, 365), candidate(2)};
  CHECK(rows(fuse_ranks(aged, {}, memory_noon, 2)) == row_list{2, 1});
  // An old memory that both halves find outweighs a fresh one that one half finds.
  CHECK(rows(fuse_ranks(std::vector{candidate(1, 20)}, std::vector{candidate(1, 20), candidate(2)},
                        memory_noon, 2))
        == row_list{1, 2});
  CHECK(fuse_ranks({}, {}, memory_noon, 3).empty());
}
