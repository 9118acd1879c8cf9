#include "providers/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/journal_samples.hpp"

using namespace persona_runtime;
using namespace persona_runtime::testing;

TEST_CASE("a fault store fails the n-th call only, and that call does nothing",
          "[support][store]") {
  auto store = fault_store{make_memory_store()};
  auto run = journal_script{"run_1"};
  const auto first = std::vector{run.next()};
  store.plan()->fail_nth(2);
  CHECK(store.find_run({"run_1"}).has_value());
  CHECK(store.append(first).error().code == errc::journal_unavailable);
  CHECK(store.read_run({"run_1"}).value().empty());
  CHECK(store.append(first).value() == std::vector{append_verdict::committed});
  CHECK(store.plan()->calls() == 4);
}

TEST_CASE("a fault store is out of order until it is told otherwise, its readers too",
          "[support][store]") {
  auto store = fault_store{make_memory_store()};
  const auto reader = store.open_reader();
  store.plan()->fail_all(true);
  CHECK_FALSE(reader->list_runs({}).has_value());
  CHECK_FALSE(store.delete_run({"run_1"}).has_value());
  store.plan()->fail_all(false);
  CHECK(reader->list_runs({}).has_value());
  CHECK(store.delete_run({"run_1"}).error().code == errc::run_not_found);
}
