#include "actors/journal_actor.hpp"
#include "actors/memory_actor.hpp"
#include "messages/table.hpp"
#include "providers/embed/hashed_embedder.hpp"
#include "providers/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/memory_samples.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>

using namespace persona_runtime;
using namespace persona_runtime::testing;
using namespace std::chrono_literals;

namespace {

const auto her_episodes = memory_place{kari, memory_store_kind::episodic};

/// An endpoint that answers when the test says so.
class slow_embedder final : public embedder {
public:
  struct asked {
    std::vector<std::string> texts;
    embeddings_callback done;
    std::shared_ptr<bool> cancelled = std::make_shared<bool>(false);
  };
  class call final : public pending_call {
  public:
    explicit call(std::shared_ptr<bool> cancelled) : cancelled_{std::move(cancelled)} {}
    void cancel() noexcept override { *cancelled_ = true; }

  private:
    std::shared_ptr<bool> cancelled_;
  };

  explicit slow_embedder(std::string name) : name_{std::move(name)} {}
  const std::string& name() const override { return name_; }
  std::size_t texts_max() const override { return 2; }
  bool is_immediate() const override { return false; }
  std::unique_ptr<pending_call> encode(std::vector<std::string> texts, std::chrono::milliseconds,
                                       embeddings_callback done) override {
    calls.push_back({std::move(texts), std::move(done)});
    return std::make_unique<call>(calls.back().cancelled);
  }

  /// Answers the oldest call.
  void answer() {
    auto one = std::move(calls.front());
    calls.erase(calls.begin());
    auto out = embeddings{};
    for (const auto& text : one.texts)
      out.push_back(hashed_vector(text));
    one.done(std::move(out));
  }
  void fail() {
    auto one = std::move(calls.front());
    calls.erase(calls.begin());
    one.done(failure{errc::model_unavailable, "the test's endpoint fails"});
  }

  std::vector<asked> calls;

private:
  std::string name_;
};

struct test_settings : caf::actor_system_config {
  test_settings() {
    set("scheduler.policy", caf::atom("testing"));
    announce_messages(*this);
  }
};

/// Journal and memory on one thread and on virtual time.
struct memory_world {
  explicit memory_world(
    std::shared_ptr<embedder> embeds,
    std::shared_ptr<fault_store> kept = std::make_shared<fault_store>(make_memory_store()))
    : store{std::move(kept)} {
    journal = sys.spawn(journal_behavior, std::shared_ptr<journal_store>{store},
                        std::make_shared<engine_counters>(), quiet_log(), spending_ptr{},
                        persona_epoch_ptr{}, usage_inbox_ptr{}, filled_scopes_ptr{});
    auto deps = memory_deps{};
    deps.journal = journal;
    deps.store = store;
    deps.counters = counters;
    deps.embeds = std::move(embeds);
    deps.make_index = make_exact_index;
    deps.now = [] { return memory_noon; };
    memory = sys.spawn(memory_behavior, std::move(deps));
    sched.run();
  }
  ~memory_world() {
    caf::anon_send_exit(memory, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
    sched.run();
  }

  void advance(std::chrono::milliseconds by) {
    sched.advance_time(by);
    sched.run();
  }
  memory_outcome change(memory_change what, const memory_place& place = her_episodes) {
    auto out = memory_outcome{};
    const auto request = memory_request{place, by(memory_source::user), std::move(what)};
    auto asked = me->request(journal, caf::infinite, change_memory{{request}});
    sched.run();
    asked.receive([&](memory_written& got) { out = got.outcomes.at(0); },
                  [](const caf::error&) { FAIL("the journal refused"); });
    return out;
  }
  memory_outcome add(const std::string& text) { return change(write_memory{{a_draft(text)}}); }
  /// Asks; the answer may take its time.
  void ask(const std::string& text) {
    me->send(memory, ask_memory{recall_request{kari, text}});
    sched.run();
  }
  /// The answer that is there; none yet.
  std::optional<recalled_memory> answered() {
    auto out = std::optional<recalled_memory>{};
    if (me->has_next_message())
      me->receive([&](memory_answer& got) { out = std::move(got.what); });
    return out;
  }
  recalled_memory recall(const std::string& text) {
    ask(text);
    auto got = answered();
    REQUIRE(got.has_value());
    return *got;
  }
  std::size_t waiting() { return store->open_chunk_reader()->read_waiting(100).value().size(); }

  test_settings config;
  caf::actor_system sys{config};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  caf::scoped_actor me{sys};
  std::shared_ptr<engine_counters> counters = std::make_shared<engine_counters>();
  std::shared_ptr<fault_store> store;
  journal_actor journal;
  memory_actor memory;
};

}  // namespace

TEST_CASE("what indexes take is shown as long as they are there", "[actors][memory]") {
  auto w = memory_world{make_hashed_embedder()};
  CHECK(w.counters->memory_index_bytes == 0);
  w.add("her boat is called Havørn");
  (void)w.recall("what is the boat called");
  const auto one = w.counters->memory_index_bytes.load();
  CHECK(one > 0);
  w.add("her dog is called Bamse");
  CHECK(w.counters->memory_index_bytes > one);
  caf::anon_send_exit(w.memory, caf::exit_reason::user_shutdown);
  w.sched.run();
  CHECK(w.counters->memory_index_bytes == 0);
}

TEST_CASE("what was written is remembered by the next question", "[actors][memory]") {
  auto w = memory_world{make_hashed_embedder()};
  CHECK(w.recall("boat").episodic.empty());
  w.add("my boat is red");
  const auto got = w.recall("boats");
  CHECK_FALSE(got.degraded);
  REQUIRE(got.episodic.size() == 1);
  CHECK(got.episodic[0].text == "my boat is red");
  // A moment later the vector is in the store too, with its embedder, and nothing waits any more.
  w.advance(1s);
  CHECK(w.waiting() == 0);
  CHECK(w.store->open_chunk_reader()
          ->read_heads(her_episodes, "hashed-1/256", 0, 1)
          .value()
          .at(0)
          .vector.size()
        == hashed_dimension);
}

TEST_CASE("Q-03 QX-02 a hundred turns at once leave a hundred episodes", "[actors][memory]") {
  auto w = memory_world{make_hashed_embedder()};
  for (auto i = 0; i < 100; ++i) {
    const auto request = memory_request{her_episodes, by(memory_source::system),
                                        write_memory{{a_draft("turn " + std::to_string(i))}}};
    w.me->send(w.journal, change_memory{{request}});
  }
  w.sched.run();
  CHECK(w.store->open_chunk_reader()->read_heads(her_episodes, "", 0, 1'000).value().size() == 100);
}

TEST_CASE("an endpoint in time is used, one that is late is not waited for", "[actors][memory]") {
  auto remote = std::make_shared<slow_embedder>("http/m");
  auto w = memory_world{remote};
  w.add("my boat is red");
  REQUIRE(remote->calls.size() == 1);  // of the queue
  remote->answer();
  w.sched.run();
  CHECK(w.waiting() == 0);

  w.ask("boats");
  CHECK_FALSE(w.answered().has_value());
  w.advance(299ms);
  CHECK_FALSE(w.answered().has_value());
  remote->answer();
  w.sched.run();
  auto got = w.answered();
  REQUIRE(got.has_value());
  CHECK_FALSE(got->degraded);
  CHECK(got->episodic.size() == 1);

  w.ask("boat");
  const auto cancelled = remote->calls.at(0).cancelled;
  w.advance(300ms);
  got = w.answered();
  REQUIRE(got.has_value());
  CHECK(got->degraded);
  CHECK(got->episodic.size() == 1);  // by the word
  CHECK(*cancelled);
  remote->answer();  // late: dropped
  w.sched.run();
  CHECK_FALSE(w.answered().has_value());

  w.ask("boat");
  remote->fail();
  w.sched.run();
  CHECK(w.answered()->degraded);
}

TEST_CASE("chunks are stored at once; vectors follow, also after failures", "[actors][memory]") {
  auto remote = std::make_shared<slow_embedder>("http/m");
  auto w = memory_world{remote};
  for (const auto* text : {"one boat", "two boats", "three boats"})
    w.add(text);
  CHECK(w.waiting() == 3);
  REQUIRE(remote->calls.size() == 1);  // one batch at a time
  remote->fail();
  w.sched.run();
  CHECK(remote->calls.empty());
  w.advance(5s);
  REQUIRE(remote->calls.size() == 1);
  CHECK(remote->calls[0].texts.size() == 2);  // as many as it takes at once
  remote->answer();
  w.sched.run();
  CHECK(w.waiting() == 1);
  REQUIRE(remote->calls.size() == 1);
  remote->answer();
  w.sched.run();
  CHECK(w.waiting() == 0);
  CHECK(remote->calls.empty());
}

TEST_CASE("a store that fails keeps the queue waiting, not the questions", "[actors][memory]") {
  auto remote = std::make_shared<slow_embedder>("http/m");
  auto w = memory_world{remote};
  w.add("my boat is red");
  w.store->plan()->fail_all(true);
  remote->answer();  // its vector cannot be kept
  w.sched.run();
  w.ask("boat");
  w.advance(300ms);
  const auto got = w.answered();
  REQUIRE(got.has_value());
  CHECK(got->missing.size() == 4);
  w.store->plan()->fail_none();
  w.advance(5s);
  while (!remote->calls.empty()) {
    remote->answer();
    w.sched.run();
  }
  CHECK(w.waiting() == 0);
}

TEST_CASE("another embedder: everything waits again and is done anew", "[actors][memory]") {
  auto store = std::make_shared<fault_store>(make_memory_store());
  {
    auto w = memory_world{make_hashed_embedder(), store};
    w.add("one boat");
    w.add("two boats");
    w.advance(1s);
    CHECK(w.waiting() == 0);
  }
  auto remote = std::make_shared<slow_embedder>("http/m");
  auto w = memory_world{remote, store};
  REQUIRE(remote->calls.size() == 1);
  remote->answer();
  w.sched.run();
  CHECK(w.waiting() == 0);
  const auto reader = store->open_chunk_reader();
  CHECK(reader->read_heads(her_episodes, "http/m", 0, 9).value().at(1).vector.size()
        == hashed_dimension);
  CHECK(reader->read_heads(her_episodes, "hashed-1/256", 0, 9).value().at(1).vector.empty());
}

TEST_CASE("a purge through the journal empties the indexes", "[actors][memory]") {
  auto w = memory_world{make_hashed_embedder()};
  w.add("my secret");
  REQUIRE(w.recall("secret").episodic.size() == 1);
  auto purged = memory_purged{};
  auto asked =
    w.me->request(w.journal, caf::infinite,
                  purge_memory{{reef, owner_id{"ops"}, std::string{"kari"}, {}, memory_noon}});
  w.sched.run();
  asked.receive([&](const memory_purged& got) { purged = got; },
                [](const caf::error&) { FAIL("the journal refused"); });
  CHECK(purged == memory_purged{1, 1});
  CHECK(w.recall("secret").episodic.empty());
}

TEST_CASE("D-16 an episode that rides with a run's append is remembered", "[actors][memory]") {
  auto w = memory_world{make_hashed_embedder()};
  auto append = journal_append{};
  append.run = {"run_1"};
  append.records = 1;
  append.body = shared_text{"{}\n"};
  append.row = run_row{};
  append.row->run = append.run;
  append.memory = {memory_request{her_episodes, by(memory_source::system),
                                  write_memory{{a_draft("TASK: count the berths")}}}};
  w.me->send(w.journal, append_records{append});
  w.sched.run();
  while (w.me->has_next_message())
    w.me->receive(caf::others >>
                    [](caf::message_view&) -> caf::result<caf::message> { return caf::message{}; });
  CHECK(w.recall("berths").episodic.size() == 1);
}

TEST_CASE("whoever is no actor asks too, and is answered whatever happens", "[actors][memory]") {
  auto w = memory_world{make_hashed_embedder()};
  w.add("my boat is red");
  auto got = std::vector<recalled_memory>{};
  const auto keep = [&got](recalled_memory memory, std::optional<learned_autonomy>) {
    got.push_back(std::move(memory));
  };
  recall_from(w.sys, {w.memory}, recall_request{kari, "boat"}, 2s, keep);
  w.sched.run();
  REQUIRE(got.size() == 1);
  CHECK(got[0].episodic.size() == 1);
  recall_from(w.sys, {}, recall_request{kari, "boat"}, 2s, keep);
  REQUIRE(got.size() == 2);
  CHECK(got[1].missing.size() == 4);

  auto remote = std::make_shared<slow_embedder>("http/m");
  auto slow = memory_world{remote};
  recall_from(slow.sys, {slow.memory}, recall_request{kari, "boat"}, 200ms, keep);
  slow.sched.run();
  slow.advance(200ms);
  REQUIRE(got.size() == 3);
  CHECK(got[2].missing.size() == 4);
}

TEST_CASE("a persona has the same memory actor on every start", "[actors][memory]") {
  CHECK(memory_shard({"persona_1"}, 0) == 0);
  CHECK(memory_shard({"persona_1"}, 1) == 0);
  auto used = std::vector<int>(4, 0);
  for (auto i = 0; i < 400; ++i)
    ++used.at(memory_shard({"persona_" + std::to_string(i)}, 4));
  CHECK(std::ranges::min(used) > 50);
}
