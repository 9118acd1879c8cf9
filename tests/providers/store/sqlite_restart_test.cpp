#include "providers/store/sqlite/connection.hpp"
#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/crash_vfs.hpp"
#include "tests/support/journal_samples.hpp"

#include <atomic>
#include <thread>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

/// A data directory on a disk in memory that one store after the other opens.
class restarted_machine {
public:
  std::unique_ptr<journal_store> open() {
    auto settings = sqlite_settings{};
    settings.directory = directory_.path();
    settings.vfs = disk.name();
    return std::move(open_sqlite_store(settings).value());
  }
  /// The process dies with everything that it has not written.
  void kill(std::unique_ptr<journal_store> store) {
    disk.stop_at(1);
    store.reset();
    disk.lose_process();
  }
  [[nodiscard]] std::int64_t count(const std::string& sql) const {
    auto db = sqlite::connection{(directory_.path() / database_file_name).string(),
                                 sqlite::access::read_only, disk.name()};
    return db.integer(sql);
  }

  crash_vfs disk;

private:
  scratch_directory directory_;
};

}  // namespace

TEST_CASE("D-10 a killed process finds every run where it was, for any number of appends",
          "[providers][store]") {
  auto host = restarted_machine{};
  auto store = host.open();
  auto scripts = std::vector<journal_script>{};
  auto written = std::vector<std::vector<journal_append>>{};
  // Around 16, where the head is saved; run n has n appends, laid down crosswise.
  for (auto n = std::size_t{0}; n < 36; ++n) {
    scripts.emplace_back("run_" + std::to_string(n));
    written.emplace_back();
  }
  for (auto round = std::size_t{0}; round < 36; ++round) {
    auto batch = std::vector<journal_append>{};
    for (auto n = round; n < scripts.size(); ++n) {
      batch.push_back(scripts[n].next());
      written[n].push_back(as_read(batch.back()));
    }
    REQUIRE(store->append(batch).has_value());
  }
  const auto clean = GENERATE(true, false);
  if (clean) {
    store.reset();
    CHECK(host.count("select from_row from scan_mark") == 36 * 37 / 2 + 1);
  } else {
    host.kill(std::move(store));
  }
  store = host.open();
  const auto reader = store->open_reader();
  for (auto n = std::size_t{0}; n < scripts.size(); ++n) {
    CHECK(reader->read_run({"run_" + std::to_string(n)}).value() == written[n]);
    CHECK(put(*store, scripts[n].next()) == committed);
  }
}

TEST_CASE("D-10 the fence and the order hold across a restart", "[providers][store]") {
  auto host = restarted_machine{};
  auto store = host.open();
  auto run = journal_script{"run_1", "key"};
  auto ended = journal_script{"run_2"};
  run.life = {3};
  REQUIRE(store->append(std::vector{run.next(), ended.next(), run.next()}).has_value());
  REQUIRE(put(*store, ended.turn(run_status::completed)) == committed);
  host.kill(std::move(store));
  store = host.open();
  auto old = run;
  old.life = {2};
  CHECK(put(*store, old.next()) == append_verdict::fenced);
  CHECK(put(*store, journal_script{"run_3", "key"}.next()) == append_verdict::key_in_use);
  CHECK(put(*store, run.next()) == committed);
  CHECK(put(*store, ended.next()) == committed);
  CHECK(store->unfinished_runs(0, 10).value().size() == 1);
}

TEST_CASE("rows of deleted runs are not taken for new ones after a restart", "[providers][store]") {
  auto host = restarted_machine{};
  auto store = host.open();
  auto run = journal_script{"run_1"};
  auto last = journal_script{"run_2"};
  REQUIRE(store->append(std::vector{run.next(), last.next()}).has_value());
  REQUIRE(put(*store, last.turn(run_status::completed)) == committed);
  store.reset();  // the mark lies behind all rows
  store = host.open();
  REQUIRE(store->delete_run({"run_2"}).has_value());
  store.reset();
  store = host.open();
  REQUIRE(put(*store, run.next()) == committed);
  host.kill(std::move(store));
  store = host.open();
  CHECK(store->read_run({"run_1"}).value().size() == 2);
  CHECK(put(*store, run.next()) == committed);
}

TEST_CASE("a long journal is removed in parts, by later commits", "[providers][store]") {
  auto host = restarted_machine{};
  auto store = host.open();
  auto run = journal_script{"run_1"};
  auto other = journal_script{"run_2"};
  auto batch = std::vector<journal_append>{};
  for (auto i = 0; i < 1'149; ++i)
    batch.push_back(run.next());
  batch.push_back(run.turn(run_status::completed));
  batch.push_back(other.next());
  REQUIRE(store->append(batch).has_value());
  REQUIRE(store->delete_run({"run_1"}).has_value());
  CHECK(store->find_run({"run_1"}).value() == std::nullopt);
  CHECK(host.count("select count(*) from journal") == 151);
  host.kill(std::move(store));
  store = host.open();
  REQUIRE(put(*store, other.next()) == committed);
  CHECK(host.count("select count(*) from journal") == 52);
  REQUIRE(put(*store, other.next()) == committed);
  CHECK(host.count("select count(*) from journal") == 3);
  CHECK(host.count("select count(*) from trash") == 0);
  CHECK(store->read_run({"run_2"}).value().size() == 3);
}

TEST_CASE("a run that falls asleep is found again, and does not make the start scan for ever",
          "[providers][store]") {
  auto host = restarted_machine{};
  auto store = host.open();
  auto asleep = journal_script{"run_asleep"};
  REQUIRE(store->append(std::vector{asleep.next(), asleep.next()}).has_value());
  auto busy = journal_script{"run_busy"};
  const auto thousands = GENERATE(10, 75);
  for (auto round = 0; round < thousands; ++round) {
    auto batch = std::vector<journal_append>{};
    for (auto i = 0; i < 1'000; ++i)
      batch.push_back(busy.next(1, 0));
    REQUIRE(store->append(batch).has_value());
  }
  const auto mark = host.count("select from_row from scan_mark");
  CHECK((thousands == 10 ? mark <= 2 : mark > 60'000));
  host.kill(std::move(store));
  store = host.open();
  CHECK(store->read_run({"run_asleep"}).value().size() == 2);
  CHECK(put(*store, asleep.next()) == committed);
}

TEST_CASE("readers on other threads see whole appends, and no fewer than before",
          "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  REQUIRE(put(*store, run.next()) == committed);
  auto stop = std::atomic<bool>{false};
  auto seen = std::atomic<std::size_t>{0};
  auto wrong = std::atomic<int>{0};
  auto watcher = std::thread{[&, reader = store->open_reader()] {
    while (!stop) {
      const auto read = reader->read_run({"run_1"});
      const auto count = read ? read->size() : 0;
      if (count < seen || count % 2 != 1)
        ++wrong;
      seen = count;
    }
  }};
  for (auto i = 0; i < 100; ++i)
    REQUIRE(store->append(std::vector{run.next(), run.next()}).has_value());
  while (seen < 201)
    std::this_thread::yield();
  stop = true;
  watcher.join();
  CHECK(wrong == 0);
}
