#include "domain/memory/history.hpp"
#include "domain/memory/terms.hpp"
#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/journal_samples.hpp"
#include "tests/support/memory_samples.hpp"

#include <algorithm>
#include <map>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

using said_list = std::vector<std::string>;
constexpr auto facts = memory_store_kind::self_facts;
constexpr auto episodes = memory_store_kind::episodic;
constexpr auto user = memory_source::user;

memory_request ask(const memory_place& place, memory_change change,
                   memory_source source = memory_source::user) {
  auto request = memory_request{place, by(source), std::move(change)};
  request.author.at = memory_noon;
  return request;
}

memory_outcome put(journal_store& store, const memory_request& request) {
  return store.write_memory({&request, 1}).value().at(0);
}

memory_outcome write(journal_store& store, const memory_place& place,
                     std::vector<memory_draft> drafts) {
  return put(store, ask(place, write_memory{std::move(drafts)}));
}

said_list said(const std::vector<memory_chunk>& chunks) {
  auto out = said_list{};
  for (const auto& chunk : chunks)
    out.push_back(chunk.text);
  return out;
}

said_list heads_in(journal_store& store, const memory_place& place) {
  return said(store.open_chunk_reader()->list_chunks({place}).value());
}

said_list found_by(chunk_reader& reader, const memory_place& place,
                   const std::vector<weighted_term>& terms, std::uint32_t limit = 10) {
  auto lengths = std::map<std::int64_t, double>{};
  for (const auto& head : reader.read_heads(place, "", 0, 2 * scored_rows_max).value())
    lengths[head.row] = static_cast<double>(memory_terms(head.text).size());
  const auto length_of = [&](std::int64_t row) { return lengths.at(row); };
  const auto rows = reader.search_words(place, {terms, 5, length_of, limit}).value();
  return said(reader.read_chunks(rows).value());
}

std::vector<memory_audit> events_of(journal_store& store, const audit_filter& filter = {}) {
  return store.open_chunk_reader()->read_audit(reef, std::nullopt, filter, 1'000, 0).value();
}

}  // namespace

TEST_CASE("ST-11 what is written is read back as it was, by every reader", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = memory_place{kari, episodes};
  auto draft = a_draft("we met at \"Brygga\"\n", {{"importance", "0.900"}, {"k", "væ"}});
  draft.key = "met";
  auto request = ask(place, write_memory{{draft}});
  request.author.written_by = "ops";
  request.author.reason = "";
  const auto outcome = put(*store, request);
  REQUIRE_FALSE(outcome.refusal.has_value());
  REQUIRE(outcome.added.size() == 1);

  const auto reader = store->open_chunk_reader();
  const auto chunk = reader->read_chunks(outcome.added).value().at(0);
  CHECK(chunk.id == outcome.chunk_ids.at(0));
  CHECK(chunk.text == draft.text);
  CHECK(chunk.metadata == draft.metadata);
  CHECK(chunk.content_hash == content_hash_of(draft.text, draft.metadata));
  CHECK(chunk.created_at == memory_noon);
  CHECK(chunk.key == "met");
  REQUIRE(chunk.provenance.has_value());
  CHECK(chunk.provenance->source == user);
  CHECK(chunk.provenance->logical_id == chunk.id);
  CHECK(chunk.provenance->written_by == "ops");
  CHECK(chunk.provenance->reason == "");
  CHECK_FALSE(chunk.provenance->retired);
  CHECK(checked_chunk(chunk).has_value());
  CHECK(reader->read_chunks(std::vector<std::int64_t>{12'345}).value().empty());
}

TEST_CASE("ST-07 ST-08 ST-09 chains grow, heads are found, histories stay", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = a_place(facts);
  const auto one = write(*store, place, {a_named_draft("a", "fact", "one")});
  const auto two = write(*store, place, {a_named_draft("b", "fact", "two")});
  CHECK(two.gone == one.added);
  CHECK(heads_in(*store, place) == said_list{"two"});
  REQUIRE(put(*store, ask(place, rollback_memory{"fact", 1})).chunk_ids
          == said_list{"fact::v0003"});
  const auto chain = store->open_chunk_reader()->history(place, "fact").value();
  CHECK(said(chain) == said_list{"one", "two", "one"});
  CHECK_FALSE(check_memory_chain(chain).has_value());
  CHECK(put(*store, ask(place, rollback_memory{"fact", 99})).refusal->kind
        == memory_refusal::why::broken_chain);
  CHECK(store->open_chunk_reader()->history(place, "nobody").value().empty());
  const auto events = events_of(*store);
  REQUIRE(events.size() == 3);
  CHECK(events[2].action == audit_action::rollback);
  CHECK(events[2].metadata == memory_metadata{{"to_version", "1"}});
}

TEST_CASE("a retired version stays one when it is followed", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = a_place(facts);
  write(*store, place, {a_named_draft("a", "fact", "one")});
  const auto retired = put(*store, ask(place, retire_memory{{"fact"}}));
  CHECK(retired.added.empty());
  CHECK(retired.gone.size() == 1);
  CHECK(heads_in(*store, place).empty());
  put(*store, ask(place, rollback_memory{"fact", 1}));
  CHECK(heads_in(*store, place) == said_list{"one"});
  const auto chain = store->open_chunk_reader()->history(place, "fact").value();
  REQUIRE(chain.size() == 3);
  CHECK(chain[1].provenance->retired);
  CHECK_FALSE(chain[2].provenance->retired);
}

TEST_CASE("Q-06 only heads are searched and indexed", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = a_place(facts);
  for (const auto* text : {"the boat is red", "the boat is blue", "the boat is green"}) {
    auto draft = a_draft(text);
    draft.logical_id = "boat";
    write(*store, place, {draft});
  }
  write(*store, place, {a_draft("a boat shed")});
  const auto reader = store->open_chunk_reader();
  const auto found = found_by(*reader, place, {{"boat", 1.0}});
  CHECK(found.size() == 2);
  CHECK(std::ranges::find(found, "the boat is red") == found.end());
  const auto heads = reader->read_heads(place, "e", 0, 100).value();
  REQUIRE(heads.size() == 2);
  CHECK(heads[0].text == "the boat is green");
  CHECK(reader->read_heads(place, "e", heads[0].row, 100).value().size() == 1);
  CHECK(reader->read_heads(place, "e", 0, 1).value().size() == 1);
  CHECK(reader->read_heads_of(place, "e", std::vector{heads[1].row, std::int64_t{9'999}})
          .value()
          .at(0)
          .text
        == "a boat shed");
}

TEST_CASE("words rank by BM25, of equals the newer first", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = memory_place{kari, episodes};
  write(*store, place,
        {a_draft("tide tide tide"), a_draft("the tide at the long pier tonight"),
         a_draft("storm at sea"), a_draft("TIDE, storm!"), a_draft("tide one"), a_draft("tide two"),
         a_draft("Båten ligger på land")});
  const auto reader = store->open_chunk_reader();
  CHECK(found_by(*reader, place, {{"storm", 3.0}, {"tide", 1.0}})
        == said_list{"TIDE, storm!", "storm at sea", "tide tide tide", "tide two", "tide one",
                     "the tide at the long pier tonight"});
  CHECK(found_by(*reader, place, {{"tide", 1.0}, {"storm", 3.0}}, 2)
        == said_list{"TIDE, storm!", "storm at sea"});
  CHECK(found_by(*reader, place, {{"båten", 1.0}}) == said_list{"Båten ligger på land"});
  CHECK(found_by(*reader, place, {{"nobody", 1.0}}).empty());
  CHECK(found_by(*reader, place, {}).empty());
}

TEST_CASE("of very many that hold a word only the newest are scored", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = memory_place{kari, episodes};
  write(*store, place, {a_draft("tide tide tide")});  // the best there is
  auto drafts = std::vector<memory_draft>{};
  for (auto i = std::uint32_t{1}; i < scored_rows_max; ++i)
    drafts.push_back(a_draft("tide number " + std::to_string(i)));
  for (auto i = std::size_t{0}; i < drafts.size(); i += 250)
    write(*store, place,
          {drafts.begin() + static_cast<std::ptrdiff_t>(i),
           drafts.begin() + static_cast<std::ptrdiff_t>(std::min(i + 250, drafts.size()))});
  const auto reader = store->open_chunk_reader();
  CHECK(found_by(*reader, place, {{"tide", 1.0}}, 1) == said_list{"tide tide tide"});
  write(*store, place, {a_draft("tide at last")});
  CHECK(found_by(*reader, place, {{"tide", 1.0}}, 1) == said_list{"tide at last"});
}

TEST_CASE("nobody finds what others remember", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto places =
    std::vector<memory_place>{{kari, episodes},
                              {talk_scope(reef, {"ops"}, "ola"), episodes},
                              {talk_scope(reef, {"other"}, "kari"), episodes},
                              {talk_scope({"persona_other"}, {"ops"}, "kari"), episodes},
                              {kari, facts},
                              a_place(episodes)};
  for (auto i = std::size_t{0}; i < places.size(); ++i)
    write(*store, places[i], {a_draft("secret " + std::to_string(i))});
  const auto reader = store->open_chunk_reader();
  for (auto i = std::size_t{0}; i < places.size(); ++i) {
    const auto only = said_list{"secret " + std::to_string(i)};
    CHECK(found_by(*reader, places[i], {{"secret", 1.0}}) == only);
    CHECK(heads_in(*store, places[i]) == only);
    CHECK(said(reader->recent(places[i], 10).value()) == only);
    CHECK(reader->read_heads(places[i], "e", 0, 10).value().size() == 1);
  }
  CHECK(reader->list_scopes(reef).value().size() == 4);
}

TEST_CASE("scopes count as filled while a head of theirs is no identity", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto reader = store->open_chunk_reader();
  CHECK(reader->list_filled_scopes().value().empty());
  write(*store, {shared_scope(reef), memory_store_kind::identity}, {a_draft("an identity")});
  CHECK(reader->list_filled_scopes().value().empty());
  write(*store, {kari, episodes}, {a_draft("one")});
  write(*store, {kari, memory_store_kind::self_facts}, {a_draft("two")});
  CHECK(reader->list_filled_scopes().value() == std::vector{kari});
  auto all = memory_purge{};
  all.persona = reef;
  REQUIRE(store->purge_memory(all).has_value());
  CHECK(reader->list_filled_scopes().value().empty());
}

TEST_CASE("ST-15 recent gives the newest heads, newest first", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = memory_place{kari, episodes};
  auto drafts = std::vector{a_draft("old"), a_draft("newest"), a_draft("new")};
  drafts[0].created_at = {1};
  drafts[1].created_at = {3};
  drafts[2].created_at = {2};
  write(*store, place, drafts);
  const auto reader = store->open_chunk_reader();
  CHECK(said(reader->recent(place, 2).value()) == said_list{"newest", "new"});
  CHECK(reader->recent(place, 0).value().empty());
  CHECK(reader->recent(a_place(episodes), 2).value().empty());
}

TEST_CASE("ST-12 TR-02 deleting twice is no error, and audited once", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = memory_place{kari, episodes};
  put(*store, ask(place, delete_memory{}));
  CHECK(events_of(*store).empty());
  const auto written = write(*store, place, {a_draft("one"), a_draft("two")});
  const auto gone = put(*store, ask(place, delete_memory{}));
  CHECK(gone.gone == written.added);
  put(*store, ask(place, delete_memory{}));
  const auto events = events_of(*store);
  REQUIRE(events.size() == 2);
  CHECK(events[1].action == audit_action::remove);
  CHECK(events[1].chunk_ids == written.chunk_ids);
  CHECK(found_by(*store->open_chunk_reader(), place, {{"one", 1.0}}).empty());
  CHECK(store->open_chunk_reader()->read_waiting(10).value().empty());
}

TEST_CASE("TR-01 TR-04 removing one chunk leaves the others", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = memory_place{kari, episodes};
  const auto written = write(*store, place, {a_draft("one"), a_draft("two")});
  CHECK(put(*store, ask(place, remove_memory{{written.chunk_ids[0], "nobody"}})).gone
        == std::vector{written.added[0]});
  CHECK(heads_in(*store, place) == said_list{"two"});
  CHECK(put(*store, ask(place, write_memory{})).chunk_ids.empty());
}

TEST_CASE("ST-17 Q-08 a refused request leaves the others of its batch", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = memory_place{kari, episodes};
  const auto batch =
    memory_batch{ask(place, write_memory{{a_draft("one")}}),
                 ask(a_place(facts), write_memory{{a_draft("no")}}, memory_source::system),
                 ask(place, write_memory{{a_draft("good"), a_draft("")}}),
                 ask(place, write_memory{{a_draft("two")}})};
  const auto outcomes = store->write_memory(batch).value();
  REQUIRE(outcomes.size() == 4);
  CHECK_FALSE(outcomes[0].refusal.has_value());
  CHECK(outcomes[1].refusal->kind == memory_refusal::why::forbidden);
  CHECK(outcomes[2].refusal->kind == memory_refusal::why::invalid);
  CHECK(heads_in(*store, place) == said_list{"one", "two"});
  CHECK(events_of(*store).size() == 2);
}

TEST_CASE("D-16 memory rides in the transaction of an append, or not at all",
          "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto run = journal_script{"run_1"};
  const auto place = memory_place{kari, episodes};
  auto append = run.next();
  append.memory = {ask(place, write_memory{{a_draft("kept")}}),
                   ask(a_place(memory_store_kind::identity), write_memory{{a_draft("refused")}})};
  REQUIRE(put(*store, append) == append_verdict::committed);
  CHECK(heads_in(*store, place) == said_list{"kept"});
  CHECK(store->read_run({"run_1"}).value().at(0) == as_read(append));

  append.pos += 100;
  append.memory = {ask(place, write_memory{{a_draft("out of order")}})};
  CHECK(put(*store, append) == append_verdict::out_of_order);
  CHECK(heads_in(*store, place) == said_list{"kept"});
}

TEST_CASE("whoever keeps an index is told every change once", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = a_place(facts);
  CHECK(store->take_memory_changes().empty());
  const auto one = write(*store, place, {a_named_draft("a", "fact", "one")});
  auto run = journal_script{"run_1"};
  auto append = run.next();
  append.memory = {ask(place, write_memory{{a_named_draft("b", "fact", "two")}})};
  REQUIRE(put(*store, append) == append_verdict::committed);
  put(*store, ask(place, write_memory{{a_draft(" ")}}));
  const auto changes = store->take_memory_changes();
  REQUIRE(changes.size() == 2);
  CHECK(changes[0] == one);
  CHECK(changes[1].gone == one.added);
  CHECK(changes[1].added.size() == 1);
  CHECK(store->take_memory_changes().empty());
}

TEST_CASE("RG-02 RG-05 a document is indexed once and edited in place", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = a_place(facts);
  const auto document = [](const said_list& lines) {
    auto out = index_memory{};
    for (const auto& line : lines)
      out.drafts.push_back(a_draft(line));
    return out;
  };
  put(*store, ask(place, document({"one", "two", "three"})));
  const auto events = events_of(*store).size();
  CHECK(put(*store, ask(place, document({"one", "two", "three"}))).chunk_ids.empty());
  CHECK(events_of(*store).size() == events);
  CHECK(put(*store, ask(place, document({"one", "zwei"}))).chunk_ids.size() == 2);
  CHECK(heads_in(*store, place) == said_list{"one", "zwei"});
  CHECK(put(*store, ask(place, document({"one", "zwei"}))).chunk_ids.empty());

  const auto self = a_place(memory_store_kind::identity);
  put(*store, ask(self, document({"name: Ada", "role: pilot"})));
  put(*store, ask(self, document({"name: Ada", "role: diver"})));
  CHECK(heads_in(*store, self) == said_list{"name: Ada", "role: diver"});
  CHECK_FALSE(store->open_chunk_reader()->list_chunks({self}).value().at(0).provenance.has_value());
  CHECK(put(*store, ask(self, document({"name: Ada", "role: diver"}))).chunk_ids.empty());
}

TEST_CASE("versions are listed by the age of their chain, in pages", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = a_place(facts);
  write(*store, place, {a_named_draft("a1", "a", "a one"), a_named_draft("b1", "b", "b one")});
  write(*store, place, {a_named_draft("a2", "a", "a two")});
  const auto reader = store->open_chunk_reader();
  auto filter = chunk_filter{place};
  CHECK(said(reader->list_chunks(filter).value()) == said_list{"a two", "b one"});
  filter.with_past = true;
  CHECK(said(reader->list_chunks(filter).value()) == said_list{"a one", "a two", "b one"});
  filter.offset = 1;
  filter.limit = 1;
  CHECK(said(reader->list_chunks(filter).value()) == said_list{"a two"});
  filter.offset = 9;
  CHECK(reader->list_chunks(filter).value().empty());
}

TEST_CASE("vectors follow from a durable queue and carry their embedder", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto place = memory_place{kari, episodes};
  const auto written = write(*store, place, {a_draft("one"), a_draft("two"), a_draft("three")});
  const auto reader = store->open_chunk_reader();
  const auto waiting = reader->read_waiting(2).value();
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0] == waiting_chunk{written.added[0], place, "one"});

  const auto vectors =
    std::vector<chunk_vector>{{written.added[0], {1.0F, 0.0F}}, {written.added[1], {0.0F, 1.0F}}};
  REQUIRE(store->put_vectors("first", vectors).has_value());
  CHECK(reader->read_waiting(10).value().size() == 1);
  auto heads = reader->read_heads(place, "first", 0, 10).value();
  CHECK(heads[0].vector == embedding{1.0F, 0.0F});
  CHECK(heads[2].vector.empty());
  CHECK(reader->read_heads(place, "second", 0, 10).value().at(0).vector.empty());

  // Another embedder: everything waits again, and replaces what there was.
  CHECK(store->queue_all_but("first").value() == 1);
  CHECK(store->queue_all_but("second").value() == 3);
  REQUIRE(store->put_vectors("second", vectors).has_value());
  CHECK(reader->read_heads(place, "first", 0, 10).value().at(0).vector.empty());
  CHECK(reader->read_heads(place, "second", 0, 10).value().at(0).vector.size() == 2);

  // A chunk that is no head any more needs none.
  put(*store, ask(place, delete_memory{}));
  REQUIRE(store->put_vectors("second", vectors).has_value());
  CHECK(reader->read_waiting(10).value().empty());
  CHECK(store->queue_all_but("third").value() == 0);
}

TEST_CASE("AU-01 AU-02 AU-04 every change leaves one event, in order", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto count = 200;
  for (auto i = 0; i < count; ++i) {
    const auto source = i % 2 == 0 ? memory_source::user : memory_source::system;
    auto request = ask({kari, episodes}, write_memory{{a_draft("x")}}, source);
    request.author.at = {i};
    put(*store, request);
  }
  CHECK(events_of(*store).size() == count);
  auto filter = audit_filter{};
  filter.source = memory_source::user;
  filter.action = audit_action::write;
  CHECK(events_of(*store, filter).size() == count / 2);
  filter.since = instant{count - 4};
  CHECK(events_of(*store, filter).size() == 2);
  filter.store = audit_store::skill;
  CHECK(events_of(*store, filter).empty());
  const auto reader = store->open_chunk_reader();
  const auto page = reader->read_audit(reef, kari, {}, 3, 10).value();
  REQUIRE(page.size() == 3);
  CHECK(page[0].at == instant{10});
  CHECK(reader->read_audit(reef, shared_scope(reef), {}, 10, 0).value().empty());
  CHECK(reader->read_audit({"nobody"}, std::nullopt, {}, 10, 0).value().empty());
}

TEST_CASE("a purge takes one user's memory, or all of a persona's", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  for (const auto& scope : {kari, ola, shared_scope(reef)})
    write(*store, {scope, episodes}, {a_draft("one"), a_draft("two")});
  write(*store, {shared_scope({"persona_other"}), episodes}, {a_draft("theirs")});
  (void)store->take_memory_changes();

  auto what =
    memory_purge{reef, owner_id{"ops"}, std::string{"kari"}, std::string{"admin"}, memory_noon};
  CHECK(store->purge_memory(what).value() == memory_purged{1, 2});
  CHECK(heads_in(*store, {kari, episodes}).empty());
  CHECK(heads_in(*store, {ola, episodes}).size() == 2);
  const auto changes = store->take_memory_changes();
  CHECK(changes.size() == memory_store_kinds.size());
  CHECK(changes.front().purged);
  const auto events = events_of(*store);
  REQUIRE(events.size() == 3);
  CHECK(events[2].reason == "purge");
  CHECK(events[2].written_by == "admin");
  CHECK(store->purge_memory(what).value() == memory_purged{});

  CHECK(store->purge_memory({reef, {}, {}, {}, memory_noon}).value().chunks == 4);
  CHECK(heads_in(*store, {ola, episodes}).empty());
  CHECK(heads_in(*store, a_place(episodes)).empty());
  CHECK(heads_in(*store, {shared_scope({"persona_other"}), episodes}) == said_list{"theirs"});
  // What is written afterwards is found, by the same scope.
  write(*store, {kari, episodes}, {a_draft("anew")});
  CHECK(found_by(*store->open_chunk_reader(), {kari, episodes}, {{"anew", 1.0}})
        == said_list{"anew"});
}

TEST_CASE("AU-06 a store that fails writes neither chunk nor event", "[providers][store]") {
  auto store = fault_store{make_memory_store()};
  store.plan()->fail_all(true);
  const auto request = ask({kari, episodes}, write_memory{{a_draft("one")}});
  CHECK(store.write_memory({&request, 1}).error().code == errc::journal_unavailable);
  store.plan()->fail_none();
  CHECK(heads_in(store, {kari, episodes}).empty());
  CHECK(events_of(store).empty());
}

TEST_CASE("a persona and what its document says are stored in one commit", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto row = persona_row{};
  row.id = reef;
  row.owner = {"ops"};
  const auto place = a_place(facts);
  const auto say = [&](const said_list& lines) {
    auto out = index_memory{};
    for (const auto& line : lines)
      out.drafts.push_back(a_draft(line));
    const auto batch = memory_batch{ask(place, out)};
    REQUIRE(store->put_persona(row, batch).has_value());
  };
  say({"one", "two"});
  CHECK(store->find_persona(reef).value().has_value());
  CHECK(heads_in(*store, place) == said_list{"one", "two"});
  say({"one"});
  CHECK(heads_in(*store, place) == said_list{"one"});
  CHECK(store->take_memory_changes().size() == 2);
}
