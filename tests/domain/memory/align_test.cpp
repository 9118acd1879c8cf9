#include "domain/memory/align.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

/// "a" is a fact without a key; "k:a" one with the key k; a trailing "!" is retired.
std::vector<alignable_fact> facts(const std::vector<std::string>& texts) {
  auto out = std::vector<alignable_fact>{};
  for (auto text : texts) {
    auto fact = alignable_fact{};
    if (text.ends_with('!')) {
      fact.retired = true;
      text.pop_back();
    }
    if (const auto colon = text.find(':'); colon != std::string::npos) {
      fact.key = text.substr(0, colon);
      text.erase(0, colon + 1);
    }
    fact.content_hash = text;
    out.push_back(fact);
  }
  return out;
}

using pairs = std::vector<fact_alignment::pair>;
using list = std::vector<std::size_t>;

}  // namespace

TEST_CASE("Q-04 removing a fact leaves the others in their chains", "[domain][memory]") {
  const auto got = align_facts(facts({"one", "two"}), facts({"two"}));
  CHECK(got.unchanged == pairs{{1, 0}});
  CHECK(got.removed == list{0});
  CHECK(got.edited.empty());
  CHECK(got.added.empty());
}

TEST_CASE("Q-04 a fact put in front shifts nobody", "[domain][memory]") {
  const auto got = align_facts(facts({"one", "two"}), facts({"zero", "one", "two"}));
  CHECK(got.unchanged == pairs{{0, 1}, {1, 2}});
  CHECK(got.added == list{0});
  CHECK(got.edited.empty());
}

TEST_CASE("edits pair in order, what is left over is added or removed", "[domain][memory]") {
  const auto edits = align_facts(facts({"a", "b", "c"}), facts({"a2", "b", "c2"}));
  CHECK(edits.unchanged == pairs{{1, 1}});
  CHECK(edits.edited == pairs{{0, 0}, {2, 2}});
  const auto fewer = align_facts(facts({"a", "b", "c"}), facts({"x"}));
  CHECK(fewer.edited == pairs{{0, 0}});
  CHECK(fewer.removed == list{1, 2});
  const auto more = align_facts(facts({"a"}), facts({"x", "y"}));
  CHECK(more.edited == pairs{{0, 0}});
  CHECK(more.added == list{1});
}

TEST_CASE("equal facts pair one to one, in order", "[domain][memory]") {
  const auto got = align_facts(facts({"a", "a", "b"}), facts({"a", "b", "a", "a"}));
  CHECK(got.unchanged == pairs{{0, 0}, {2, 1}, {1, 2}});
  CHECK(got.added == list{3});
}

TEST_CASE("a key outweighs order and content", "[domain][memory]") {
  const auto moved = align_facts(facts({"k:a", "l:b"}), facts({"l:x", "k:a"}));
  CHECK(moved.edited == pairs{{1, 0}});
  CHECK(moved.unchanged == pairs{{0, 1}});
  // A key that is new names a new thing; one that is gone is a thing removed.
  const auto other = align_facts(facts({"k:a"}), facts({"l:x"}));
  CHECK(other.added == list{0});
  CHECK(other.removed == list{0});
  const auto keyed = align_facts(facts({"a", "b"}), facts({"k:a", "b"}));
  CHECK(keyed.edited == pairs{{0, 0}});
  CHECK(keyed.unchanged == pairs{{1, 1}});
}

TEST_CASE("a retired fact comes back by its key only", "[domain][memory]") {
  const auto by_key = align_facts(facts({"k:a!"}), facts({"k:a"}));
  CHECK(by_key.edited == pairs{{0, 0}});
  const auto by_text = align_facts(facts({"a!"}), facts({"a"}));
  CHECK(by_text.added == list{0});
  CHECK(by_text.removed.empty());
  CHECK(align_facts({}, {}) == fact_alignment{});
}
