#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/journal_samples.hpp"

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

using numbers = std::vector<std::uint64_t>;

numbers numbers_of(const std::vector<run_row>& rows) {
  auto found = numbers{};
  for (const auto& row : rows)
    found.push_back(row.accepted);
  return found;
}

/// Run n, accepted as number n, of owner "even" or "odd" and persona n % 3, completed when n is a
/// multiple of 4.
void fill(journal_store& store, int runs) {
  for (auto n = 1; n <= runs; ++n) {
    auto run = journal_script{"run_" + std::to_string(n)};
    run.row().owner = {n % 2 == 0 ? "even" : "odd"};
    run.row().persona = {"persona_" + std::to_string(n % 3)};
    REQUIRE(put(store, run.next()) == committed);
    if (n % 4 == 0)
      REQUIRE(put(store, run.turn(run_status::completed)) == committed);
  }
}

persona_row a_persona(const std::string& id, const std::string& owner, std::int64_t created) {
  return {{id},      {owner},  "identity: {name: Anker}", shared_text{R"({"name":"Anker"})"},
          {created}, {created}};
}

std::vector<std::string> ids_of(const std::vector<persona_row>& rows) {
  auto ids = std::vector<std::string>{};
  for (const auto& row : rows)
    ids.push_back(row.id.value);
  return ids;
}

}  // namespace

TEST_CASE("lists of runs are newest first and filtered", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  fill(*store, 12);
  const auto reader = store->open_reader();
  const auto list = [&](const run_filter& filter) {
    return numbers_of(reader->list_runs(filter).value());
  };
  const auto even = owner_id{"even"};
  const auto of_0 = persona_id{"persona_0"};
  const auto done = run_status::completed;

  CHECK(list({}) == numbers{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  CHECK(list({.owner = even}) == numbers{12, 10, 8, 6, 4, 2});
  CHECK(list({.persona = of_0}) == numbers{12, 9, 6, 3});
  CHECK(list({.status = done}) == numbers{12, 8, 4});
  CHECK(list({.owner = even, .persona = of_0}) == numbers{12, 6});
  CHECK(list({.owner = even, .status = run_status::running}) == numbers{10, 6, 2});
  CHECK(list({.persona = of_0, .status = done}) == numbers{12});
  CHECK(list({.owner = even, .persona = of_0, .status = run_status::running}) == numbers{6});
  CHECK(list({.owner = owner_id{"nobody"}}).empty());
  CHECK(list({.status = run_status::error}).empty());
}

TEST_CASE("lists of runs are paged by acceptance number", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  fill(*store, 12);
  const auto page = [&](std::optional<std::uint64_t> before, std::uint32_t limit) {
    return numbers_of(store->list_runs({.before = before, .limit = limit}).value());
  };
  CHECK(page({}, 5) == numbers{12, 11, 10, 9, 8});
  CHECK(page(8, 5) == numbers{7, 6, 5, 4, 3});
  CHECK(page(3, 5) == numbers{2, 1});
  CHECK(page(1, 5).empty());
  CHECK(page(0, 5).empty());
  CHECK(page({}, 0) == numbers{12});
  CHECK(page(~std::uint64_t{0}, 1) == numbers{12});
  const auto evens = store->list_runs({.owner = owner_id{"even"}, .before = 8, .limit = 2});
  CHECK(numbers_of(evens.value()) == numbers{6, 4});
}

TEST_CASE("a list holds at most 200 runs", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto batch = std::vector<journal_append>{};
  for (auto n = 0; n < 201; ++n)
    batch.push_back(journal_script{"run_" + std::to_string(n)}.next());
  REQUIRE(store->append(batch).has_value());
  CHECK(store->list_runs({.limit = 200}).value().size() == 200);
  CHECK(store->list_runs({.limit = 201}).value().size() == 200);
  CHECK(store->list_runs({}).value().size() == 50);
}

TEST_CASE("unfinished runs come oldest first, from a number on", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  fill(*store, 9);
  const auto from = [&](std::uint64_t number, std::uint32_t limit) {
    return numbers_of(store->unfinished_runs(number, limit).value());
  };
  CHECK(from(0, 100) == numbers{1, 2, 3, 5, 6, 7, 9});
  CHECK(from(0, 3) == numbers{1, 2, 3});
  CHECK(from(4, 3) == numbers{5, 6, 7});
  CHECK(from(9, 3) == numbers{9});
  CHECK(from(10, 3).empty());
  CHECK(from(~std::uint64_t{0}, 3).empty());
}

TEST_CASE("acceptance numbers rise, also past refused and deleted runs", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto one = journal_script{"run_1", "key"};
  REQUIRE(put(*store, one.next()) == committed);
  REQUIRE(put(*store, journal_script{"run_2", "key"}.next()) == append_verdict::key_in_use);
  REQUIRE(put(*store, one.turn(run_status::completed)) == committed);
  REQUIRE(store->delete_run({"run_1"}).has_value());
  REQUIRE(put(*store, journal_script{"run_3"}.next()) == committed);
  CHECK(store->find_run({"run_3"}).value()->accepted == 2);
}

TEST_CASE("personas are kept, replaced, listed and deleted", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto reader = store->open_reader();
  const auto list = [&](const std::optional<owner_id>& owner, std::uint32_t limit,
                        std::uint64_t offset) {
    return ids_of(reader->list_personas(owner, limit, offset).value());
  };
  using ids = std::vector<std::string>;
  CHECK(store->find_persona({"persona_a"}).value() == std::nullopt);
  for (const auto& row : {a_persona("persona_a", "alice", 10), a_persona("persona_b", "bob", 30),
                          a_persona("persona_c", "alice", 20), a_persona("persona_d", "bob", 20)})
    REQUIRE(store->put_persona(row).has_value());

  CHECK(list({}, 10, 0) == ids{"persona_b", "persona_d", "persona_c", "persona_a"});
  CHECK(list({}, 2, 1) == ids{"persona_d", "persona_c"});
  CHECK(list({}, 10, 4).empty());
  CHECK(list({}, 10, ~std::uint64_t{0}).empty());
  CHECK(list(owner_id{"alice"}, 10, 0) == ids{"persona_c", "persona_a"});
  CHECK(list(owner_id{"nobody"}, 10, 0).empty());

  auto changed = a_persona("persona_a", "alice", 10);
  changed.yaml = "identity: {name: Ørn}";
  changed.updated_at = {99};
  REQUIRE(store->put_persona(changed).has_value());
  CHECK(reader->find_persona({"persona_a"}).value() == changed);
  CHECK(list({}, 10, 0).size() == 4);

  CHECK(store->delete_persona({"persona_a"}).has_value());
  CHECK(store->delete_persona({"persona_a"}).error().code == errc::persona_not_found);
  CHECK(reader->find_persona({"persona_a"}).value() == std::nullopt);
}

TEST_CASE("a persona with a live run cannot be deleted", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  const auto id = run.row().persona;
  REQUIRE(store->put_persona(a_persona(id.value, "local-owner", 1)).has_value());
  REQUIRE(put(*store, run.next()) == committed);
  CHECK(store->delete_persona(id).error().code == errc::persona_in_use);
  REQUIRE(put(*store, run.turn(run_status::awaiting_user)) == committed);
  CHECK(store->delete_persona(id).error().code == errc::persona_in_use);
  CHECK(store->find_persona(id).value().has_value());
  REQUIRE(put(*store, run.turn(run_status::cancelled)) == committed);
  CHECK(store->delete_persona(id).has_value());
}
