#include "providers/store/sqlite/schema.hpp"
#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/conversation_samples.hpp"
#include "tests/support/journal_samples.hpp"

#include <array>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

usage_entry took(const std::string& owner, const std::string& persona, std::int64_t day,
                 const std::string& model, std::uint64_t calls = 1) {
  return {{owner}, {persona}, {day}, model, calls, 100 * calls, 10 * calls, 0.5 * calls, 0, 0};
}

journal_append with(journal_append append, std::vector<usage_entry> usage) {
  append.usage = std::move(usage);
  return append;
}

std::vector<std::string> lines(const std::vector<usage_entry>& entries) {
  auto out = std::vector<std::string>{};
  for (const auto& e : entries)
    out.push_back(std::to_string(e.day.value) + ' ' + e.owner.value + ' ' + e.persona.value + ' '
                  + e.model + ' ' + std::to_string(e.calls));
  return out;
}

using rows_shown = std::vector<std::string>;

/// Two owners, two personas, two days, two models.
void fill(journal_store& store) {
  auto run = journal_script{"run_1"};
  REQUIRE(put(store, with(run.next(), {took("alice", "p1", 10, "openai/a"),
                                       took("alice", "p1", 10, "groq/b", 2)}))
          == committed);
  REQUIRE(put(store, with(run.next(), {took("alice", "p1", 10, "openai/a", 3)})) == committed);
  REQUIRE(put(store, with(run.next(), {took("alice", "p2", 11, "openai/a", 5)})) == committed);
  const auto other = took("bob", "p3", 11, "groq/b", 7);
  REQUIRE(store.add_usage({&other, 1}).has_value());
}

}  // namespace

TEST_CASE("usage is summed up per owner, persona, day and model", "[providers][store][usage]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  fill(*store);
  const auto all = store->read_usage({}).value();
  CHECK(lines(all)
        == rows_shown{"11 alice p2 openai/a 5", "11 bob p3 groq/b 7", "10 alice p1 groq/b 2",
                      "10 alice p1 openai/a 4"});
  REQUIRE(all.size() == 4);
  CHECK(all[3] == took("alice", "p1", 10, "openai/a", 4));
  const auto reader = store->open_reader();
  CHECK(reader->read_usage({}).value() == all);
}

TEST_CASE("usage is filtered, and summed by what is asked for", "[providers][store][usage]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  fill(*store);
  const auto list = [&](const usage_filter& filter) {
    return lines(store->read_usage(filter).value());
  };
  CHECK(list({.owner = owner_id{"bob"}}) == rows_shown{"11 bob p3 groq/b 7"});
  CHECK(list({.persona = persona_id{"p1"}, .by_model = false}) == rows_shown{"10 alice p1  6"});
  CHECK(list({.from = usage_day{11}}).size() == 2);
  CHECK(list({.to = usage_day{10}}).size() == 2);
  CHECK(list({.from = usage_day{11}, .to = usage_day{10}}).empty());
  CHECK(list({.by_owner = false, .by_persona = false, .by_day = false})
        == rows_shown{"0   groq/b 9", "0   openai/a 9"});
  CHECK(list({.by_persona = false, .by_day = false, .by_model = false})
        == rows_shown{"0 alice   11", "0 bob   7"});
  const auto one =
    usage_filter{.by_owner = false, .by_persona = false, .by_day = false, .by_model = false};
  CHECK(list(one) == rows_shown{"0    18"});
  auto nobody = one;
  nobody.owner = owner_id{"nobody"};
  CHECK(list(nobody).empty());
}

TEST_CASE("usage is paged", "[providers][store][usage]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  fill(*store);
  const auto page = [&](std::uint64_t offset, std::uint32_t limit) {
    return store->read_usage({.limit = limit, .offset = offset}).value().size();
  };
  CHECK(page(0, 3) == 3);
  CHECK(page(3, 3) == 1);
  CHECK(page(4, 3) == 0);
  CHECK(page(0, 0) == 1);
}

TEST_CASE("usage of an append that is refused is not counted", "[providers][store][usage]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  const auto first = with(run.next(), {took("alice", "p1", 10, "openai/a")});
  CHECK(put(*store, first) == committed);
  CHECK(put(*store, first) == append_verdict::out_of_order);
  CHECK(lines(store->read_usage({}).value()) == rows_shown{"10 alice p1 openai/a 1"});
}

TEST_CASE("what is estimated or has no price is counted as that", "[providers][store][usage]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto entry = took("alice", "p1", 10, "openai/a", 2);
  entry.cents = 0;
  entry.unpriced = 2;
  entry.estimated = 1;
  REQUIRE(store->add_usage({&entry, 1}).has_value());
  REQUIRE(store->add_usage({&entry, 1}).has_value());
  const auto sum = store->read_usage({}).value().at(0);
  CHECK(sum.unpriced == 4);
  CHECK(sum.estimated == 2);
  CHECK(sum.cents == 0);
}

TEST_CASE("a conversation knows what its turns have cost", "[providers][store][usage]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  CHECK(store->read_spent({"conv_1"}).value() == spent_cents{});
  auto turns = turn_script{};
  auto unknown = took("alice", "persona_1", 10, "groq/b");
  unknown.cents = 0;
  unknown.unpriced = 1;
  CHECK(put(*store, with(turns.first("hei"), {took("alice", "persona_1", 10, "openai/a", 3)}))
        == committed);
  CHECK(put(*store, with(turns.last("hallo"), {unknown})) == committed);
  CHECK(store->read_spent({"conv_1"}).value() == spent_cents{1.5, 1});
  CHECK(store->read_usage({}).value().size() == 2);
  REQUIRE(store->delete_conversation({"conv_1"}).has_value());
  CHECK(store->read_spent({"conv_1"}).value() == spent_cents{});
  CHECK(store->read_usage({}).value().size() == 2);  // the totals stay
}

TEST_CASE("totals survive a restart and a deleted run", "[providers][store][usage]") {
  const auto scratch = scratch_directory{};
  auto settings = sqlite_settings{};
  settings.directory = scratch.path();
  {
    auto store = open_sqlite_store(settings);
    REQUIRE(store.has_value());
    auto run = journal_script{"run_1"};
    REQUIRE(put(**store, with(run.next(), {took("alice", "p1", 10, "openai/a")})) == committed);
    REQUIRE(put(**store, run.turn(run_status::completed)) == committed);
    REQUIRE((*store)->delete_run({"run_1"}).has_value());
  }
  auto store = open_sqlite_store(settings);
  REQUIRE(store.has_value());
  CHECK(lines((*store)->read_usage({}).value()) == rows_shown{"10 alice p1 openai/a 1"});
}

TEST_CASE("a file of the version before usage is brought up with what it holds",
          "[providers][store][usage]") {
  constexpr auto version_before = std::size_t{3};
  const auto scratch = scratch_directory{};
  const auto path = (scratch.path() / database_file_name).string();
  {
    auto db = sqlite::connection{path, sqlite::access::read_write, ""};
    sqlite::migrate(db, sqlite::migrations().first(version_before));
    db.execute("insert into conversation (id, owner, persona, origin, created_at, updated_at,"
               " messages, folded, preview, title, summary)"
               " values ('conv_1', 'alice', 'persona_1', 0, 1000, 1000, 0, 0, '', '', '')");
  }
  auto settings = sqlite_settings{};
  settings.directory = scratch.path();
  auto store = open_sqlite_store(settings);
  REQUIRE(store.has_value());
  CHECK((*store)->find_conversation({"conv_1"}).value().has_value());
  auto turns = turn_script{};
  CHECK(put(**store, with(turns.first("hei"), {took("alice", "persona_1", 10, "openai/a")}))
        == committed);
  CHECK((*store)->read_spent({"conv_1"}).value() == spent_cents{0.5, 0});
}
