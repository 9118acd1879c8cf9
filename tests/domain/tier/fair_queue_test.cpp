#include "domain/tier/fair_queue.hpp"
#include "tests/support/catch.hpp"

#include <vector>

namespace persona_runtime {
namespace {

std::vector<int> all_of(fair_queue<int>& queue) {
  auto out = std::vector<int>{};
  while (const auto item = queue.pop())
    out.push_back(*item);
  return out;
}

}  // namespace

TEST_CASE("owners take turns, and each is served in order", "[domain][tier]") {
  auto queue = fair_queue<int>{100};
  for (const auto item : {11, 12, 13, 14})
    REQUIRE(queue.push("a", item));
  for (const auto item : {21, 22})
    REQUIRE(queue.push("b", item));
  REQUIRE(queue.push("c", 31));
  REQUIRE(queue.front() != nullptr);
  CHECK(*queue.front() == 11);
  CHECK(all_of(queue) == std::vector{11, 21, 31, 12, 22, 13, 14});
  CHECK(queue.empty());
  CHECK(queue.front() == nullptr);
}

TEST_CASE("who was served goes behind those who wait", "[domain][tier]") {
  auto queue = fair_queue<int>{100};
  REQUIRE(queue.push("a", 11));
  REQUIRE(queue.push("b", 21));
  CHECK(queue.pop() == 11);
  REQUIRE(queue.push("a", 12));
  REQUIRE(queue.push("b", 22));
  CHECK(all_of(queue) == std::vector{21, 12, 22});
}

TEST_CASE("who had a turn elsewhere comes last", "[domain][tier]") {
  auto queue = fair_queue<int>{9};
  for (const auto& [owner, item] : {std::pair{"a", 1}, {"b", 2}, {"c", 3}})
    REQUIRE(queue.push(owner, item));
  queue.pass("a");
  queue.pass("nobody");
  CHECK(*queue.front() == 2);
  CHECK(queue.pop() == 2);
  CHECK(queue.pop() == 3);
  CHECK(queue.pop() == 1);
  CHECK_FALSE(queue.pop().has_value());
}

TEST_CASE("a full queue takes nothing, whoever asks", "[domain][tier]") {
  auto queue = fair_queue<int>{2};
  CHECK(queue.push("a", 1));
  CHECK(queue.push("a", 2));
  CHECK_FALSE(queue.push("b", 3));
  CHECK(queue.size() == 2);
  queue.pop();
  CHECK(queue.push("b", 3));
  auto none = fair_queue<int>{0};
  CHECK_FALSE(none.push("a", 1));
}

TEST_CASE("what is not wanted any more leaves no gap", "[domain][tier]") {
  auto queue = fair_queue<int>{100};
  for (const auto item : {1, 2, 3, 4})
    REQUIRE(queue.push("a", item));
  REQUIRE(queue.push("b", 6));
  REQUIRE(queue.push("c", 7));
  CHECK(queue.remove_if([](int item) { return item % 2 == 0; }) == 3);
  CHECK(queue.size() == 3);
  CHECK(all_of(queue) == std::vector{1, 7, 3});
}

}  // namespace persona_runtime
