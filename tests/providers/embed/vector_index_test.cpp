#include "providers/embed/embedder.hpp"
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
