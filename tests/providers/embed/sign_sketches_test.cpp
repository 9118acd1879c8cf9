#include "providers/embed/rotation.hpp"
#include "providers/embed/sign_sketches.hpp"
#include "providers/embed/vector_index.hpp"
#include "tests/providers/embed/vectors.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace persona_runtime;

namespace {

std::vector<std::size_t> scores_of(const sign_sketches& sketches, const embedding& query) {
  const auto scores = sketch_scores{sketches, query};
  auto out = std::vector<std::size_t>(sketches.size());
  for (auto score = std::size_t{0}; score < scores.end(); ++score) {
    for (const auto place : scores.places(score, score + 1))
      out.at(place) = score;
  }
  return out;
}

struct pair_of_indexes {
  void add(std::int64_t row, const embedding& vector) {
    exact->add(row, vector);
    quick->add(row, vector);
  }
  void remove(std::int64_t row) {
    exact->remove(row);
    quick->remove(row);
  }
  /// The part of the nearest three that the quick one finds too.
  double recall(const std::vector<embedding>& queries) const {
    auto found = 0.0;
    for (const auto& query : queries) {
      const auto want = exact->nearest(query, 3);
      const auto got = quick->nearest(query, 3);
      for (const auto& one : want)
        found += std::ranges::count(got, one) > 0 ? 1 : 0;
    }
    return found / (3 * static_cast<double>(queries.size()));
  }

  std::unique_ptr<vector_index> exact = make_exact_index();
  std::unique_ptr<vector_index> quick = make_vector_index();
};

}  // namespace

TEST_CASE("a rotation keeps products and spreads a single number", "[providers][embed]") {
  CHECK(rotated_size(1) == 64);
  CHECK(rotated_size(64) == 64);
  CHECK(rotated_size(65) == 128);
  CHECK(rotated_size(1'536) == 2'048);
  auto random = std::mt19937{21};
  for (const auto dimension : {1U, 50U, 64U, 100U, 256U, 1'000U}) {
    const auto a = a_direction(random, dimension);
    const auto b = a_direction(random, dimension);
    const auto x = rotated(a);
    const auto y = rotated(b);
    REQUIRE(x.size() == rotated_size(dimension));
    CHECK(dot_product(x.data(), y.data(), x.size())
          == Approx(dot_product(a.data(), b.data(), a.size())).margin(1e-5));
  }
  auto single = embedding(256);
  single[17] = 1;
  const auto spread = rotated(single);
  CHECK(*std::ranges::max_element(spread) < 0.4F);
  CHECK(std::ranges::count_if(spread, [](float x) { return x > 0; }) > 90);
  CHECK(std::ranges::count_if(spread, [](float x) { return x < 0; }) > 90);
}

TEST_CASE("memory to scan begins with a line, much of it with a huge page", "[providers][embed]") {
  for (const auto bytes : {std::size_t{1}, std::size_t{1'000}, std::size_t{5} << 20}) {
    auto memory = scan_vector<char>(bytes, 'x');
    const auto begin = reinterpret_cast<std::uintptr_t>(memory.data());
    CHECK(begin % (bytes > 1'000 ? std::size_t{2} << 20 : cache_line_bytes) == 0);
    memory.resize(bytes * 2, 'y');
    CHECK(memory.front() == 'x');
    CHECK(memory.back() == 'y');
  }
}

TEST_CASE("sums of sketches are right, also of the greatest entries", "[providers][embed]") {
  constexpr auto blocks = std::size_t{3};
  auto random = std::mt19937{22};
  for (const auto bytes : {8U, 32U, 1'024U}) {
    auto values = std::vector<std::uint8_t>(blocks * sketch_rows * bytes);
    for (auto& value : values)
      value = static_cast<std::uint8_t>(random());
    auto tables = std::vector<std::uint8_t>(bytes * 2 * sketch_table, sketch_entry_max);
    auto sums = std::vector<std::uint16_t>(blocks * sketch_rows);
    for (const auto changed : {false, true}) {
      for (auto i = std::size_t{0}; changed && i < tables.size(); ++i)
        tables[i] = static_cast<std::uint8_t>(random() % (sketch_entry_max + 1));
      sketch_sums(values.data(), bytes, blocks, tables.data(), sums.data());
      auto right = std::size_t{0};
      for (auto row = std::size_t{0}; row < sums.size(); ++row) {
        auto sum = 0U;
        for (auto byte = std::size_t{0}; byte < bytes; ++byte) {
          const auto block = row / sketch_rows * bytes;
          const auto both = values[(block + byte) * sketch_rows + row % sketch_rows];
          const auto* table = tables.data() + byte * 2 * sketch_table;
          sum += 0U + table[both & 15] + table[sketch_table + (both >> 4)];
        }
        right += sums[row] == sum;
      }
      CHECK(right == sums.size());
    }
  }
}

TEST_CASE("sketches tell about how similar vectors are", "[providers][embed]") {
  auto random = std::mt19937{23};
  for (const auto dimension : {64U, 256U, 1'536U, 8'192U}) {
    auto sketches = sign_sketches{};
    const auto centre = a_direction(random, dimension);
    auto similarities = std::vector<float>{};
    for (auto i = 0; i < 200; ++i) {
      const auto vector = a_neighbour(random, centre, 3.0F * static_cast<float>(i % 20) / 20);
      similarities.push_back(dot_product(centre.data(), vector.data(), vector.size()));
      sketches.add(vector);
    }
    const auto scores = sketch_scores{sketches, centre};
    const auto all = scores_of(sketches, centre);
    auto missed = 0;
    for (auto i = std::size_t{0}; i < all.size(); ++i) {
      missed += all[i] < scores.least_of(similarities[i]);
      CHECK(all[i] < scores.end());
    }
    CHECK(missed <= 5);
    CHECK(scores.least_of(0.9F) > scores.least_of(0.3F));
    CHECK(scores.least_of(-std::numeric_limits<float>::infinity()) == 0);
    CHECK(scores.places(0, scores.end()).size() == all.size());
    CHECK(scores.places(5, 5).empty());
    CHECK(scores.reached_by(1'000) == 0);
  }
}

TEST_CASE("a sketch's score outlives changes of the others", "[providers][embed]") {
  constexpr auto dimension = std::size_t{100};
  auto random = std::mt19937{24};
  auto changed = sign_sketches{};
  auto left = std::vector<embedding>{};
  const auto query = a_direction(random, dimension);
  for (auto i = 0; i < 1'000; ++i) {
    if (!left.empty() && random() % 5 < 2) {
      const auto place = random() % left.size();
      changed.remove(place);
      left[place] = left.back();
      left.pop_back();
    } else {
      left.push_back(a_direction(random, dimension));
      changed.add(left.back());
    }
    if (i % 50 != 0)
      continue;
    auto fresh = sign_sketches{};
    for (const auto& vector : left)
      fresh.add(vector);
    REQUIRE(changed.size() == left.size());
    REQUIRE(scores_of(changed, query) == scores_of(fresh, query));
  }
  while (changed.size() > 0)
    changed.remove(0);
  CHECK(scores_of(changed, query).empty());
}

TEST_CASE("sketches miss few of the nearest while vectors come and go", "[providers][embed]") {
  constexpr auto dimension = std::size_t{128};
  auto random = std::mt19937{25};
  auto both = pair_of_indexes{};
  auto rows = std::vector<std::int64_t>{};
  auto next = std::int64_t{1};
  for (auto round = 0; round < 4; ++round) {
    for (auto i = 0; i < 2'500; ++i) {
      both.add(next, a_direction(random, dimension));
      rows.push_back(next++);
    }
    std::ranges::shuffle(rows, random);
    for (auto i = 0; i < 400; ++i) {
      both.remove(rows.back());
      rows.pop_back();
    }
    REQUIRE(both.quick->size() == rows.size());
    auto queries = std::vector<embedding>{};
    for (auto i = 0; i < 100; ++i)
      queries.push_back(a_direction(random, dimension));
    CHECK(both.recall(queries) >= 0.98);
  }
  // A float, half a byte and a bit of each number.
  CHECK(both.quick->bytes() >= rows.size() * (dimension * 4 + dimension / 2 + dimension / 8));
}

TEST_CASE("sketches miss few among vectors that are alike", "[providers][embed]") {
  constexpr auto dimension = std::size_t{256};
  auto random = std::mt19937{26};
  const auto around = GENERATE(0.3F, 0.8F);
  const auto centres = GENERATE(std::size_t{1}, std::size_t{8});
  auto middle = std::vector<embedding>{};
  while (middle.size() < centres)
    middle.push_back(a_direction(random, dimension));
  auto both = pair_of_indexes{};
  for (auto row = std::int64_t{1}; row <= 4'000; ++row)
    both.add(row, a_neighbour(random, middle[random() % centres], around));
  auto queries = std::vector<embedding>{};
  for (auto i = 0; i < 50; ++i)
    queries.push_back(a_neighbour(random, middle[random() % centres], 0.5F));
  CHECK(both.recall(queries) >= 0.98);
}

TEST_CASE("of equal vectors sketches find the newest", "[providers][embed]") {
  auto random = std::mt19937{27};
  auto both = pair_of_indexes{};
  const auto vector = a_direction(random, 64);
  for (auto row = std::int64_t{1}; row <= 3'000; ++row)
    both.add(row, vector);
  CHECK(both.recall({vector, a_direction(random, 64), embedding(64)}) == 1);
}
