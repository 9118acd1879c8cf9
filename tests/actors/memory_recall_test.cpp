#include "actors/memory_recall.hpp"
#include "providers/embed/hashed_embedder.hpp"
#include "providers/store/memory_store.hpp"
#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

#include <algorithm>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

using texts = std::vector<std::string>;
constexpr auto day = std::int64_t{86'400'000};

/// A store in memory with a recall over it, which follows every change.
struct fixture {
  fixture() {
    auto settings = memory_recall_settings{};
    settings.embedder = "hashed-1/256";
    settings.encode = [](const std::string& text) { return hashed_vector(text); };
    settings.make_index = make_exact_index;
    settings.index_bytes_max = 64 << 20;
    recall = std::make_unique<memory_recall>(store.open_chunk_reader(), settings);
  }

  memory_outcome ask(const memory_place& place, memory_change change) {
    const auto request = memory_request{place, by(memory_source::user), std::move(change)};
    auto outcome = store.write_memory({&request, 1}).value().at(0);
    for (const auto& one : store.take_memory_changes())
      recall->follow(one);
    return outcome;
  }
  void add(const memory_scope& scope, memory_store_kind kind, const std::string& text,
           instant at = memory_noon) {
    auto draft = a_draft(text);
    draft.created_at = at;
    ask({scope, kind}, write_memory{{draft}});
  }
  recalled_memory get(const std::string& text, std::optional<std::int64_t> turns = std::nullopt,
                      const memory_scope& scope = kari) {
    auto request = recall_request{scope, text};
    request.history_turns = turns;
    return recall->recall(request, hashed_vector(text), memory_noon);
  }

  fault_store store{make_memory_store()};
  std::unique_ptr<memory_recall> recall;
};

/// Holds nothing; counts how often it is prepared.
class counting_index final : public vector_index {
public:
  explicit counting_index(int& prepared) : prepared_{prepared} {}
  void add(std::int64_t, std::span<const float>) override {}
  void remove(std::int64_t) override {}
  [[nodiscard]] std::vector<near_row> nearest(std::span<const float>, std::size_t) const override {
    return {};
  }
  bool prepare(std::size_t) override {
    ++prepared_;
    return false;
  }
  [[nodiscard]] std::size_t size() const override { return 0; }
  [[nodiscard]] std::size_t bytes() const override { return 0; }

private:
  int& prepared_;
};

texts said(const std::vector<memory_chunk>& chunks) {
  auto out = texts{};
  for (const auto& chunk : chunks)
    out.push_back(chunk.text);
  return out;
}

bool has(const std::vector<memory_chunk>& chunks, const std::string& text) {
  return std::ranges::find(chunks, text, &memory_chunk::text) != chunks.end();
}

}  // namespace

TEST_CASE("RETR-01 identity is counted once, and not at all for whoever does not ask",
          "[actors][memory]") {
  auto f = fixture{};
  const auto place = a_place(memory_store_kind::identity);
  f.ask(place, index_memory{{a_draft("name: Ada")}});
  auto request = recall_request{kari, "who are you"};
  CHECK(f.recall->recall(request, std::nullopt, memory_noon).identity == 1);
  const auto reads_of = [&] {
    const auto before = f.store.plan()->calls();
    (void)f.recall->recall(request, std::nullopt, memory_noon);
    return f.store.plan()->calls() - before;
  };
  const auto counted = reads_of();
  f.ask(place, index_memory{{a_draft("name: Ada"), a_draft("role: pilot")}});
  CHECK(reads_of() == counted + 1);  // it has changed
  CHECK(f.recall->recall(request, std::nullopt, memory_noon).identity == 2);
  request.with_identity = false;
  CHECK(f.recall->recall(request, std::nullopt, memory_noon).identity == 0);
}

TEST_CASE("learned autonomy is read once, and again when self facts have changed",
          "[actors][memory]") {
  auto f = fixture{};
  const auto learn = [&](const std::string& level) {
    auto draft = a_draft("I am " + level);
    draft.logical_id = std::string{autonomy_chain};
    draft.metadata = {{"autonomy_level", level}};
    f.ask({kari, memory_store_kind::self_facts}, write_memory{{draft}});
  };
  CHECK_FALSE(f.recall->learned(kari));
  learn("decisive");
  REQUIRE(f.recall->learned(kari));
  const auto before = f.store.plan()->calls();
  CHECK(f.recall->learned(kari)->level == "decisive");
  CHECK(f.store.plan()->calls() == before);
  learn("cautious");
  f.store.plan()->fail_nth(1);
  CHECK_FALSE(f.recall->learned(kari));  // not readable, which is not kept
  CHECK(f.recall->learned(kari)->level == "cautious");
}

TEST_CASE("RETR-02 at most top_k chunks of each store", "[actors][memory]") {
  auto f = fixture{};
  for (const auto kind :
       {memory_store_kind::self_facts, memory_store_kind::worldview, memory_store_kind::episodic}) {
    for (auto i = 0; i < 10; ++i)
      f.add(kari, kind, "the tide number " + std::to_string(i));
  }
  const auto got = f.get("tide");
  CHECK(got.self_facts.size() == 3);
  CHECK(got.worldview.size() == 3);
  CHECK(got.episodic.size() == 3);
  auto request = recall_request{kari, "tide"};
  request.top_k = 2;
  const auto two = f.recall->recall(request, hashed_vector("tide"), memory_noon);
  CHECK(two.self_facts.size() == 2);
  CHECK(two.episodic.size() == 2);
}

TEST_CASE("RETR-04 RT-02 recent episodes are in, whatever the question, oldest first",
          "[actors][memory]") {
  auto f = fixture{};
  for (auto i = 0; i < 10; ++i) {
    const auto* text = i < 6 ? "the storm took the mast " : "we talked of soup ";
    f.add(kari, memory_store_kind::episodic, text + std::to_string(i),
          {memory_noon.value - (10 - i) * day});
  }
  const auto got = f.get("what did the storm take", 0).episodic;
  CHECK(got.size() == 8);
  for (const auto* text :
       {"we talked of soup 6", "we talked of soup 7", "we talked of soup 8", "we talked of soup 9"})
    CHECK(has(got, text));
  CHECK(std::ranges::is_sorted(got, {}, &memory_chunk::created_at));
  auto ids = std::vector<std::string>{};
  for (const auto& chunk : got)
    ids.push_back(chunk.id);
  std::ranges::sort(ids);
  CHECK(std::ranges::adjacent_find(ids) == ids.end());
}

TEST_CASE("RETR-05 without a conversation only likeness counts", "[actors][memory]") {
  auto f = fixture{};
  for (auto i = 0; i < 5; ++i) {
    f.add(kari, memory_store_kind::episodic, "the storm took the mast " + std::to_string(i),
          {memory_noon.value - day});
  }
  for (auto i = 0; i < 5; ++i)
    f.add(kari, memory_store_kind::episodic, "soup " + std::to_string(i));
  const auto got = f.get("storm mast").episodic;
  REQUIRE(got.size() == 3);
  for (const auto& chunk : got)
    CHECK(chunk.text.starts_with("the storm"));
}

TEST_CASE("RETR-06 counts follow what was found", "[actors][memory]") {
  auto f = fixture{};
  f.add(shared_scope(reef), memory_store_kind::worldview, "tides rule the coast");
  const auto counts = recall_counts(f.get("tides"));
  CHECK(counts[0].count == 0);
  CHECK(counts[2] == recall_count{memory_store_kind::worldview, 1});
  CHECK(counts[3].count == 0);
}

TEST_CASE("what the author wrote is found by all, talks by those who had them",
          "[actors][memory]") {
  auto f = fixture{};
  f.add(shared_scope(reef), memory_store_kind::self_facts, "I repair boats");
  f.add(kari, memory_store_kind::episodic, "my boat is red");
  f.add(ola, memory_store_kind::episodic, "my boat is blue");
  CHECK(said(f.get("boat").self_facts) == texts{"I repair boats"});
  CHECK(said(f.get("boat").episodic) == texts{"my boat is red"});
  CHECK(said(f.get("boat", 0, ola).episodic) == texts{"my boat is blue"});
  CHECK(f.get("boat", std::nullopt, shared_scope(reef)).episodic.empty());
}

TEST_CASE("Q-06 edited facts never crowd out others", "[actors][memory]") {
  auto f = fixture{};
  for (auto i = 0; i < 30; ++i) {
    auto draft = a_draft("the boat is painted, coat " + std::to_string(i));
    draft.logical_id = "paint";
    f.ask({kari, memory_store_kind::self_facts}, write_memory{{draft}});
  }
  f.add(kari, memory_store_kind::self_facts, "the boat has two masts");
  f.add(kari, memory_store_kind::self_facts, "the boat leaks");
  const auto got = f.get("the boat").self_facts;
  CHECK(got.size() == 3);
  CHECK(has(got, "the boat is painted, coat 29"));
}

TEST_CASE("what is written, retired or deleted changes the next answer", "[actors][memory]") {
  auto f = fixture{};
  const auto place = memory_place{kari, memory_store_kind::self_facts};
  CHECK(f.get("harbour").self_facts.empty());
  f.ask(place, write_memory{{a_named_draft("a", "a", "the harbour is deep")}});
  CHECK(said(f.get("harbour").self_facts) == texts{"the harbour is deep"});
  f.ask(place, write_memory{{a_named_draft("b", "a", "the harbour is shallow")}});
  CHECK(said(f.get("harbour").self_facts) == texts{"the harbour is shallow"});
  f.ask(place, retire_memory{{"a"}});
  CHECK(f.get("harbour").self_facts.empty());
  f.ask(place, rollback_memory{"a", 1});
  CHECK(said(f.get("harbour").self_facts) == texts{"the harbour is deep"});
  f.ask(place, delete_memory{});
  CHECK(f.get("harbour").self_facts.empty());
}

TEST_CASE("a purge leaves nothing in the indexes", "[actors][memory]") {
  auto f = fixture{};
  f.add(kari, memory_store_kind::episodic, "my secret");
  REQUIRE(f.get("secret").episodic.size() == 1);
  const auto before = f.recall->indexes();
  REQUIRE(f.store.purge_memory({reef, owner_id{"ops"}, std::string{"kari"}, {}, memory_noon})
            .has_value());
  for (const auto& change : f.store.take_memory_changes())
    f.recall->follow(change);
  CHECK(f.recall->indexes() < before);
  CHECK(f.get("secret").episodic.empty());
}

TEST_CASE("without a vector words alone decide, and it is said", "[actors][memory]") {
  auto f = fixture{};
  f.add(kari, memory_store_kind::episodic, "Båten ligger i Kragerø");
  f.add(kari, memory_store_kind::episodic, "soup");
  auto request = recall_request{kari, "hvor er båten"};
  const auto got = f.recall->recall(request, std::nullopt, memory_noon);
  CHECK(got.degraded);
  CHECK(said(got.episodic) == texts{"Båten ligger i Kragerø"});
  CHECK_FALSE(f.get("båt").degraded);
  // Another form of the word: only the vectors know it.
  request.text = "båtene";
  CHECK(f.recall->recall(request, std::nullopt, memory_noon).episodic.empty());
  CHECK(said(f.get("båtene").episodic).front() == "Båten ligger i Kragerø");
}

TEST_CASE("a store that fails leaves the others, and the missing one is named",
          "[actors][memory]") {
  auto f = fixture{};
  f.add(kari, memory_store_kind::self_facts, "I repair boats");
  f.add(kari, memory_store_kind::worldview, "a boat is never done");
  f.add(kari, memory_store_kind::episodic, "my boat is red");
  (void)f.get("boat");
  f.store.plan()->fail_all(true);
  const auto none = f.get("boat", 0);
  CHECK(none.missing.size() == 3);  // identity is known
  f.store.plan()->fail_none();
  CHECK(f.get("boat", 0).missing.empty());
  f.store.plan()->fail_nth(1);
  const auto some = f.get("boat", 0);
  CHECK(some.missing == std::vector{memory_store_kind::self_facts});
  CHECK(some.worldview.size() == 1);
}

TEST_CASE("an index that could not follow is read anew", "[actors][memory]") {
  auto f = fixture{};
  f.add(kari, memory_store_kind::episodic, "one boat");
  (void)f.get("boat");
  auto request = memory_request{{kari, memory_store_kind::episodic},
                                by(memory_source::user),
                                write_memory{{a_draft("two boats")}}};
  REQUIRE(f.store.write_memory({&request, 1}).has_value());
  f.store.plan()->fail_all(true);
  for (const auto& change : f.store.take_memory_changes())
    f.recall->follow(change);
  f.store.plan()->fail_none();
  CHECK(f.get("boat").episodic.size() == 2);
}

TEST_CASE("what the prompt shows anyway is left out and made up for", "[actors][memory]") {
  auto f = fixture{};
  for (auto i = 0; i < 6; ++i)
    f.add(kari, memory_store_kind::episodic, "boat " + std::to_string(i));
  auto request = recall_request{kari, "boat"};
  const auto vector = hashed_vector("boat");
  const auto all = f.recall->recall(request, vector, memory_noon).episodic;
  request.left_out = {all[0].id, all[1].id};
  const auto rest = f.recall->recall(request, vector, memory_noon).episodic;
  CHECK(rest.size() == 3);
  CHECK_FALSE(has(rest, all[0].text));
  CHECK_FALSE(has(rest, all[1].text));
}

TEST_CASE("vectors that come later are used from then on", "[actors][memory]") {
  auto store = make_memory_store();
  auto settings = memory_recall_settings{};
  settings.embedder = "remote";
  settings.make_index = make_exact_index;
  auto recall = memory_recall{store->open_chunk_reader(), settings};
  const auto place = memory_place{kari, memory_store_kind::episodic};
  const auto request =
    memory_request{place, by(memory_source::user), write_memory{{a_draft("a ketch")}}};
  const auto outcome = store->write_memory({&request, 1}).value().at(0);
  const auto question = recall_request{kari, "sailing vessel"};
  const auto query = embedding{1.0F, 0.0F};
  CHECK(recall.recall(question, query, memory_noon).episodic.empty());
  recall.take_vectors(place, {{outcome.added.at(0), {1.0F, 0.0F}}, {9'999, {1.0F, 0.0F}}});
  CHECK(recall.recall(question, query, memory_noon).episodic.size() == 1);
  // A vector of another embedder is never compared.
  CHECK(recall.recall(question, embedding{1.0F}, memory_noon).episodic.empty());
}

TEST_CASE("what indexes take follows what is added and what goes", "[actors][memory]") {
  auto store = make_memory_store();
  auto settings = memory_recall_settings{};
  settings.encode = [](const std::string& text) { return hashed_vector(text); };
  settings.make_index = make_exact_index;
  auto recall = memory_recall{store->open_chunk_reader(), settings};
  const auto place = memory_place{kari, memory_store_kind::episodic};
  const auto ask = [&] { (void)recall.recall({kari, "boat"}, hashed_vector("boat"), memory_noon); };
  CHECK(recall.bytes() == 0);
  ask();
  const auto empty = recall.bytes();
  const auto request =
    memory_request{place, by(memory_source::user), write_memory{{a_draft("a boat")}}};
  recall.follow(store->write_memory({&request, 1}).value().at(0));
  CHECK(recall.bytes() > empty);
  auto gone = memory_outcome{};
  gone.place = place;
  gone.purged = true;
  recall.follow(gone);
  CHECK(recall.bytes() < empty);
  CHECK(recall.bytes() > 0);
}

TEST_CASE("only indexes that have changed are prepared", "[actors][memory]") {
  auto prepared = 0;
  auto store = make_memory_store();
  auto settings = memory_recall_settings{};
  settings.make_index = [&prepared] { return std::make_unique<counting_index>(prepared); };
  auto recall = memory_recall{store->open_chunk_reader(), settings};
  for (auto user = 0; user < 5; ++user)
    (void)recall.recall({talk_scope(reef, {"ops"}, std::to_string(user)), "boat"}, std::nullopt,
                        memory_noon);
  CHECK_FALSE(recall.prepare(1));
  CHECK(prepared == static_cast<int>(recall.indexes()));
  (void)recall.recall({talk_scope(reef, {"ops"}, "0"), "boat"}, std::nullopt, memory_noon);
  CHECK_FALSE(recall.prepare(1));
  CHECK(prepared == static_cast<int>(recall.indexes()));
}

TEST_CASE("indexes together keep to their bound; the longest unused one goes", "[actors][memory]") {
  auto store = make_memory_store();
  auto settings = memory_recall_settings{};
  settings.encode = [](const std::string& text) { return hashed_vector(text); };
  settings.make_index = make_exact_index;
  settings.index_bytes_max = 200'000;
  auto recall = memory_recall{store->open_chunk_reader(), settings};
  for (auto user = 0; user < 20; ++user) {
    const auto scope = talk_scope(reef, {"ops"}, "user " + std::to_string(user));
    auto drafts = std::vector<memory_draft>{};
    for (auto i = 0; i < 20; ++i)
      drafts.push_back(a_draft("boat " + std::to_string(i)));
    const auto request = memory_request{
      {scope, memory_store_kind::episodic}, by(memory_source::user), write_memory{drafts}};
    REQUIRE(store->write_memory({&request, 1}).has_value());
    const auto got =
      recall.recall(recall_request{scope, "boat 7"}, hashed_vector("boat 7"), memory_noon);
    CHECK(got.episodic.size() == 3);
    CHECK(recall.bytes() <= settings.index_bytes_max);
  }
  CHECK(recall.indexes() < 20 * 6);
  CHECK(recall.indexes() > 1);
}
