#include "domain/memory/history.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

using texts = std::vector<std::string>;

/// What a document says, as drafts; "key=text" has a key.
index_memory document(const texts& lines) {
  auto out = index_memory{};
  for (const auto& line : lines) {
    const auto at = line.find('=');
    out.drafts.push_back(a_draft(at == std::string::npos ? line : line.substr(at + 1)));
    if (at != std::string::npos)
      out.drafts.back().key = line.substr(0, at);
  }
  return out;
}

texts versions_of(const memory_trial& store, std::size_t chain) {
  const auto id = store.list().newest().at(chain).provenance->logical_id;
  const auto all = store.list().chain(id);
  CHECK_FALSE(check_memory_chain(all).has_value());
  auto out = texts{};
  for (const auto& version : all)
    out.push_back(version.provenance->retired ? "(retired)" : version.text);
  return out;
}

}  // namespace

TEST_CASE("RG-02 indexing the same document twice changes nothing", "[domain][memory]") {
  for (const auto kind : memory_store_kinds) {
    auto store = memory_trial{kind};
    REQUIRE(store.ask(by(memory_source::user), document({"one", "two"})).has_value());
    const auto held = store.list().ids();
    const auto events = store.audits().size();
    CHECK(store.ask(by(memory_source::user), document({"one", "two"})).value() == memory_rows{});
    CHECK(store.list().ids() == held);
    CHECK(store.audits().size() == events);
  }
}

TEST_CASE("RG-05 an edited fact gets version 2 and keeps its history", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  REQUIRE(store.ask(by(memory_source::user), document({"one", "two"})).has_value());
  REQUIRE(store.ask(by(memory_source::user), document({"one", "zwei"})).has_value());
  CHECK(store.heads() == texts{"one", "zwei"});
  CHECK(versions_of(store, 0) == texts{"one"});
  CHECK(versions_of(store, 1) == texts{"two", "zwei"});
  REQUIRE(store.audits().size() == 2);
  CHECK(store.audits()[1].chunk_ids.size() == 1);
}

TEST_CASE("RG-06 an edited identity replaces the old one at once", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::identity};
  REQUIRE(store.ask(by(memory_source::user), document({"name: Ada", "role: pilot"})).has_value());
  CHECK(store.audits().empty());
  REQUIRE(store.ask(by(memory_source::user), document({"name: Ada", "role: diver"})).has_value());
  CHECK(store.heads() == texts{"name: Ada", "role: diver"});
  REQUIRE(store.audits().size() == 1);
  CHECK(store.audits()[0].metadata == memory_metadata{{"replaced", "2"}});
  CHECK_FALSE(store.list().newest().front().provenance.has_value());
}

TEST_CASE("Q-04 removed facts are retired, inserted ones shift nobody", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  REQUIRE(store.ask(by(memory_source::user), document({"one", "two"})).has_value());
  REQUIRE(store.ask(by(memory_source::user), document({"two"})).has_value());
  CHECK(store.heads() == texts{"two"});
  CHECK(versions_of(store, 0) == texts{"one", "(retired)"});
  CHECK(versions_of(store, 1) == texts{"two"});
  REQUIRE(store.ask(by(memory_source::user), document({"zero", "two"})).has_value());
  CHECK(store.heads() == texts{"two", "zero"});
  CHECK(versions_of(store, 1) == texts{"two"});
  REQUIRE(store.ask(by(memory_source::user), document({})).has_value());
  CHECK(store.heads().empty());
  CHECK(store.ask(by(memory_source::user), document({})).value() == memory_rows{});
}

TEST_CASE("a key brings a retired fact back into its chain", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::worldview};
  REQUIRE(store.ask(by(memory_source::user), document({"k=one"})).has_value());
  REQUIRE(store.ask(by(memory_source::user), document({})).has_value());
  REQUIRE(store.ask(by(memory_source::user), document({"k=one"})).has_value());
  CHECK(versions_of(store, 0) == texts{"one", "(retired)", "one"});
}

TEST_CASE("what began elsewhere stays when the document is indexed", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  REQUIRE(store.ask(by(memory_source::user), document({"one", "two"})).has_value());
  REQUIRE(
    store.write(by(memory_source::user), {a_named_draft("own", "own", "learnt")}).has_value());
  const auto chain = store.list().newest().front().provenance->logical_id;
  auto revised = a_draft("one, revised");
  revised.logical_id = chain;
  REQUIRE(store.write(by(memory_source::user), {revised}).has_value());

  SECTION("as long as the document says the same") {
    CHECK(store.ask(by(memory_source::user), document({"one", "two"})).value() == memory_rows{});
    CHECK(store.heads() == texts{"one, revised", "two", "learnt"});
  }
  SECTION("and the document's next edit goes on from there") {
    REQUIRE(store.ask(by(memory_source::user), document({"uno", "two"})).has_value());
    CHECK(versions_of(store, 0) == texts{"one", "one, revised", "uno"});
    CHECK(store.heads() == texts{"uno", "two", "learnt"});
  }
  SECTION("a fact that a person retired stays retired") {
    REQUIRE(store.ask(by(memory_source::user), retire_memory{{chain}}).has_value());
    CHECK(store.ask(by(memory_source::user), document({"one", "two"})).value() == memory_rows{});
    CHECK(store.heads() == texts{"two", "learnt"});
  }
}

TEST_CASE("RG-04 episodes of a document keep their own time", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::episodic};
  auto asked = document({"storm", "calm"});
  asked.drafts[0].created_at = {1'000};
  asked.drafts[1].created_at = {2'000};
  REQUIRE(store.ask(by(memory_source::user), asked).has_value());
  CHECK(store.list().newest()[0].created_at == instant{1'000});
  CHECK(store.list().newest()[1].created_at == instant{2'000});
}

TEST_CASE("Q-03 a hundred writers, a hundred episodes", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::episodic};
  for (auto i = 0; i < 100; ++i) {
    REQUIRE(
      store.write(by(memory_source::system), {a_draft("turn " + std::to_string(i))}).has_value());
  }
  CHECK(store.heads().size() == 100);
  // Removing one never makes the next id one that exists.
  REQUIRE(
    store.ask(by(memory_source::user), remove_memory{{store.list().ids().front()}}).has_value());
  REQUIRE(store.write(by(memory_source::system), {a_draft("one more")}).has_value());
  CHECK(store.heads().size() == 100);
}
