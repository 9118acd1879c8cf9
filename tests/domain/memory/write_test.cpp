#include "domain/memory/history.hpp"
#include "domain/memory/policy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

using why = memory_refusal::why;
using texts = std::vector<std::string>;
constexpr auto system_ = memory_source::system;
constexpr auto self = memory_source::persona_self;

memory_author reasoned(memory_source source, const std::string& reason = "it said so") {
  auto author = by(source, true);
  author.reason = reason;
  return author;
}

bool says(const memory_decision& decision, const std::string& words) {
  return !decision && decision.error().detail.find(words) != std::string::npos;
}

memory_draft confident(const std::string& confidence) {
  return a_draft("I keep my word", {{"confidence", confidence}});
}

}  // namespace

TEST_CASE("ST-01 nobody writes identity, forced or not", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::identity};
  for (const auto source : {system_, memory_source::user, self}) {
    for (const auto force : {false, true}) {
      const auto got = store.write(by(source, force), {a_draft("name: other")});
      REQUIRE_FALSE(got.has_value());
      CHECK(got.error().kind == (source == self ? why::self_forbidden : why::forbidden));
    }
  }
  CHECK(store.audits().empty());
  CHECK(store.heads().empty());
}

TEST_CASE("ST-02 every source writes episodes, each with one audit event", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::episodic};
  for (const auto source : {system_, memory_source::user, self})
    CHECK(store.write(by(source), {a_draft("we met")}).has_value());
  REQUIRE(store.audits().size() == 3);
  for (const auto& event : store.audits())
    CHECK(event.action == audit_action::write);
  CHECK(store.audits()[1].source == memory_source::user);
}

TEST_CASE("ST-03 the system writes self_facts by force only", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  CHECK(says(store.write(by(system_), {a_draft("fact")}), "force=True"));
  CHECK(store.audits().empty());
  CHECK(store.heads().empty());
  CHECK(store.write(by(system_, true), {a_draft("fact")}).has_value());
  CHECK(store.heads() == texts{"fact"});
}

TEST_CASE("ST-04 the persona's own facts need confidence and a reason", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  CHECK(store.write(reasoned(self), {confident("0.95")}).has_value());
  CHECK(store.write(reasoned(self), {confident("0.8")}).has_value());
  CHECK(says(store.write(reasoned(self), {confident("0.5")}), "below threshold"));
  CHECK(says(store.write(reasoned(self), {confident("0.7999")}), "below threshold"));
  CHECK(says(store.write(reasoned(self), {a_draft("fact")}), "confidence metadata"));
  CHECK(says(store.write(reasoned(self), {confident("high")}), "not a number"));
  CHECK(says(store.write(reasoned(self), {confident("0.9x")}), "not a number"));
  CHECK(says(store.write(reasoned(self), {confident("nan")}), "not a number"));
  CHECK(says(store.write(reasoned(self, " \n"), {confident("0.95")}), "reason"));
  const auto without = store.write(by(self, true), {confident("0.95")});
  CHECK(says(without, "reason"));
  CHECK(without.error().kind == why::self_forbidden);
  CHECK(store.audits().size() == 2);
}

TEST_CASE("ST-05 the persona's own beliefs need an epistemic tag", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::worldview};
  CHECK(says(store.write(reasoned(self), {a_draft("tides rule")}), "epistemic"));
  CHECK(
    says(store.write(reasoned(self), {a_draft("tides rule", {{"epistemic", " "}})}), "epistemic"));
  CHECK(
    store.write(reasoned(self), {a_draft("tides rule", {{"epistemic", "belief"}})}).has_value());
}

TEST_CASE("ST-06 what the persona must bring is not asked of others", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  CHECK(store.write(by(system_, true), {confident("0.1")}).has_value());
  CHECK(store.write(by(memory_source::user), {confident("high")}).has_value());
}

TEST_CASE("ST-07 a chain has one head, the newest", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("a", "fact", "one")}).has_value());
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("b", "fact", "two")}).has_value());
  CHECK(store.list().ids() == texts{"a", "b"});
  CHECK(store.heads() == texts{"two"});
}

TEST_CASE("ST-08 history links each version to the next", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  // Both in one batch: the later draft sees the earlier one.
  REQUIRE(store
            .write(by(memory_source::user),
                   {a_named_draft("a", "fact", "one"), a_named_draft("b", "fact", "two")})
            .has_value());
  const auto chain = store.list().chain("fact");
  REQUIRE(chain.size() == 2);
  CHECK(chain[0].provenance->version == 1);
  CHECK(chain[0].provenance->superseded_by == "b");
  CHECK(chain[1].provenance->version == 2);
  CHECK_FALSE(chain[1].provenance->superseded_by.has_value());
  CHECK_FALSE(check_memory_chain(chain).has_value());
  CHECK(store.list().chain("nobody").empty());
}

TEST_CASE("ST-09 a rollback is a further version", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("a", "fact", "one")}).has_value());
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("b", "fact", "two")}).has_value());
  REQUIRE(store.ask(by(memory_source::user), rollback_memory{"fact", 1}).has_value());
  const auto chain = store.list().chain("fact");
  REQUIRE(chain.size() == 3);
  CHECK(chain[0].text == "one");
  CHECK(chain[2].text == "one");
  CHECK(chain[2].id == "fact::v0003");
  CHECK(chain[2].provenance->reason == "rollback to version 1");
  CHECK_FALSE(check_memory_chain(chain).has_value());
  REQUIRE(store.audits().size() == 3);
  CHECK(store.audits()[2].action == audit_action::rollback);
  CHECK(store.audits()[2].metadata == memory_metadata{{"to_version", "1"}});
  CHECK(store.audits()[2].chunk_ids == texts{"fact::v0003"});
  CHECK(store.audits()[2].logical_ids == texts{"fact"});
}

TEST_CASE("ST-09 a rollback keeps to the policy", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  auto doubtful = a_named_draft("a", "fact", "one");
  doubtful.metadata = {{"confidence", "0.3"}};
  REQUIRE(store.write(by(memory_source::user), {doubtful}).has_value());
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("b", "fact", "two")}).has_value());
  CHECK(says(store.ask(by(self), rollback_memory{"fact", 1}), "force=True"));
  CHECK(says(store.ask(reasoned(self), rollback_memory{"fact", 1}), "below threshold"));
  CHECK(store.ask(by(memory_source::user), rollback_memory{"fact", 1}).has_value());
  auto identity = memory_trial{memory_store_kind::identity};
  CHECK(says(identity.ask(by(memory_source::user, true), rollback_memory{"x", 1}), "rollback"));
}

TEST_CASE("ST-10 a rollback to what is not there names what is", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("a", "fact", "one")}).has_value());
  for (const auto version : {0U, 2U, 99U}) {
    const auto got = store.ask(by(memory_source::user), rollback_memory{"fact", version});
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().kind == why::broken_chain);
    CHECK(says(got, "available: 1 to 1"));
  }
  CHECK(
    says(store.ask(by(memory_source::user), rollback_memory{"nobody", 1}), "there is no chain"));
}

TEST_CASE("QX-01 three edits, back to 1 and forward to 3: five versions", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  for (const auto* text : {"one", "two", "three"}) {
    auto draft = a_draft(text);
    draft.logical_id = "fact";
    REQUIRE(store.write(by(memory_source::user), {draft}).has_value());
  }
  REQUIRE(store.ask(by(memory_source::user), rollback_memory{"fact", 1}).has_value());
  REQUIRE(store.ask(by(memory_source::user), rollback_memory{"fact", 3}).has_value());
  const auto chain = store.list().chain("fact");
  CHECK_FALSE(check_memory_chain(chain).has_value());
  auto said = texts{};
  for (const auto& version : chain)
    said.push_back(version.text);
  CHECK(said == texts{"one", "two", "three", "one", "three"});
}

TEST_CASE("Q-01 a version never overwrites another", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("a", "fact", "one")}).has_value());
  const auto again = store.write(by(memory_source::user), {a_named_draft("a", "fact", "two")});
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().kind == why::id_in_use);
  const auto twice = store.write(
    by(memory_source::user), {a_named_draft("b", "fact", "x"), a_named_draft("b", "fact", "y")});
  CHECK(twice.error().kind == why::id_in_use);
  CHECK(store.heads() == texts{"one"});
}

TEST_CASE("ST-12 deleting an empty store is silent, a full one says what went",
          "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::episodic};
  CHECK(store.ask(by(memory_source::user), delete_memory{}).has_value());
  CHECK(store.audits().empty());
  REQUIRE(
    store
      .write(by(memory_source::user), {a_named_draft("a", "a", "x"), a_named_draft("b", "b", "y")})
      .has_value());
  CHECK(store.ask(by(system_), delete_memory{}).has_value());
  REQUIRE(store.audits().size() == 2);
  CHECK(store.audits()[1].action == audit_action::remove);
  CHECK(store.audits()[1].source == memory_source::user);
  CHECK(store.audits()[1].chunk_ids == texts{"a", "b"});
  CHECK(store.list().ids().empty());
  CHECK(store.ask(by(memory_source::user), delete_memory{}).has_value());
  CHECK(store.audits().size() == 2);
}

TEST_CASE("TR-01 removing single chunks is idempotent and audited", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::episodic};
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("a", "a", "x")}).has_value());
  CHECK(store.ask(by(memory_source::user), remove_memory{}).has_value());
  CHECK(store.audits().size() == 1);
  CHECK(store.ask(by(memory_source::user), remove_memory{{"a", "nobody"}}).has_value());
  CHECK(store.ask(by(memory_source::user), remove_memory{{"a"}}).has_value());
  CHECK(store.list().ids().empty());
  REQUIRE(store.audits().size() == 3);
  CHECK(store.audits()[2].action == audit_action::remove_documents);
}

TEST_CASE("ST-16 a chain that is not whole is named with its fault", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  for (const auto* text : {"one", "two", "three"}) {
    auto draft = a_draft(text);
    draft.logical_id = "fact";
    REQUIRE(store.write(by(memory_source::user), {draft}).has_value());
  }
  const auto whole = store.list().chain("fact");
  const auto fault = [&](const auto& spoil) {
    auto chain = whole;
    spoil(chain);
    const auto found = check_memory_chain(chain);
    REQUIRE(found.has_value());
    CHECK(found->kind == why::broken_chain);
    return found->detail;
  };
  using chunks = std::vector<memory_chunk>;
  const auto has = [](const std::string& text, const char* words) {
    return text.find(words) != std::string::npos;
  };
  CHECK(has(fault([](chunks& c) { c.erase(c.begin() + 1); }), "is not linked"));
  CHECK(has(fault([](chunks& c) { c[1].provenance->version = 1; }), "expected, got 1"));
  CHECK(has(fault([](chunks& c) { c[2].provenance->version = 9; }), "expected, got 9"));
  CHECK(has(fault([](chunks& c) { c[0].provenance->superseded_by = "x"; }), "is not linked"));
  CHECK(has(fault([](chunks& c) { c[0].provenance->superseded_by.reset(); }), "is not linked"));
  CHECK(has(fault([](chunks& c) { c[2].provenance->superseded_by = "x"; }), "not there"));
  CHECK(has(fault([](chunks& c) { c[1].provenance->logical_id = "other"; }), "belongs to other"));
  CHECK(has(fault([](chunks& c) { c[1].provenance.reset(); }), "no provenance"));
  CHECK_FALSE(check_memory_chain({}).has_value());
}

TEST_CASE("ST-17 one bad chunk, and none of the batch is stored", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  CHECK_FALSE(store.write(reasoned(self), {confident("0.9"), confident("0.2")}).has_value());
  CHECK_FALSE(store.write(by(memory_source::user), {a_draft("good"), a_draft(" ")}).has_value());
  CHECK(store.heads().empty());
  CHECK(store.audits().empty());
}

TEST_CASE("nothing asked for is nothing done, whoever asks", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::identity};
  CHECK(store.write(by(self), {}).value() == memory_rows{});
  CHECK(store.ask(by(self), retire_memory{}).value() == memory_rows{});
}

TEST_CASE("a retired chain is found no more and keeps its history", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  REQUIRE(store.write(by(memory_source::user), {a_named_draft("a", "fact", "one")}).has_value());
  CHECK(says(store.ask(by(self), retire_memory{{"fact"}}), "force=True"));
  CHECK(says(store.ask(by(memory_source::user), retire_memory{{"fact", "nobody"}}),
             "there is no chain nobody"));
  REQUIRE(store.ask(by(memory_source::user), retire_memory{{"fact"}}).has_value());
  CHECK(store.heads().empty());
  const auto chain = store.list().chain("fact");
  REQUIRE(chain.size() == 2);
  CHECK(chain[1].text.empty());
  CHECK(chain[1].provenance->retired);
  CHECK_FALSE(check_memory_chain(chain).has_value());
  // Once more changes nothing; a rollback brings it back.
  CHECK(store.ask(by(memory_source::user), retire_memory{{"fact"}}).value() == memory_rows{});
  CHECK(says(store.ask(by(memory_source::user), rollback_memory{"fact", 2}), "says nothing"));
  REQUIRE(store.ask(by(memory_source::user), rollback_memory{"fact", 1}).has_value());
  CHECK(store.heads() == texts{"one"});
}

TEST_CASE("a fact with a key goes on in the chain of that key", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::self_facts};
  auto first = a_draft("lives in Oslo");
  first.key = "home";
  auto second = a_draft("lives in Bergen");
  second.key = "home";
  REQUIRE(store.write(by(memory_source::user), {first}).has_value());
  REQUIRE(store.write(by(memory_source::user), {second}).has_value());
  CHECK(store.heads() == texts{"lives in Bergen"});
  CHECK(store.list().newest().front().provenance->version == 2);
}

TEST_CASE("drafts are bounded", "[domain][memory]") {
  auto store = memory_trial{memory_store_kind::episodic};
  CHECK(store.write(by(memory_source::user), {a_draft(std::string(memory_text_bytes_max, 'x'))})
          .has_value());
  CHECK(says(
    store.write(by(memory_source::user), {a_draft(std::string(memory_text_bytes_max + 1, 'x'))}),
    "over 64 KiB"));
  CHECK(says(store.write(by(memory_source::user), {a_draft("\xff")}), "not UTF-8"));
  CHECK(
    says(store.write(by(memory_source::user), {a_draft("x", {{"k", std::string(16'385, 'v')}})}),
         "16 KiB"));
  auto many = memory_metadata{};
  for (auto i = std::size_t{0}; i <= memory_metadata_max; ++i)
    many.emplace(std::to_string(i), "");
  CHECK(says(store.write(by(memory_source::user), {a_draft("x", many)}), "64 entries"));
  auto nameless = a_draft("x");
  nameless.ulid = "short";
  CHECK(says(store.write(by(memory_source::user), {nameless}), "ULID"));
  auto keyed = a_draft("x");
  keyed.key = std::string(257, 'k');
  CHECK(says(store.write(by(memory_source::user), {keyed}), "256 bytes"));
  CHECK(says(store.write(by(memory_source::user),
                         std::vector<memory_draft>(memory_drafts_max + 1, a_draft("x"))),
             "at most 1000"));
  CHECK(store.audits().size() == 1);
}

TEST_CASE("a refusal becomes an error that begins with its name", "[domain][memory]") {
  const auto f = to_failure({why::self_forbidden, std::string(1'000, 'x')});
  CHECK(f.code == errc::validation_error);
  CHECK(f.detail.starts_with("PersonaSelfWriteForbidden: x"));
  CHECK(f.detail.size() <= 512);
}
