#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/journal_samples.hpp"

#include <limits>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

using verdicts = std::vector<append_verdict>;
const auto text_a = stored_content{std::string(64, 'a'), shared_text{"a persona"}};
const auto text_b = stored_content{std::string(64, 'b'), shared_text{"some tools"}};

std::vector<std::uint64_t> seqs_of(const std::vector<journal_append>& appends) {
  auto seqs = std::vector<std::uint64_t>{};
  for (const auto& append : appends)
    seqs.push_back(append.seq.value);
  return seqs;
}

}  // namespace

TEST_CASE("D-10 what is appended is read back in order, by the writer and by readers",
          "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto one = journal_script{"run_1"};
  auto two = journal_script{"run_2"};
  auto written = std::vector<journal_append>{};
  const auto reader = store->open_reader();
  CHECK(reader->read_run({"run_1"}).value().empty());

  for (auto round = 0; round < 40; ++round) {
    const auto batch = std::vector{one.next(3, 2, "één"), two.next(1, 0)};
    CHECK(store->append(batch).value() == verdicts{committed, committed});
    written.push_back(as_read(batch[0]));
    CHECK(reader->read_run({"run_1"}).value() == written);
  }
  CHECK(store->read_run({"run_1"}).value() == written);
  CHECK(store->read_run({"run_2"}).value().size() == 40);
  CHECK(store->read_run({"run_3"}).value().empty());
  CHECK(store->append({}).value().empty());
}

TEST_CASE("a batch may hold several appends of one run", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  auto batch = std::vector<journal_append>{};
  for (auto i = 0; i < 50; ++i)
    batch.push_back(run.next());
  CHECK(store->append(batch).value() == verdicts(50, committed));
  CHECK(store->read_run({"run_1"}).value().size() == 50);
}

TEST_CASE("D-10 an older incarnation is fenced, whatever else it got right", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  REQUIRE(put(*store, run.next()) == committed);
  auto late = run;  // the same position as the successor's first append
  run.life = {2};
  REQUIRE(put(*store, run.next()) == committed);

  CHECK(put(*store, late.next()) == append_verdict::fenced);
  late.life = {1};
  CHECK(put(*store, late.next()) == append_verdict::fenced);
  CHECK(store->read_run({"run_1"}).value().size() == 2);
  CHECK(put(*store, run.next()) == committed);

  SECTION("also after the run has ended") {
    REQUIRE(put(*store, run.turn(run_status::completed)) == committed);
    CHECK(put(*store, late.next()) == append_verdict::fenced);
  }
  SECTION("also in the very batch in which the newer one writes") {
    auto old = run;
    run.life = {3};
    const auto batch = std::vector{run.next(), old.next()};
    CHECK(store->append(batch).value() == verdicts{committed, append_verdict::fenced});
  }
}

TEST_CASE("an append that is not the run's next one is out of order", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  const auto first = run.next();
  const auto second = run.next();
  CHECK(put(*store, second) == append_verdict::out_of_order);  // unknown run
  auto rowless = first;
  rowless.row.reset();
  CHECK(put(*store, rowless) == append_verdict::out_of_order);
  REQUIRE(put(*store, first) == committed);
  CHECK(put(*store, first) == append_verdict::out_of_order);  // repeated
  const auto third = run.next();
  CHECK(put(*store, third) == append_verdict::out_of_order);  // gap

  auto wrong_seq = second;
  ++wrong_seq.seq.value;
  CHECK(put(*store, wrong_seq) == append_verdict::out_of_order);
  auto empty = second;
  empty.records = 0;
  empty.events = 0;
  CHECK(put(*store, empty) == append_verdict::out_of_order);

  const auto batch = std::vector{second, second, third};
  CHECK(store->append(batch).value()
        == verdicts{committed, append_verdict::out_of_order, committed});
  CHECK(store->read_run({"run_1"}).value().size() == 3);
}

TEST_CASE("an idempotency key belongs to one run of its owner", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto one = journal_script{"run_1", "key"};
  auto two = journal_script{"run_2", "key"};
  auto foreign = journal_script{"run_3", "key"};
  foreign.row().owner = {"somebody else"};
  const auto batch = std::vector{one.next(), two.next(), foreign.next()};
  CHECK(store->append(batch).value() == verdicts{committed, append_verdict::key_in_use, committed});
  CHECK(put(*store, journal_script{"run_4", "key"}.next()) == append_verdict::key_in_use);
  CHECK(put(*store, journal_script{"run_5"}.next()) == committed);
  CHECK(put(*store, journal_script{"run_6"}.next()) == committed);

  CHECK(store->find_run_by_key({"local-owner"}, "key").value()->run == run_id{"run_1"});
  CHECK(store->find_run_by_key({"somebody else"}, "key").value()->run == run_id{"run_3"});
  CHECK(store->find_run_by_key({"local-owner"}, "other").value() == std::nullopt);
  CHECK(store->find_run_by_key({"local-owner"}, "").value() == std::nullopt);
  CHECK(store->read_run({"run_2"}).value().empty());
  CHECK(store->find_run({"run_2"}).value() == std::nullopt);

  REQUIRE(put(*store, one.turn(run_status::completed)) == committed);
  CHECK(put(*store, journal_script{"run_7", "key"}.next()) == append_verdict::key_in_use);
  REQUIRE(store->delete_run({"run_1"}).has_value());
  CHECK(put(*store, journal_script{"run_7", "key"}.next()) == committed);
}

TEST_CASE("the run's row changes with its status and keeps whose it is", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1", "key"};
  auto first = run.next();
  first.row->accepted = 77;  // the store's to give
  REQUIRE(put(*store, first) == committed);
  auto expected = run.row();
  expected.accepted = 1;
  CHECK(store->find_run({"run_1"}).value() == expected);

  for (const auto status : {run_status::awaiting_user, run_status::running, run_status::error}) {
    auto append = run.turn(status);
    append.row->accepted = 0;
    append.row->owner = {"a thief"};
    append.row->idempotency_key = "another";
    REQUIRE(put(*store, append) == committed);
    expected = run.row();
    expected.accepted = 1;
    CHECK(store->open_reader()->find_run({"run_1"}).value() == expected);
  }
  CHECK(put(*store, run.next()) == committed);  // what is settled after the end
  CHECK(store->open_reader()->read_run({"run_1"}).value().size() == 5);
}

TEST_CASE("D-17 events are read from a cursor in whole appends", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  // Sequence numbers: 0 1 2 | none | 3 | 4 5 | none
  const auto batch =
    std::vector{run.next(4, 3), run.next(1, 0), run.next(1, 1), run.next(2, 2), run.next(1, 0)};
  REQUIRE(store->append(batch).has_value());
  const auto reader = store->open_reader();
  const auto read = [&](std::uint64_t from, std::uint32_t events_max) {
    return seqs_of(reader->read_events({"run_1"}, {from}, events_max).value());
  };
  using seqs = std::vector<std::uint64_t>;

  CHECK(read(0, 100) == seqs{0, 3, 4});
  CHECK(read(2, 100) == seqs{0, 3, 4});
  CHECK(read(3, 100) == seqs{3, 4});
  CHECK(read(5, 100) == seqs{4});
  CHECK(read(6, 100).empty());
  CHECK(read(std::numeric_limits<std::uint64_t>::max(), 100).empty());
  CHECK(read(0, 0) == seqs{0});
  CHECK(read(0, 3) == seqs{0});
  CHECK(read(0, 4) == seqs{0, 3});
  CHECK(read(2, 1) == seqs{0});
  CHECK(read(2, 2) == seqs{0, 3});
  CHECK(read(2, 3) == seqs{0, 3, 4});
  CHECK(reader->read_events({"run_2"}, {0}, 10).value().empty());
  CHECK(reader->read_events({"run_1"}, {4}, 10).value() == std::vector{as_read(batch[3])});
}

TEST_CASE("content is kept once, as long as a run uses it", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto one = journal_script{"run_1"};
  auto two = journal_script{"run_2"};
  auto first = one.next();
  first.contents = {text_a, text_b, text_a};
  auto second = two.next();
  second.contents = {text_a};
  REQUIRE(store->append(std::vector{first, second}).has_value());
  const auto reader = store->open_reader();
  CHECK(reader->read_content(text_a.hash).value() == text_a.text);
  CHECK(reader->read_content(text_b.hash).value() == text_b.text);
  CHECK(reader->read_content(std::string(64, 'c')).value() == std::nullopt);

  REQUIRE(put(*store, one.turn(run_status::completed)) == committed);
  REQUIRE(put(*store, two.turn(run_status::cancelled)) == committed);
  REQUIRE(store->delete_run({"run_1"}).has_value());
  CHECK(reader->read_content(text_a.hash).value() == text_a.text);
  CHECK(reader->read_content(text_b.hash).value() == std::nullopt);
  REQUIRE(store->delete_run({"run_2"}).has_value());
  CHECK(reader->read_content(text_a.hash).value() == std::nullopt);
}

TEST_CASE("a run that has ended can be deleted, with its journal", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  auto other = journal_script{"run_2"};
  REQUIRE(store->append(std::vector{run.next(), other.next(), run.next()}).has_value());
  CHECK(store->delete_run({"run_1"}).error().code == errc::run_active);
  REQUIRE(put(*store, run.turn(run_status::awaiting_user)) == committed);
  CHECK(store->delete_run({"run_1"}).error().code == errc::run_active);
  REQUIRE(put(*store, run.turn(run_status::completed)) == committed);

  CHECK(store->delete_run({"run_1"}).has_value());
  CHECK(store->delete_run({"run_1"}).error().code == errc::run_not_found);
  CHECK(store->find_run({"run_1"}).value() == std::nullopt);
  CHECK(store->read_run({"run_1"}).value().empty());
  CHECK(put(*store, run.next()) == append_verdict::out_of_order);
  CHECK(put(*store, other.next()) == committed);
  CHECK(store->read_run({"run_2"}).value().size() == 2);
  CHECK(store->list_runs({}).value().size() == 1);
}
