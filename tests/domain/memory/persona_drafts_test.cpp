#include "domain/memory/persona_drafts.hpp"
#include "domain/persona/parse_persona.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

#include <map>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

persona a_full_persona() {
  auto p = persona{};
  p.identity = {"Ada", "pilot", "Guides ships.", "no", {"never guess", "no alcohol"}, "oil", {}};
  p.self_facts = {{"I know the skerries", 0.9, ""}, {"I speak Norwegian", 1.0, "tongue"}};
  p.worldview = {{"tides rule", "sea", epistemic::fact, 0.8, "always", ""}};
  p.episodic = {{"the storm of 1987", {{1'000}, 60}, 0.9}, {"the calm", {{2'000}, 0}, 0.5}};
  return p;
}

/// The stores of one persona, one list each, to which batches are applied as the writer does it.
struct stores {
  std::size_t apply(const memory_batch& batch) {
    auto changed = std::size_t{0};
    for (const auto& request : batch) {
      auto& list = lists[request.place.kind];
      const auto decided = decide_memory(request, list);
      REQUIRE(decided.has_value());
      changed += decided->added.size();
      events += decided->audit ? 1 : 0;
      list.apply(*decided, row);
    }
    return changed;
  }
  std::size_t count(memory_store_kind kind) { return lists[kind].ids().size(); }

  std::map<memory_store_kind, chain_list> lists;
  std::int64_t row = 1;
  std::size_t events = 0;
};

memory_batch indexed(const persona& p) {
  return index_persona(p, reef, "ops", memory_noon, next_ulid);
}

}  // namespace

TEST_CASE("RG-01 a full persona fills its stores as its document counts", "[domain][memory]") {
  auto all = stores{};
  all.apply(indexed(a_full_persona()));
  CHECK(all.count(memory_store_kind::identity) == 6);
  CHECK(all.count(memory_store_kind::self_facts) == 2);
  CHECK(all.count(memory_store_kind::worldview) == 1);
  CHECK(all.count(memory_store_kind::episodic) == 2);
  const auto identity = all.lists[memory_store_kind::identity].newest();
  CHECK(identity[0].text == "name: Ada");
  CHECK(identity[0].metadata == memory_metadata{{"field", "name"}});
  CHECK(identity[3].text == "language_default: no");
  CHECK(identity[5].text == "constraint: no alcohol");
  CHECK(identity[5].metadata == memory_metadata{{"field", "constraint"}});
  const auto fact = all.lists[memory_store_kind::self_facts].newest().at(0);
  CHECK(fact.text == "self_fact: I know the skerries");
  CHECK(fact.metadata == memory_metadata{{"confidence", "0.900"}});
  CHECK(fact.provenance->source == memory_source::user);
  CHECK(fact.provenance->written_by == "ops");
  CHECK(fact.provenance->from_document);
  const auto claim = all.lists[memory_store_kind::worldview].newest().at(0);
  CHECK(claim.text == "worldview: tides rule");
  CHECK(
    claim.metadata
    == memory_metadata{
      {"domain", "sea"}, {"epistemic", "fact"}, {"confidence", "0.800"}, {"valid_time", "always"}});
}

TEST_CASE("RG-02 the same persona loaded twice writes nothing", "[domain][memory]") {
  auto all = stores{};
  all.apply(indexed(a_full_persona()));
  const auto events = all.events;
  CHECK(all.apply(indexed(a_full_persona())) == 0);
  CHECK(all.events == events);
}

TEST_CASE("RG-03 a minimal persona has an identity of four and nothing else", "[domain][memory]") {
  auto p = persona{};
  p.identity = {"Ada", "pilot", "Guides ships."};
  auto all = stores{};
  all.apply(indexed(p));
  CHECK(all.count(memory_store_kind::identity) == 4);
  CHECK(all.count(memory_store_kind::self_facts) == 0);
  CHECK(all.count(memory_store_kind::episodic) == 0);
}

TEST_CASE("RG-04 each episode keeps its own time and weight", "[domain][memory]") {
  auto all = stores{};
  all.apply(indexed(a_full_persona()));
  const auto held = all.lists[memory_store_kind::episodic].newest();
  CHECK(held[0].created_at == instant{1'000});
  CHECK(held[1].created_at == instant{2'000});
  CHECK(importance_of(held[0].metadata) == 0.9);
}

TEST_CASE("RG-05 RG-06 an edited document edits chains and replaces identity", "[domain][memory]") {
  auto all = stores{};
  auto p = a_full_persona();
  all.apply(indexed(p));
  p.identity.role = "harbour master";
  p.self_facts[0].fact = "I know the coast";
  p.self_facts[1].fact = "I speak Nynorsk";
  std::swap(p.self_facts[0], p.self_facts[1]);
  CHECK(all.apply(indexed(p)) == 6 + 2);
  CHECK(all.lists[memory_store_kind::identity].newest().at(1).text == "role: harbour master");
  const auto facts = all.lists[memory_store_kind::self_facts].newest();
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].text == "self_fact: I know the coast");
  CHECK(facts[0].provenance->version == 2);
  CHECK(facts[1].text == "self_fact: I speak Nynorsk");
  CHECK(facts[1].key == "tongue");
}
