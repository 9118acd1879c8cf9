#include "providers/embed/embedder.hpp"
#include "providers/embed/rough_vectors.hpp"
#include "providers/embed/vector_index.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <random>

using namespace persona_runtime;

namespace {

embedding a_vector(std::mt19937& random, std::size_t dimension = 32) {
  auto normal = std::normal_distribution<float>{};
  auto out = embedding(dimension);
  for (auto& value : out)
    value = normal(random);
  normalise(out);
  return out;
}

std::vector<std::int64_t> rows(const std::vector<near_row>& found) {
  auto out = std::vector<std::int64_t>{};
  for (const auto& one : found)
    out.push_back(one.row);
  return out;
}

using list = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("products are right whatever the length", "[providers][embed]") {
  auto random = std::mt19937{7};
  for (auto count = std::size_t{0}; count < 100; ++count) {
    const auto a = a_vector(random, count);
    const auto b = a_vector(random, count);
    auto sum = 0.0;
    for (auto i = std::size_t{0}; i < count; ++i)
      sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    CHECK(static_cast<double>(dot_product(a.data(), b.data(), count)) == Approx(sum).margin(1e-5));
  }
}

TEST_CASE("rough products are right, also of the greatest numbers", "[providers][embed]") {
  constexpr auto half = rough_block / 2;
  constexpr auto count = std::size_t{5};
  auto random = std::mt19937{5};
  for (const auto blocks : {1U, 3U, 4U, 9U}) {
    auto rows = std::vector<std::uint8_t>(count * blocks * half, 0xff);
    auto query = std::vector<std::int8_t>(blocks * rough_block, -127);
    for (auto i = blocks * half; i < rows.size(); ++i)
      rows[i] = static_cast<std::uint8_t>(random());
    auto products = std::vector<std::int32_t>(count);
    for (const auto changed : {false, true}) {
      for (auto i = std::size_t{1}; changed && i < query.size(); i += 2)
        query[i] = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
      rough_products(rows.data(), blocks, count, query.data(), products.data());
      for (auto row = std::size_t{0}; row < count; ++row) {
        auto sum = 0;
        for (auto i = std::size_t{0}; i < query.size(); ++i) {
          const auto both = rows[(row * blocks + i / rough_block) * half + i % half];
          sum += (i % rough_block < half ? both & 15 : both >> 4) * query[i];
        }
        CHECK(products[row] == sum);
      }
    }
  }
}

TEST_CASE("copies find what the exact scan finds", "[providers][embed]") {
  auto random = std::mt19937{3};
  constexpr auto dimension = std::size_t{50};  // no whole number of blocks
  auto exact = make_exact_index();
  auto quick = make_vector_index();
  const auto add = [&](std::int64_t row, const embedding& vector) {
    exact->add(row, vector);
    quick->add(row, vector);
  };
  for (auto row = std::int64_t{1}; row <= 3'000; ++row) {
    auto vector = a_vector(random, dimension);
    if (row % 3 == 0)
      vector[7] = 3;  // one number that is far greater than the others
    normalise(vector);
    add(row, vector);
    if (row % 100 == 0)
      add(10'000 + row, vector);  // the same once more
  }
  add(20'000, embedding(dimension));  // without a direction
  for (auto row = std::int64_t{2}; row < 3'000; row += 7) {
    exact->remove(row);
    quick->remove(row);
  }
  CHECK_FALSE(quick->prepare(1));
  auto right = 0;
  for (auto i = 0; i < 1'000; ++i) {
    const auto query = a_vector(random, dimension);
    right += quick->nearest(query, 5) == exact->nearest(query, 5);
  }
  CHECK(right >= 980);  // a third of the copies are very rough: one number dwarfs the others
  CHECK(quick->nearest(embedding(dimension), 3).size() == 3);
  CHECK(quick->nearest(a_vector(random, dimension), 5'000).size() == quick->size());
  CHECK(quick->nearest(a_vector(random, dimension), 0).empty());
  CHECK(quick->nearest(a_vector(random, 8), 3).empty());
}

TEST_CASE("the exact index finds the nearest, of equals the newer", "[providers][embed]") {
  auto index = make_exact_index();
  CHECK(index->nearest(embedding{1, 0}, 3).empty());
  index->add(1, embedding{1, 0});
  index->add(2, embedding{0, 1});
  index->add(3, embedding{1, 0});
  index->add(3, embedding{0, 1});     // known
  index->add(4, embedding{1, 0, 0});  // of another dimension
  index->add(5, embedding{});
  CHECK(index->size() == 3);
  CHECK(rows(index->nearest(embedding{1, 0}, 3)) == list{3, 1, 2});
  CHECK(rows(index->nearest(embedding{1, 0}, 1)) == list{3});
  CHECK(index->nearest(embedding{1, 0}, 0).empty());
  CHECK(index->nearest(embedding{1}, 3).empty());
  index->remove(1);
  index->remove(99);
  CHECK(rows(index->nearest(embedding{1, 0}, 3)) == list{3, 2});
  CHECK_FALSE(index->prepare(100));
  CHECK(index->bytes() > 0);
}

TEST_CASE("the graph finds what the scan finds, while it grows and shrinks", "[providers][embed]") {
  auto random = std::mt19937{11};
  auto exact = make_exact_index();
  auto graph = make_vector_index(200);
  auto right = std::int64_t{0};
  auto asked = std::int64_t{0};
  const auto compare = [&] {
    for (auto i = 0; i < 20; ++i) {
      const auto query = a_vector(random);
      const auto want = rows(exact->nearest(query, 3));
      const auto got = rows(graph->nearest(query, 3));
      CHECK(got.size() == want.size());
      for (const auto row : want) {
        right += std::ranges::count(got, row);
        ++asked;
      }
    }
  };
  auto row = std::int64_t{1};
  const auto grow = [&](int count) {
    for (auto i = 0; i < count; ++i) {
      const auto vector = a_vector(random);
      exact->add(row, vector);
      graph->add(row++, vector);
    }
  };
  grow(199);
  CHECK_FALSE(graph->prepare(1'000));  // too few for a graph
  compare();
  grow(801);
  CHECK(graph->prepare(300));  // a part of it
  compare();
  while (graph->prepare(300)) {
  }
  compare();
  grow(100);  // found beside the graph
  compare();
  for (auto gone = std::int64_t{1}; gone < 700; ++gone) {
    exact->remove(gone);
    graph->remove(gone);
  }
  compare();
  while (graph->prepare(300)) {
  }
  compare();
  CHECK(graph->size() == exact->size());
  CHECK(right >= asked * 95 / 100);
}
