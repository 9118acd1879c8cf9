#include "providers/embed/nearest_rows.hpp"
#include "providers/embed/rough_vectors.hpp"
#include "providers/embed/vector_index.hpp"
#include "tests/providers/embed/vectors.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>

using namespace persona_runtime;

namespace {

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
    const auto a = a_direction(random, count);
    const auto b = a_direction(random, count);
    auto sum = 0.0;
    for (auto i = std::size_t{0}; i < count; ++i)
      sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    CHECK(static_cast<double>(dot_product(a.data(), b.data(), count)) == Approx(sum).margin(1e-5));
  }
}

TEST_CASE("the nearest rows are kept, of equals the greater", "[providers][embed]") {
  auto best = nearest_rows{2};
  CHECK(best.sorted().empty());
  best.show({4, 0.5F});
  CHECK(best.least() < -1);  // there is room for anything
  best.show({1, -0.5F});
  CHECK(best.least() == -0.5F);
  best.show({5, 0.5F});
  best.show({3, 0.5F});
  best.show({9, 0.4F});
  CHECK(best.least() == 0.5F);
  CHECK(best.sorted() == std::vector<near_row>{{5, 0.5F}, {4, 0.5F}});
}

TEST_CASE("rough copies tell how similar a vector may be", "[providers][embed]") {
  auto random = std::mt19937{6};
  auto copies = rough_vectors{};
  const auto query = a_direction(random, 150);
  auto similarities = std::vector<float>{};
  for (auto i = 0; i < 500; ++i) {
    auto vector = a_neighbour(random, query, 2);
    for (auto each = std::size_t{0}; i % 2 == 0 && each < vector.size(); ++each)
      vector[each] = std::copysign(each == 0 ? 3.0F : 1.2F, vector[each]);  // all rounded down
    normalise(vector);
    similarities.push_back(dot_product(query.data(), vector.data(), vector.size()));
    copies.add(vector);
  }
  const auto rough = rough_query{copies, query};
  auto missed = 0;
  for (auto place = std::size_t{0}; place < similarities.size(); ++place) {
    rough.prepare(place);
    missed += rough.most(place) < similarities[place];
    CHECK(rough.most(place) < similarities[place] + 0.15F);
  }
  CHECK(missed <= 8);
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
    for (const auto changed : {false, true}) {
      for (auto i = std::size_t{1}; changed && i < query.size(); i += 2)
        query[i] = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
      for (auto row = std::size_t{0}; row < count; ++row) {
        auto sum = 0;
        for (auto i = std::size_t{0}; i < query.size(); ++i) {
          const auto both = rows[(row * blocks + i / rough_block) * half + i % half];
          sum += (i % rough_block < half ? both & 15 : both >> 4) * query[i];
        }
        CHECK(rough_product(rows.data() + row * blocks * half, blocks, query.data()) == sum);
      }
    }
  }
}

TEST_CASE("sketches and copies find what the exact scan finds", "[providers][embed]") {
  auto random = std::mt19937{3};
  constexpr auto dimension = std::size_t{50};  // no whole number of blocks
  auto exact = make_exact_index();
  auto quick = make_vector_index();
  const auto add = [&](std::int64_t row, const embedding& vector) {
    exact->add(row, vector);
    quick->add(row, vector);
  };
  for (auto row = std::int64_t{1}; row <= 3'000; ++row) {
    auto vector = a_direction(random, dimension);
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
    const auto query = a_direction(random, dimension);
    right += quick->nearest(query, 5) == exact->nearest(query, 5);
  }
  CHECK(right >= 980);  // a third of the copies are very rough: one number dwarfs the others
  CHECK(quick->nearest(embedding(dimension), 3).size() == 3);
  CHECK(quick->nearest(a_direction(random, dimension), 5'000).size() == quick->size());
  CHECK(quick->nearest(a_direction(random, dimension), 0).empty());
  CHECK(quick->nearest(a_direction(random, 8), 3).empty());
}

TEST_CASE("the exact index finds the nearest, of equals the newer", "[providers][embed]") {
  auto index = make_exact_index();
  CHECK(index->nearest(embedding{1, 0}, 3).empty());
  index->add(7, embedding(8'193));  // too long
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

TEST_CASE("an index grows with its rows and gives back their room", "[providers][embed]") {
  constexpr auto dimension = std::size_t{256};
  // A vector, its copy, its sketch and what finds it; these but the first may have twice the room.
  constexpr auto each = dimension * 4 + 2 * (dimension / 2 + dimension / 8 + 64);
  auto random = std::mt19937{17};
  auto index = make_vector_index();
  for (auto row = std::int64_t{1}; row <= 1'100; ++row) {
    index->add(row, a_direction(random, dimension));
    const auto room = index->bytes();
    const auto most = static_cast<std::size_t>(row) * each + 64 * dimension * 4 + 4'096;
    if (room > most || room < static_cast<std::size_t>(row) * dimension * 4)
      FAIL("at " << row << ": " << room);
  }
  const auto full = index->bytes();
  for (auto row = std::int64_t{1'100}; row > 550; --row)
    index->remove(row - 550);
  CHECK(index->bytes() < full - 400 * dimension * 4);
}

TEST_CASE("sketches begin when there are many vectors, and stay when some go",
          "[providers][embed]") {
  constexpr auto dimension = std::size_t{64};
  constexpr auto few = std::int64_t{2'000};
  constexpr auto a_copy_and_sketch = dimension / 2 + dimension / 8;
  auto random = std::mt19937{23};
  auto exact = make_exact_index();
  auto quick = make_vector_index();
  for (auto row = std::int64_t{1}; row <= few; ++row) {
    const auto vector = a_direction(random, dimension);
    exact->add(row, vector);
    quick->add(row, vector);
  }
  const auto before = quick->bytes();
  const auto last = a_direction(random, dimension);
  exact->add(few + 1, last);
  quick->add(few + 1, last);
  CHECK(quick->bytes() >= before + few * a_copy_and_sketch);
  for (auto left = 2; left > 0; --left) {
    auto right = 0;
    for (auto i = 0; i < 100; ++i) {
      const auto query = a_direction(random, dimension);
      right += quick->nearest(query, 5) == exact->nearest(query, 5);
    }
    CHECK(right >= 95);
    for (auto row = std::int64_t{left}; row <= few; row += 3) {
      exact->remove(row);
      quick->remove(row);
    }
  }
}

TEST_CASE("the graph finds what the scan finds, while it grows and shrinks", "[providers][embed]") {
  auto random = std::mt19937{11};
  auto exact = make_exact_index();
  auto graph = make_vector_index(200);
  auto right = std::int64_t{0};
  auto asked = std::int64_t{0};
  const auto compare = [&] {
    for (auto i = 0; i < 20; ++i) {
      const auto query = a_direction(random, 32);
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
      const auto vector = a_direction(random, 32);
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
