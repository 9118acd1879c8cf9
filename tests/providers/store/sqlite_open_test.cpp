#include "providers/store/sqlite/schema.hpp"
#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/crash_vfs.hpp"
#include "tests/support/journal_samples.hpp"

#include <array>
#include <fstream>
#include <unistd.h>

using namespace persona_runtime;
using namespace persona_runtime::testing;
using Catch::Matchers::Contains;

namespace {

/// Opens and gives the refusal's words, or "opened".
std::string refusal(const sqlite_settings& settings) {
  const auto opened = open_sqlite_store(settings);
  if (opened)
    return "opened";
  CHECK(opened.error().code == errc::journal_unavailable);
  CHECK(opened.error().detail.size() <= 512);
  return opened.error().detail;
}

sqlite_settings in(const std::filesystem::path& directory) {
  auto settings = sqlite_settings{};
  settings.directory = directory;
  return settings;
}

void change(const std::filesystem::path& directory, const std::string& sql) {
  auto db =
    sqlite::connection{(directory / database_file_name).string(), sqlite::access::read_write, ""};
  db.execute(sql);
}

/// What a user without rights sees, also when the tests run as root.
class without_rights {
public:
  without_rights() {
    if (::geteuid() == 0)
      changed_ = ::seteuid(65'534) == 0;
  }
  ~without_rights() {
    if (changed_) [[maybe_unused]]
      const auto back = ::seteuid(0);
  }
  without_rights(const without_rights&) = delete;
  without_rights& operator=(const without_rights&) = delete;

private:
  bool changed_ = false;
};

}  // namespace

TEST_CASE("opening creates the directory with its parents", "[providers][store]") {
  const auto scratch = scratch_directory{};
  const auto directory = scratch.path() / "a" / "b";
  auto store = open_sqlite_store(in(directory));
  REQUIRE(store.has_value());
  CHECK(put(**store, journal_script{"run_1"}.next()) == committed);
  CHECK(std::filesystem::exists(directory / database_file_name));
}

TEST_CASE("a data directory has one process, which the other is told of", "[providers][store]") {
  const auto scratch = scratch_directory{};
  auto first = open_sqlite_store(in(scratch.path()));
  REQUIRE(first.has_value());
  CHECK_THAT(refusal(in(scratch.path())),
             Contains(scratch.path().string())
               && Contains("process " + std::to_string(::getpid()) + " uses it"));
  first->reset();
  CHECK(refusal(in(scratch.path())) == "opened");
}

TEST_CASE("a directory that cannot be used is refused with what to do", "[providers][store]") {
  const auto scratch = scratch_directory{};
  SECTION("it is a file") {
    std::ofstream{scratch.path() / "file"} << "no directory";
    CHECK_THAT(refusal(in(scratch.path() / "file")), Contains("not a directory"));
    CHECK_THAT(refusal(in(scratch.path() / "file" / "data")), Contains("cannot be created"));
  }
  SECTION("it has no name") {
    CHECK_THAT(refusal(in("")), Contains("name a directory"));
  }
  SECTION("it may only be read") {
    namespace fs = std::filesystem;
    fs::permissions(scratch.path(), fs::perms::owner_read | fs::perms::owner_exec
                                      | fs::perms::others_read | fs::perms::others_exec);
    const auto guest = without_rights{};
    CHECK_THAT(refusal(in(scratch.path())),
               Contains("cannot be written (Permission denied)") && Contains("let this user"));
    CHECK_THAT(refusal(in(scratch.path() / "data")), Contains("cannot be created"));
  }
}

TEST_CASE("a file that is no journal is left alone and named", "[providers][store]") {
  const auto scratch = scratch_directory{};
  const auto path = scratch.path() / database_file_name;
  SECTION("not a database") {
    std::ofstream{path} << std::string(5'000, 'x');
    CHECK_THAT(refusal(in(scratch.path())),
               Contains(path.string()) && Contains("not a SQLite database; move it away"));
    CHECK(std::filesystem::file_size(path) == 5'000);
  }
  SECTION("a database of another program") {
    change(scratch.path(), "create table guests (name text)");
    CHECK_THAT(refusal(in(scratch.path())), Contains("of another program"));
  }
  SECTION("a database that another program marked as its own") {
    change(scratch.path(), "pragma application_id = 7");
    CHECK_THAT(refusal(in(scratch.path())), Contains("of another program"));
  }
  SECTION("written by a newer version") {
    REQUIRE(refusal(in(scratch.path())) == "opened");
    const auto newer = std::to_string(sqlite::migrations().size() + 1);
    change(scratch.path(), "pragma user_version = " + newer);
    CHECK_THAT(refusal(in(scratch.path())), Contains("schema version " + newer)
                                              && Contains("knows up to")
                                              && Contains("a newer one"));
  }
  SECTION("cut off") {
    {
      auto store = open_sqlite_store(in(scratch.path()));
      REQUIRE(store.has_value());
      auto run = journal_script{"run_1"};
      for (auto i = 0; i < 20; ++i)
        REQUIRE(put(**store, run.next(2, 1, std::string(2'000, 'x'))) == committed);
    }
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    CHECK_THAT(refusal(in(scratch.path())), Contains("damaged; restore a backup"));
  }
}

TEST_CASE("a journal that may only be read is refused at the start", "[providers][store]") {
  const auto scratch = scratch_directory{};
  REQUIRE(refusal(in(scratch.path())) == "opened");
  namespace fs = std::filesystem;
  fs::permissions(scratch.path(), fs::perms::all);
  fs::permissions(scratch.path() / lock_file_name, fs::perms::all);
  fs::permissions(scratch.path() / database_file_name,
                  fs::perms::owner_read | fs::perms::others_read);
  const auto guest = without_rights{};
  CHECK_THAT(refusal(in(scratch.path())), Contains("cannot be written; check owner"));
}

TEST_CASE("an empty file of version 0 becomes a journal of this version", "[providers][store]") {
  const auto scratch = scratch_directory{};
  change(scratch.path(), "pragma application_id = " + std::to_string(sqlite::application_id));
  auto store = open_sqlite_store(in(scratch.path()));
  REQUIRE(store.has_value());
  CHECK(put(**store, journal_script{"run_1"}.next()) == committed);
  store->reset();
  auto db = sqlite::connection{(scratch.path() / database_file_name).string(),
                               sqlite::access::read_only, ""};
  CHECK(db.integer("pragma user_version")
        == static_cast<std::int64_t>(sqlite::migrations().size()));
}

TEST_CASE("migrations are carried out in order and keep what is there", "[providers][store]") {
  constexpr auto steps = std::array{
    sqlite::migration{"create the berths", "create table berth (name text); "
                                           "insert into berth values ('north'), ('south')"},
    sqlite::migration{"number the berths", "alter table berth add column number integer; "
                                           "update berth set number = rowid"},
    sqlite::migration{"drop the south", "delete from berth where name = 'south'"},
  };
  const auto scratch = scratch_directory{};
  auto db =
    sqlite::connection{(scratch.path() / "berths.db").string(), sqlite::access::read_write, ""};
  sqlite::migrate(db, std::span{steps}.first(1));
  CHECK(db.integer("pragma user_version") == 1);
  CHECK(db.integer("select count(*) from berth") == 2);
  sqlite::migrate(db, steps);
  CHECK(db.integer("pragma user_version") == 3);
  CHECK(db.integer("select number from berth where name = 'north'") == 1);
  CHECK(db.integer("select count(*) from berth") == 1);
  sqlite::migrate(db, steps);
  CHECK(db.integer("select count(*) from berth") == 1);
}

TEST_CASE("a migration that fails leaves the version and the rows before it",
          "[providers][store]") {
  constexpr auto steps = std::array{
    sqlite::migration{"create the berths", "create table berth (name text)"},
    sqlite::migration{"number the berths", "insert into berth values ('north'); "
                                           "update berth set missing_column = 1"},
  };
  const auto scratch = scratch_directory{};
  auto db =
    sqlite::connection{(scratch.path() / "berths.db").string(), sqlite::access::read_write, ""};
  auto words = std::string{};
  try {
    sqlite::migrate(db, steps);
  } catch (const sqlite::sqlite_error& error) {
    words = error.message;
  }
  CHECK_THAT(words, Contains("missing_column") && Contains("could not number the berths"));
  CHECK(db.integer("pragma user_version") == 1);
  CHECK(db.integer("select count(*) from berth") == 0);
}

TEST_CASE("a migration that loses power is done or not begun", "[providers][store]") {
  constexpr auto steps = std::array{
    sqlite::migration{"create the berths", "create table berth (name text); "
                                           "insert into berth values ('north'), ('south')"},
    sqlite::migration{"number the berths", "alter table berth add column number integer; "
                                           "update berth set number = rowid"},
  };
  for (auto n = std::uint64_t{1}; n < 1'000; ++n) {
    auto disk = crash_vfs{};
    disk.stop_at(n);
    auto done = false;
    try {
      auto db = sqlite::connection{"/berths.db", sqlite::access::read_write, disk.name()};
      sqlite::migrate(db, steps);
      done = true;
    } catch (const sqlite::sqlite_error&) {
      done = false;
    }
    disk.lose_power(n);
    auto db = sqlite::connection{"/berths.db", sqlite::access::read_write, disk.name()};
    const auto version = db.integer("pragma user_version");
    INFO("power lost at operation " << n);
    CHECK((done ? version == 2 : version <= 2));
    if (version > 0)
      CHECK(db.integer("select count(*) from berth") == 2);
    sqlite::migrate(db, steps);
    CHECK(db.integer("select sum(number) from berth") == 3);
    if (done)
      return;
  }
  FAIL("the migration never got through");
}
