#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/crash_vfs.hpp"
#include "tests/support/journal_samples.hpp"

#include <cstdlib>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

using namespace persona_runtime;
using namespace persona_runtime::testing;
using Catch::Matchers::Contains;

namespace {

constexpr auto runs_max = 6;
using batch = std::vector<journal_append>;

const auto run_names =
  std::vector<std::string>{"run_0", "run_1", "run_2", "run_3", "run_4", "run_5"};

/// A disk in memory, the directory that is locked, and what the store said about syncs.
struct failing_machine {
  crash_vfs disk;
  scratch_directory directory;
  durability level = durability::full;
  std::vector<std::string> failed_syncs;

  result<std::unique_ptr<journal_store>> open() {
    auto settings = sqlite_settings{};
    settings.directory = directory.path();
    settings.level = level;
    settings.vfs = disk.name();
    settings.checkpoint_pages = 20;
    settings.on_failed_sync = [this](const std::string& why) { failed_syncs.push_back(why); };
    return open_sqlite_store(settings);
  }

  /// Puts a journal on the disk that another machine closed.
  void take_over(std::string bytes) {
    disk.overwrite((directory.path() / database_file_name).string(), std::move(bytes));
  }
};

std::string bytes_of_empty_journal() {
  auto host = failing_machine{};
  (void)host.open().value();
  return host.disk.bytes_of((host.directory.path() / database_file_name).string());
}

/// Opens; if that fails, as by a disk that failed once, does it again as a new process would.
std::unique_ptr<journal_store> open_at_last(failing_machine& host) {
  auto opened = host.open();
  if (!opened) {
    host.failed_syncs.clear();
    opened = host.open();
  }
  return std::move(opened.value());
}

/// Random appends of a few runs, some of which end and are deleted by nobody.
class traffic {
public:
  explicit traffic(std::uint64_t seed) : chance_{seed} {
    for (const auto& name : run_names)
      scripts_.emplace_back(name, "key of " + name);
  }

  batch next() {
    auto appends = batch{};
    for (auto left = 1 + chance_() % 5; left > 0; --left) {
      auto& run = scripts_[chance_() % scripts_.size()];
      const auto text = std::string(chance_() % 3 == 0 ? 6'000 : 40, 'x');
      appends.push_back(chance_() % 6 == 0 ? run.turn(static_cast<run_status>(chance_() % 7))
                                           : run.next(1 + up_to(2), up_to(1), text));
      appends.back().contents = {{std::string(64, 'a'), shared_text{"a persona"}}};
      if (appends.back().pos != 0)
        appends.back().contents.clear();
    }
    return appends;
  }

private:
  std::uint32_t up_to(std::uint32_t most) {
    return static_cast<std::uint32_t>(chance_() % (most + 1));
  }

  std::mt19937_64 chance_;
  std::vector<journal_script> scripts_;
};

/// What a store shows that was told all these batches and never failed.
journal_picture picture_after(const std::vector<batch>& batches, std::size_t count) {
  const auto model = make_memory_store();
  for (auto i = std::size_t{0}; i < count; ++i)
    REQUIRE(model->append(batches[i]).has_value());
  return picture_of(*model, run_names);
}

/// Appends until the disk stops answering or `rounds` are done. The last of `batches` may not have
/// been acknowledged; the answer is how many were.
std::size_t append_until_stopped(journal_store& store, std::uint64_t seed, int rounds,
                                 std::vector<batch>& batches) {
  auto source = traffic{seed};
  for (auto i = 0; i < rounds; ++i) {
    batches.push_back(source.next());
    if (!store.append(batches.back()))
      return batches.size() - 1;
  }
  return batches.size();
}

}  // namespace

TEST_CASE("D-10 a loss of power keeps every acknowledged append and halves none",
          "[providers][store][crash]") {
  for (auto seed = std::uint64_t{1}; seed <= 150; ++seed) {
    auto host = failing_machine{};
    auto batches = std::vector<batch>{};
    auto acknowledged = std::size_t{0};
    host.disk.stop_at(40 + seed * 7 % 700);
    if (auto store = host.open(); store)
      acknowledged = append_until_stopped(**store, seed, 60, batches);
    host.disk.lose_power(seed);

    INFO("seed " << seed << ", " << acknowledged << " batches acknowledged");
    auto store = host.open();
    REQUIRE(store.has_value());
    const auto found = picture_of(**store, run_names);
    const auto kept = found == picture_after(batches, acknowledged);
    // The batch under way may have reached the disk before its acknowledgement was lost.
    const auto kept_more =
      batches.size() > acknowledged && found == picture_after(batches, acknowledged + 1);
    CHECK((kept || kept_more));
  }
}

TEST_CASE("a killed process loses nothing that was acknowledged, at either durability",
          "[providers][store][crash]") {
  const auto level = GENERATE(values({durability::full, durability::process}));
  for (auto seed = std::uint64_t{1}; seed <= 60; ++seed) {
    auto host = failing_machine{};
    host.level = level;
    auto batches = std::vector<batch>{};
    auto acknowledged = std::size_t{0};
    host.disk.stop_at(40 + seed * 13 % 600);
    if (auto store = host.open(); store)
      acknowledged = append_until_stopped(**store, seed, 60, batches);
    host.disk.lose_process();

    INFO("seed " << seed << ", " << acknowledged << " batches acknowledged");
    auto store = host.open();
    REQUIRE(store.has_value());
    const auto found = picture_of(**store, run_names);
    CHECK(
      (found == picture_after(batches, acknowledged)
       || (batches.size() > acknowledged && found == picture_after(batches, acknowledged + 1))));
  }
}

TEST_CASE("durability process: a loss of power leaves a sound file with the first batches",
          "[providers][store][crash]") {
  for (auto seed = std::uint64_t{1}; seed <= 40; ++seed) {
    auto host = failing_machine{};
    host.level = durability::process;
    auto batches = std::vector<batch>{};
    host.disk.stop_at(100 + seed * 13 % 600);
    if (auto store = host.open(); store)
      (void)append_until_stopped(**store, seed, 60, batches);
    host.disk.lose_power(seed);

    INFO("seed " << seed);
    auto store = host.open();
    REQUIRE(store.has_value());
    const auto found = picture_of(**store, run_names);
    auto is_prefix = false;
    for (auto count = batches.size() + 1; count-- > 0 && !is_prefix;)
      is_prefix = found == picture_after(batches, count);
    CHECK(is_prefix);
  }
}

TEST_CASE("whichever operation of the disk fails, a journal is made or refused and made later",
          "[providers][store][crash]") {
  for (auto n = std::uint64_t{1}; n < 5'000; ++n) {
    INFO("operation " << n << " failed");
    auto host = failing_machine{};
    host.disk.fail_nth(n);
    auto store = open_at_last(host);
    auto source = traffic{7};
    const auto taken = std::vector<batch>{source.next()};
    if (!store->append(taken[0]))
      CHECK(store->append(taken[0]).has_value() == host.failed_syncs.empty());
    if (host.failed_syncs.empty())
      CHECK(picture_of(*store, run_names) == picture_after(taken, 1));
    if (!host.disk.has_failed())
      return;
  }
  FAIL("the scenario never got through without a failure");
}

TEST_CASE("whichever operation of the disk fails, an append is there or refused, never half",
          "[providers][store][crash]") {
  const auto retries = GENERATE(true, false);
  const auto empty_journal = bytes_of_empty_journal();
  for (auto n = std::uint64_t{1}; n < 5'000; ++n) {
    auto host = failing_machine{};
    host.take_over(empty_journal);
    host.disk.fail_nth(n);
    auto store = open_at_last(host);

    auto source = traffic{7};
    auto taken = std::vector<batch>{};
    auto in_doubt = std::optional<batch>{};
    for (auto round = 0; round < 6 && host.failed_syncs.empty(); ++round) {
      auto appends = source.next();
      auto answer = store->append(appends);
      if (!answer && !host.failed_syncs.empty()) {
        in_doubt = appends;
        break;
      }
      if (!answer && retries)
        answer = store->append(appends);
      if (answer) {
        taken.push_back(appends);
        continue;
      }
      REQUIRE(answer.error().code == errc::journal_unavailable);
      REQUIRE_FALSE(retries);
      break;  // what follows would be out of order
    }

    INFO("operation " << n << " failed");
    if (host.failed_syncs.empty())
      CHECK(picture_of(*store, run_names) == picture_after(taken, taken.size()));
    else
      CHECK_FALSE(store->find_run({"run_0"}).has_value());
    const auto done = !host.disk.has_failed();
    store.reset();
    store = std::move(host.open().value());
    const auto found = picture_of(*store, run_names);
    const auto exact = found == picture_after(taken, taken.size());
    auto more = false;
    if (in_doubt) {
      taken.push_back(*in_doubt);
      more = found == picture_after(taken, taken.size());
    }
    CHECK((exact || more));
    if (done)
      return;
  }
  FAIL("the scenario never got through without a failure");
}

TEST_CASE("a full disk refuses, keeps what it has, and takes the same batch later",
          "[providers][store][crash]") {
  auto host = failing_machine{};
  auto store = std::move(host.open().value());
  auto run = journal_script{"run_0"};
  auto taken = std::vector<journal_append>{};
  REQUIRE(put(*store, run.next()) == committed);
  host.disk.fill(true);
  auto refused = std::optional<journal_append>{};
  for (auto i = 0; i < 1'000 && !refused; ++i) {
    const auto append = run.next(1, 1, std::string(3'000, 'x'));
    const auto answer = store->append({&append, 1});
    if (answer)
      continue;
    refused = append;
    CHECK(answer.error().code == errc::journal_unavailable);
    CHECK(answer.error().retry_after.has_value());
    CHECK_THAT(answer.error().detail,
               Contains("the disk is full; free some space") && Contains("persona.db"));
  }
  REQUIRE(refused.has_value());
  const auto before = store->read_run({"run_0"}).value();
  CHECK(before.back().pos + before.back().records == refused->pos);
  CHECK_FALSE(store->append({&*refused, 1}).has_value());
  CHECK_FALSE(store->put_persona({}).has_value());
  CHECK(host.failed_syncs.empty());

  host.disk.fill(false);
  CHECK(put(*store, *refused) == committed);
  CHECK(store->open_reader()->read_run({"run_0"}).value().size() == before.size() + 1);
}

TEST_CASE("a failed sync ends it: nothing is acknowledged from then on",
          "[providers][store][crash]") {
  auto host = failing_machine{};
  auto store = std::move(host.open().value());
  auto run = journal_script{"run_0"};
  REQUIRE(put(*store, run.next()) == committed);

  SECTION("in a commit") {
    host.disk.fail_syncs(true);
    const auto append = run.next();
    CHECK_FALSE(store->append({&append, 1}).has_value());
  }
  SECTION("in copying the log, after the commit") {
    host.level = durability::process;  // commits do not sync, copying does
    store.reset();
    store = std::move(host.open().value());
    REQUIRE(put(*store, run.next()) == committed);  // a new log's header is synced
    host.disk.fail_syncs(true);
    for (auto i = 0; i < 100 && host.failed_syncs.empty(); ++i)
      CHECK(put(*store, run.next(1, 0, std::string(4'000, 'x'))) == committed);
  }
  REQUIRE(host.failed_syncs.size() == 1);
  CHECK_THAT(host.failed_syncs[0], Contains("a sync failed, so the process ends"));
  host.disk.fail_syncs(false);
  const auto append = run.next();
  CHECK(store->append({&append, 1}).error().code == errc::journal_unavailable);
  CHECK_FALSE(store->find_run({"run_0"}).has_value());
  CHECK(host.failed_syncs.size() == 1);
}

TEST_CASE("a failed sync ends the process with status 1 and says so", "[providers][store][crash]") {
  auto host = failing_machine{};
  int words[2] = {};
  REQUIRE(::pipe(words) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(words[1], STDERR_FILENO);
    auto settings = sqlite_settings{};
    settings.directory = host.directory.path();
    settings.vfs = host.disk.name();
    auto store = std::move(open_sqlite_store(settings).value());
    host.disk.fail_syncs(true);
    const auto append = journal_script{"run_0"}.next();
    (void)store->append({&append, 1});
    std::_Exit(7);  // it came back
  }
  ::close(words[1]);
  auto said = std::string(4'096, '\0');
  const auto size = ::read(words[0], said.data(), said.size());
  ::close(words[0]);
  said.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  auto status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 1);
  CHECK_THAT(said, Contains("persona.db") && Contains("a sync failed, so the process ends"));
}

TEST_CASE("damage that a read meets is a failure with what to do", "[providers][store][crash]") {
  auto host = failing_machine{};
  auto store = std::move(host.open().value());
  auto run = journal_script{"run_0"};
  for (auto i = 0; i < 40; ++i)
    REQUIRE(put(*store, run.next(1, 1, std::string(3'000, 'x'))) == committed);
  store.reset();
  store = std::move(host.open().value());
  const auto path = (host.directory.path() / database_file_name).string();
  auto bytes = host.disk.bytes_of(path);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), bytes.end(), '\x5a');
  host.disk.overwrite(path, bytes);
  const auto read = store->open_reader()->read_run({"run_0"});
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == errc::journal_unavailable);
  CHECK_THAT(read.error().detail, Contains("damaged; restore a backup"));
}
