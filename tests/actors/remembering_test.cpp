// What runs and turns remember: the tools remember and forget, the episode of a run, what the next
// one is reminded of, and what the audit log says.

#include "domain/event/event_data.hpp"
#include "providers/turn_log/jsonl_turn_log.hpp"
#include "providers/turn_log/memory_turn_log.hpp"
#include "tests/support/chat_world.hpp"

namespace persona_runtime {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using texts = std::vector<std::string>;

const auto alice = talk_scope({"persona_1"}, {"alice"}, {});

world_options remembering() {
  auto options = world_options{};
  options.remembers = true;
  options.who.tools = {"search", "write", "remember", "forget", "text_summarize"};
  return options;
}

std::vector<memory_chunk> facts(journal_store& store, bool with_past = false) {
  auto reader = store.open_chunk_reader();
  return reader->list_chunks({{alice, memory_store_kind::self_facts}, with_past}).value();
}

std::vector<memory_chunk> episodes(journal_store& store) {
  auto reader = store.open_chunk_reader();
  return reader->list_chunks({{alice, memory_store_kind::episodic}}).value();
}

std::vector<memory_audit> audit(journal_store& store, audit_filter filter = {}) {
  auto reader = store.open_chunk_reader();
  return reader->read_audit({"persona_1"}, std::nullopt, filter, 100, 0).value();
}

tool_call remember(std::string fact, std::string more = {}) {
  return call_of("remember", "r1", R"({"fact":")" + std::move(fact) + '"' + std::move(more) + '}');
}

tool_call forget(std::string fact) {
  return call_of("forget", "f1", R"({"fact":")" + std::move(fact) + "\"}");
}

std::string data_of_turn_event(chat_world& w, std::string_view type) {
  auto found = std::string{};
  for (const auto& append : w.store->read_run({w.messages().back().id.value}).value()) {
    for (const auto& event : events_of(append.body, {})) {
      if (event.type() == type)
        found = event_data_of(event.json());
    }
  }
  return found;
}

TEST_CASE("a fact that the user tells in a chat is kept, shown, and known in the next turn",
          "[actors][conversation][memory]") {
  chat_world w{remembering()};
  w.say("I sail the sloop Petrel.");
  w.model_answers(calls({remember("The user sails the sloop Petrel.")}));
  w.model_answers(says("Noted."));
  const auto kept = facts(*w.store);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].text == "The user sails the sloop Petrel.");
  CHECK(kept[0].provenance->source == memory_source::persona_self);
  CHECK(kept[0].provenance->written_by == "tool.remember");
  CHECK(kept[0].metadata.at("confidence") == "0.900");
  CHECK_THAT(data_of_turn_event(w, "memory_changed"),
             Contains(R"("action":"remembered","store":"self_facts")")
               && Contains(kept[0].provenance->logical_id) && Contains("Petrel"));
  w.say("Where is Petrel moored?");
  const auto& system = w.last_request().context.front()->content;
  CHECK_THAT(system.str(), Contains("The user sails the sloop Petrel.") && Contains("nonce="));
}

TEST_CASE("what is kept already is not kept twice, and a key replaces", "[actors][memory]") {
  chat_world w{remembering()};
  w.say("I sail the sloop Petrel.");
  w.model_answers(calls({remember("The user sails Petrel.")}));
  w.model_answers(calls({remember("the user sails petrel")}));
  CHECK_THAT(w.last_request().context.back()->content.str(), Contains("know this already"));
  w.model_answers(calls({remember("Home is berth 4.", R"(,"key":"home")")}));
  w.model_answers(calls({remember("Home is berth 7.", R"(,"key":"home")")}));
  CHECK(facts(*w.store).size() == 2);
  const auto all = facts(*w.store, true);
  REQUIRE(all.size() == 3);
  CHECK(all[2].text == "Home is berth 7.");
  CHECK(all[2].provenance->version == 2);
}

TEST_CASE("ST-04 what the policy refuses is not kept, and the model reads why",
          "[actors][memory]") {
  chat_world w{remembering()};
  w.say("Perhaps I sail.");
  w.model_answers(calls({remember("The user may sail.", R"(,"confidence":0.5)")}));
  CHECK_THAT(w.last_request().context.back()->content.str(),
             Contains("PersonaSelfWriteForbidden") && Contains("below threshold"));
  CHECK(facts(*w.store).empty());
  CHECK(audit(*w.store).empty());
  w.model_answers(says("All right."));
  CHECK(data_of_turn_event(w, "memory_changed").empty());
}

TEST_CASE("a fact is let go: found no more, its history stays", "[actors][memory]") {
  chat_world w{remembering()};
  w.say("I sail the sloop Petrel.");
  w.model_answers(calls({remember("The user sails the sloop Petrel.")}));
  w.model_answers(says("Noted."));
  w.say("Forget my boat.");
  w.model_answers(calls({forget("Petrel")}));
  CHECK(w.last_request().context.back()->content.str()
        == "Let go: The user sails the sloop Petrel.");
  CHECK(facts(*w.store).empty());
  CHECK(facts(*w.store, true).size() == 2);
  w.model_answers(calls({forget("Petrel")}));
  CHECK_THAT(w.last_request().context.back()->content.str(), Contains("Nothing was let go"));
  w.model_answers(says("Done."));
  CHECK_THAT(data_of_turn_event(w, "memory_changed"), Contains(R"("action":"forgotten")"));
  const auto events = audit(*w.store, {{}, {}, memory_source::persona_self, {}});
  CHECK(events.size() == 2);
}

TEST_CASE("what one user told is not known to another", "[actors][memory]") {
  auto options = remembering();
  chat_world w{options};
  w.say("I sail the sloop Petrel.");
  w.model_answers(calls({remember("The user sails the sloop Petrel.")}));
  w.model_answers(says("Noted."));
  auto reader = w.store->open_chunk_reader();
  const auto other = talk_scope({"persona_1"}, {"alice"}, "kari");
  CHECK(reader->list_chunks({{other, memory_store_kind::self_facts}}).value().empty());
  const auto shared = shared_scope({"persona_1"});
  CHECK(reader->list_chunks({{shared, memory_store_kind::self_facts}}).value().empty());
}

TEST_CASE("memory that is gone is a tool error, and the turn goes on", "[actors][memory]") {
  chat_world w{remembering()};
  w.say("I sail the sloop Petrel.");
  caf::anon_send_exit(w.actors.memories.at(0), caf::exit_reason::user_shutdown);
  w.settle();
  w.model_answers(calls({remember("The user sails the sloop Petrel.")}));
  CHECK_THAT(w.last_request().context.back()->content.str(), Contains("cannot be reached"));
  w.model_answers(says("Sorry."));
  CHECK(w.messages().back().status == message_status::complete);
  CHECK(facts(*w.store).empty());
}

TEST_CASE("a run keeps facts too, and shows them as its events", "[actors][run][memory]") {
  world w{remembering()};
  w.start();
  w.model_answers(calls({remember("The user sails the sloop Petrel.")}));
  w.model_answers(says("[FINAL] Noted."));
  CHECK(facts(*w.store).size() == 1);
  const auto changed = w.last<fact::memory_changed>();
  CHECK(changed.action == "remembered");
  CHECK(changed.step == step_index{0});
  CHECK(changed.text == "The user sails the sloop Petrel.");
}

TEST_CASE("AGT-17 a finished run leaves one episode with what it took", "[actors][run][memory]") {
  world w{remembering()};
  w.start();
  w.model_answers(calls({call_of("write"), call_of("search", "c2")}));
  w.tool_answers("write", result_of("done"));
  w.tool_answers("search", result_of("found"));
  w.model_answers(says("[FINAL] Berth 4."));
  const auto kept = episodes(*w.store);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].text == "TASK: Find a berth.\n\nOUTCOME: Berth 4.");
  CHECK(kept[0].metadata.at("source") == "agentic_run");
  CHECK(kept[0].metadata.at("run_id") == w.run.value);
  CHECK(kept[0].metadata.at("task") == "Find a berth.");
  CHECK(kept[0].metadata.at("tools_used") == "search,write");
  CHECK(kept[0].metadata.at("steps") == "2");
  CHECK(kept[0].metadata.at("status") == "completed");
  CHECK(kept[0].provenance->written_by == "agentic.run");
  CHECK(kept[0].provenance->source == memory_source::system);
}

TEST_CASE("AGT-11 a run that is cancelled before its first step leaves its episode",
          "[actors][run][memory]") {
  world w{remembering()};
  w.send_start();
  w.step(2);
  w.request_cancel();
  w.settle();
  CHECK(w.journalled().status == run_status::cancelled);
  CHECK(w.model->desk.open_count() == 0);
  const auto kept = episodes(*w.store);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].text == "TASK: Find a berth.\n\nOUTCOME: (no output)");
  CHECK(kept[0].metadata.at("status") == "cancelled");
  CHECK(kept[0].metadata.at("steps") == "0");
}

TEST_CASE("a run that ends with an error leaves no episode", "[actors][run][memory]") {
  world w{remembering()};
  w.start();
  w.model_answers(error_with(model_error_class::authentication, 401));
  CHECK(w.journalled().status == run_status::error);
  CHECK(episodes(*w.store).empty());
}

TEST_CASE("RT-03 the next run is reminded of the last one", "[actors][run][memory]") {
  world w{remembering()};
  w.start();
  w.model_answers(says("[FINAL] Berth 4 is free."));
  w.run = {"run_01JD0000000000000000000002"};
  w.start();
  CHECK(w.events()
        == texts{"started", "memory_recall", "memory_recall", "memory_recall", "memory_recall",
                 "thinking"});
  CHECK_THAT(w.last_request().context.front()->content.str(),
             Contains("OUTCOME: Berth 4 is free.") && Contains("nonce="));
  CHECK(w.last<fact::memory_recall>().count == 1);
}

TEST_CASE("AGT-18 the learned autonomy of the persona counts", "[actors][run][memory]") {
  auto options = remembering();
  options.store = make_memory_store();
  auto draft = memory_draft{};
  draft.text = "Decide more by yourself.";
  draft.metadata = {{"autonomy_level", "decisive"}};
  draft.ulid = "01JD0000000000000000000009";
  draft.logical_id = autonomy_chain;
  auto learned = memory_request{};
  learned.place = {alice, memory_store_kind::self_facts};
  learned.author.source = memory_source::user;
  learned.change = write_memory{{draft}};
  REQUIRE_FALSE(options.store->write_memory({&learned, 1}).value().at(0).refusal);
  world w{options};
  w.start();
  CHECK(w.journalled().questions_max == 1);  // its document says 5
}

TEST_CASE("memory that does not answer in time holds no run up", "[actors][run][memory]") {
  auto options = remembering();
  options.recall = [](const recall_request&, const auto&) { return true; };
  world w{options};
  w.start();
  CHECK(w.model->desk.open_count() == 0);
  w.advance(3s);
  CHECK(w.model->desk.open_count() == 1);
  CHECK(w.last<fact::memory_recall>().degraded == "unavailable");
}

TEST_CASE("BT-19 a turn pays for a summary and shows it as a tool's activity",
          "[actors][conversation]") {
  auto options = remembering();
  options.summarises = true;
  chat_world w{options};
  w.say("Shorten this.");
  w.model_answers(calls({call_of("text_summarize", "s1", R"({"text":"A long text of tides."})")}));
  CHECK_THAT(w.last_request().context.front()->content.str(), Contains("100 words"));
  CHECK(w.last_request().context.back()->content.view() == "A long text of tides.");
  CHECK(w.last_request().purpose == call_purpose::summary);
  w.model_answers(says("Tides."));
  CHECK(w.last_request().context.back()->content.view() == "Tides.");
  w.model_answers(says("Here it is."));
  CHECK(w.turn_events()
        == texts{"memory_recall", "memory_recall", "memory_recall", "memory_recall", "tool_calling",
                 "activity_start", "activity_end", "tool_result", "chunk", "done", "finished"});
  REQUIRE(w.logs().size() == 1);
  CHECK_THAT(w.logs()[0], Contains(R"("prompt_tokens":30,"completion_tokens":15)"));
}

TEST_CASE("TA-09 AU-01 what a tool did is audited in the commit of its result",
          "[actors][run][memory]") {
  world w{remembering()};
  w.start();
  w.model_answers(calls({call_of("write")}));
  auto result = result_of("Wrote 12 bytes.");
  result.metadata = {{"audit.action", "write"}, {"audit.resource", "out/a.md"}};
  w.tool_answers("write", result);
  w.model_answers(says("[FINAL] ok"));
  auto filter = audit_filter{};
  filter.store = audit_store::tool;
  const auto events = audit(*w.store, filter);
  REQUIRE(events.size() == 1);
  CHECK(events[0].action == audit_action::write);
  CHECK(events[0].scope == alice);
  CHECK(events[0].metadata.at("tool_name") == "write");
  CHECK(events[0].metadata.at("resource") == "out/a.md");
}

TEST_CASE("TURN-09 a turn leaves one episode and one log", "[actors][conversation]") {
  chat_world w{remembering()};
  w.say("Is berth 4 free?");
  w.model_streams("It ");
  CHECK(episodes(*w.store).empty());
  CHECK(w.logs().empty());
  w.model_answers(says("It is."));
  CHECK(episodes(*w.store).size() == 1);
  CHECK(w.logs().size() == 1);
}

TEST_CASE("FIX-09 a log that cannot be written costs the turn nothing", "[actors][conversation]") {
  auto options = world_options{};
  const auto writer = std::make_shared<jsonl_turn_log>(jsonl_options{"/proc/no/such/place"});
  options.turn_logs = writer;
  chat_world w{options};
  w.say("Is berth 4 free?");
  w.model_answers(says("It is."));
  CHECK(writer->report().dropped == 1);
  CHECK(w.messages()[1].status == message_status::complete);
  CHECK(w.messages()[1].content.view() == "It is.");
  CHECK(w.logs().size() == 1);  // as a row
  CHECK(w.say("And berth 5?").begun);
}

TEST_CASE("LOG-04 the log of a turn goes to its writer too, after its end is durable",
          "[actors][conversation]") {
  auto options = world_options{};
  const auto writer = std::make_shared<memory_turn_log>();
  options.turn_logs = writer;
  chat_world w{options};
  w.say("Is berth 4 free?");
  CHECK(writer->logs().empty());
  w.model_answers(says("It is."));
  REQUIRE(writer->logs().size() == 1);
  CHECK(writer->logs()[0].conversation_id == w.talk.value);
  auto line = std::string{};
  append_turn_log(line, writer->logs()[0]);
  CHECK(w.logs().at(0) == line);
}

}  // namespace
}  // namespace persona_runtime
