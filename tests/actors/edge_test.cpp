// The engine as HTTP sessions and embedding programs see it, on virtual time.

#include "api/edge/edge_backend.hpp"
#include "tests/actors/play.hpp"
#include "tests/support/noted_log.hpp"

namespace persona_runtime {
namespace {

using namespace test;
using testing::fault_store;

constexpr auto persona_text = R"(persona_id: clerk
schema_version: "1.0"
identity:
  name: Mira
  role: harbour clerk
  background: Keeps the berth book.
tools: [search, write]
)";

/// Notes what a viewer is told; acknowledges unless it is slow.
struct notebook final : run_viewer {
  std::vector<std::uint64_t> seqs;
  std::vector<std::string> types;
  std::vector<std::string> shown;  // types and deltas, in order of arrival
  std::vector<end> ends;
  std::unique_ptr<run_watch> watch;
  bool slow = false;

  void on_events(std::span<const run_event> events) override {
    for (const auto& e : events) {
      seqs.push_back(e.seq.value);
      types.emplace_back(e.type());
      shown.emplace_back(e.type());
    }
    if (!slow && watch)
      watch->ack({seqs.back() + 1});
  }
  void on_delta(step_index, const shared_text& data) override { shown.push_back(data.str()); }
  void on_end(end why) override { ends.push_back(why); }
};

struct edge_world : world {
  explicit edge_world(world_options o = {}) : world{std::move(o)} {
    auto services = edge_services{};
    services.tiers = [this] { return actors.board->now(); };
    services.new_run_id = [this] { return run_id{"run_" + std::to_string(++made)}; };
    services.tools_json = "[]";
    services.skills_json = "[]";
    services.not_ready_reason = [] { return std::string{}; };
    services.metrics_text = [] { return std::string{}; };
    api = std::make_unique<edge_backend>(actors.edges, std::move(services));
  }
  ~edge_world() { api.reset(); }
  edge_world(const edge_world&) = delete;
  edge_world& operator=(const edge_world&) = delete;

  /// Calls the backend and waits for its one answer.
  template <class T, class Call>
  result<T> ask(Call&& call) {
    auto got = std::make_shared<std::optional<result<T>>>();
    auto times = std::make_shared<int>(0);
    call(backend::on_done<T>{[got, times](result<T> r) {
      ++*times;
      *got = std::move(r);
    }});
    settle();
    for (auto i = 0; i < 100 && !*got; ++i)
      advance(std::chrono::milliseconds{100});
    REQUIRE(*times == 1);
    return std::move(**got);
  }
  void have_persona() {
    const auto made_one = ask<std::string>(
      [&](auto done) { api->create_persona(alice, {persona_text}, std::move(done)); });
    REQUIRE(made_one.has_value());
  }
  result<run_started> begin_run(run_request request) {
    request.persona = {"persona_1"};
    auto started = ask<run_started>(
      [&](auto done) { api->start_run(alice, std::move(request), std::move(done)); });
    if (started)
      run = started->run;
    return started;
  }
  run_request request(std::string task, std::string key = {}, std::string hash = {}) {
    auto r = run_request{};
    r.task = std::move(task);
    r.idempotency_key = std::move(key);
    r.request_hash = std::move(hash);
    return r;
  }
  std::shared_ptr<notebook> look(std::uint64_t from = 0, bool follow = true, bool text = true,
                                 bool slow = false) {
    auto viewer = std::make_shared<notebook>();
    viewer->slow = slow;
    api->watch_run(alice, {run, {from}, follow, text}, viewer,
                   [viewer](result<std::unique_ptr<run_watch>> got) {
                     REQUIRE(got.has_value());
                     viewer->watch = std::move(*got);
                   });
    settle();
    return viewer;
  }
  std::optional<errc> cancel_as(const caller& who) {
    const auto done = ask<void>([&](auto d) { api->cancel_run(who, run, "enough", std::move(d)); });
    return done ? std::nullopt : std::optional{done.error().code};
  }

  const caller alice{{"alice"}, false};
  const caller bob{{"bob"}, false};
  int made = 0;
  std::unique_ptr<edge_backend> api;
};

TEST_CASE_METHOD(edge_world, "a run is started, shown, listed and deleted", "[actors][edge]") {
  have_persona();
  const auto started = begin_run(request("Find a berth."));
  REQUIRE(started.has_value());
  CHECK(started->run == run_id{"run_1"});
  CHECK(started->status_json.find(R"("status":"running")") != std::string::npos);
  const auto remove = [&](const caller& who) {
    return ask<void>([&](auto d) { api->delete_run(who, run, std::move(d)); });
  };
  CHECK(remove(alice).error().code == errc::run_active);
  REQUIRE(play(*this));
  const auto shown =
    ask<std::string>([&](auto d) { api->show_run(alice, run, std::move(d)); }).value();
  CHECK(shown.find(R"("status":"completed")") != std::string::npos);
  CHECK(shown.find(R"("output":"Berth 4 is yours.")") != std::string::npos);
  const auto listed =
    ask<std::string>([&](auto d) { api->list_runs(alice, {}, std::move(d)); }).value();
  CHECK(listed.starts_with(R"({"items":[{"id":"run_1")"));
  CHECK(listed.ends_with(R"("next_cursor":null})"));
  auto by_owner = usage_filter{};
  by_owner.by_persona = by_owner.by_day = by_owner.by_model = false;
  const auto used =
    ask<std::string>([&](auto d) { api->show_usage(by_owner, std::move(d)); }).value();
  CHECK(used.starts_with(R"({"items":[{"owner":"alice","model_calls":)"));
  CHECK(used.find(R"("total":{"model_calls":)") != std::string::npos);
  CHECK(used.ends_with(R"("next_offset":null})"));
  CHECK(remove(bob).error().code == errc::run_not_found);
  CHECK(remove(alice).has_value());
  CHECK(ask<std::string>([&](auto d) { api->show_run(alice, run, std::move(d)); }).error().code
        == errc::run_not_found);
}

TEST_CASE_METHOD(edge_world, "a persona keeps its avatar, in lists too", "[actors][edge]") {
  const auto url = std::string{"https://faces.example/mira.png"};
  const auto made = ask<std::string>([&](auto d) {
    api->create_persona(alice, {persona_text, url}, std::move(d));
  });
  REQUIRE(made.has_value());
  CHECK(made->find(R"("avatar_url":")" + url + '"') != std::string::npos);
  const auto listed =
    ask<std::string>([&](auto d) { api->list_personas(alice, 50, 0, std::move(d)); }).value();
  CHECK(listed.find(R"("avatar_url":")" + url + '"') != std::string::npos);
  const auto plain = ask<std::string>([&](auto d) {
    api->create_persona(alice, {persona_text, {}}, std::move(d));
  });
  CHECK(plain.value().find(R"("avatar_url":null)") != std::string::npos);
}

TEST_CASE_METHOD(edge_world, "lists are pages, and other owners' runs are not in them",
                 "[actors][edge]") {
  have_persona();
  for (auto i = 0; i < 3; ++i)
    REQUIRE(begin_run(request("Task " + std::to_string(i))).has_value());
  auto query = run_query{};
  query.limit = 2;
  const auto page =
    ask<std::string>([&](auto d) { api->list_runs(alice, query, std::move(d)); }).value();
  CHECK(page.find("run_3") < page.find("run_2"));
  CHECK(page.find("run_1") == std::string::npos);
  CHECK(page.ends_with(R"("next_cursor":"2"})"));
  query.before = 2;
  const auto rest =
    ask<std::string>([&](auto d) { api->list_runs(alice, query, std::move(d)); }).value();
  CHECK(rest.find("run_1") != std::string::npos);
  CHECK(rest.ends_with(R"("next_cursor":null})"));
  CHECK(ask<std::string>([&](auto d) { api->list_runs(bob, {}, std::move(d)); }).value()
        == R"({"items":[],"next_cursor":null})");
}

TEST_CASE_METHOD(edge_world, "the same key and body give the same run, another body does not",
                 "[actors][edge]") {
  have_persona();
  const auto first = begin_run(request("x", "key", "hash"));
  REQUIRE(first.has_value());
  const auto again = begin_run(request("x", "key", "hash"));
  REQUIRE(again.has_value());
  CHECK(again->run == first->run);
  const auto other = begin_run(request("y", "key", "other hash"));
  CHECK(other.error().code == errc::idempotency_key_reused);
  CHECK(actors.counters->runs_started == 1);
}

TEST_CASE_METHOD(edge_world, "two requests with one key at once start one run", "[actors][edge]") {
  have_persona();
  auto runs = std::vector<std::string>{};
  for (auto i = 0; i < 2; ++i) {
    auto wanted = request("x", "key", "hash");
    wanted.persona = {"persona_1"};
    api->start_run(alice, wanted, [&](result<run_started> r) {
      REQUIRE(r.has_value());
      runs.push_back(r->run.value);
    });
  }
  settle();
  REQUIRE(runs.size() == 2);
  CHECK(runs[0] == runs[1]);
  CHECK(actors.counters->runs_started == 1);
}

TEST_CASE_METHOD(edge_world, "a cancel is answered by the end; afterwards it is a conflict",
                 "[actors][edge]") {
  have_persona();
  REQUIRE(begin_run(request("x")).has_value());
  CHECK(cancel_as(bob) == errc::run_not_found);
  CHECK_FALSE(cancel_as(alice));
  CHECK(view().status == run_status::cancelled);
  CHECK(last<fact::cancelled>().reason == "enough");
  CHECK(cancel_as(alice) == errc::run_not_active);
  REQUIRE(begin_run(request("y")).has_value());
  model_answers(says("[FINAL] done"));
  CHECK(cancel_as(alice) == errc::run_not_active);
  run = {"run_unheard_of"};
  CHECK(cancel_as(alice) == errc::run_not_found);
}

TEST_CASE("a cancel that cannot be committed is journal_unavailable", "[actors][edge]") {
  auto store = std::make_shared<fault_store>(make_memory_store());
  const auto plan = store->plan();
  auto options = world_options{};
  options.store = store;
  edge_world w{options};
  w.have_persona();
  REQUIRE(w.begin_run(w.request("x")).has_value());
  plan->fail_all(true);
  CHECK(w.cancel_as(w.alice) == errc::journal_unavailable);
  plan->fail_all(false);
  w.advance(std::chrono::seconds{2});
  CHECK(w.view().status == run_status::cancelled);
}

TEST_CASE_METHOD(edge_world, "a question that nobody answers is given up after eight seconds",
                 "[actors][edge]") {
  const auto silent = sys.spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {[self](const show_run&) { return self->make_response_promise<json_text>(); }};
  });
  auto peers = edge_peers{};
  peers.archive = caf::actor_cast<archive_actor>(silent);
  const auto edge = sys.spawn(edge_behavior, peers);
  auto asking = edge_backend{{edge}, edge_services{}};
  auto answers = std::vector<result<std::string>>{};
  asking.show_run(alice, {"run_1"}, [&](result<std::string> r) { answers.push_back(r); });
  settle();
  for (auto i = 0; i < 80; ++i)
    advance(std::chrono::milliseconds{100});
  CHECK(answers.empty());
  for (auto i = 0; i < 3; ++i)
    advance(std::chrono::milliseconds{100});
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].error().code == errc::journal_unavailable);
  caf::anon_send_exit(edge, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
  settle();
}

TEST_CASE_METHOD(edge_world, "an answer reaches the question; without one it is a conflict",
                 "[actors][edge]") {
  have_persona();
  REQUIRE(begin_run(request("x")).has_value());
  const auto respond = [&](std::optional<std::string> question) {
    const auto r = ask<void>(
      [&](auto d) { api->answer_run(alice, run, "Here.", std::move(question), std::move(d)); });
    return r ? std::nullopt : std::optional{r.error().code};
  };
  CHECK(respond({}) == errc::not_awaiting_user);
  model_answers(says("[ASK_USER] Where?"));
  CHECK(respond("q_7") == errc::not_awaiting_user);
  CHECK_FALSE(respond("q_0"));
  CHECK(last_request().context.back()->content.view() == "Here.");
  model_answers(says("[FINAL] x"));
  CHECK(respond({}) == errc::not_awaiting_user);
}

TEST_CASE_METHOD(edge_world, "what cannot be started says why", "[actors][edge]") {
  CHECK(begin_run(request("x")).error().code == errc::persona_not_found);
  have_persona();
  auto dear = request("x");
  dear.max_cost_cents = 5.0;
  CHECK(begin_run(dear).has_value());

  auto unpriced = world_options{};
  unpriced.tiers.at(1).second.at(0).price.reset();
  edge_world other{unpriced};
  other.have_persona();
  const auto refused = other.begin_run(dear);  // D-27
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == errc::validation_error);
  CHECK(refused.error().detail.find("mid-model") != std::string::npos);

  auto modelless = world_options{};
  modelless.tiers.clear();
  edge_world none{modelless};
  CHECK(none.begin_run(none.request("x")).error().code == errc::model_unavailable);
}

TEST_CASE("the log tells refusals, failed calls and ends; not what was said", "[actors][log]") {
  const auto log = std::make_shared<noted_log>();
  auto options = world_options{};
  options.supervisor.runs_live_max = 1;
  options.supervisor.runs_queued_max = 0;
  options.log = log;
  edge_world w{options};
  w.have_persona();
  REQUIRE(w.begin_run(w.request("a private matter")).has_value());
  const auto id = w.run.value;
  CHECK(w.begin_run(w.request("another one")).error().code == errc::overloaded);
  const auto refused = log->saying("run refused");
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].level == log_level::warning);
  CHECK(refused[0].fields.find("error=overloaded") == 0);

  auto error = model_error{};
  error.kind = model_error_class::authentication;
  error.status = 401;
  error.detail = "the key sk-1234 is wrong";
  w.model_answers(error);
  const auto failed = log->saying("model call failed");
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].fields
        == "run_id=" + id + " step=0 tier=frontier model=anthropic/frontier-model error="
             + std::string{class_name(error.kind)} + " status=401 then=the call fails");
  const auto ended = log->saying("run ended");
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].level == log_level::info);
  CHECK(ended[0].fields == "run_id=" + id + " status=error");
  for (const auto& line : log->lines()) {
    CHECK(line.fields.find("sk-1234") == std::string::npos);
    CHECK(line.fields.find("private") == std::string::npos);
  }
}

TEST_CASE("the log says once that the journal fails, and once that it works again",
          "[actors][log]") {
  const auto log = std::make_shared<noted_log>();
  auto store = std::make_shared<fault_store>(make_memory_store());
  const auto plan = store->plan();
  auto options = world_options{};
  options.store = store;
  options.log = log;
  edge_world w{options};
  w.have_persona();
  REQUIRE(w.begin_run(w.request("x")).has_value());
  plan->fail_all(true);
  w.model_answers(says("[FINAL] done"));
  w.advance(std::chrono::seconds{5});
  const auto said = log->saying("the journal cannot be written; runs pause until it can");
  REQUIRE(said.size() == 1);
  CHECK(said[0].level == log_level::error);
  plan->fail_all(false);
  w.advance(std::chrono::seconds{2});
  CHECK(log->saying("the journal can be written again").size() == 1);
  CHECK(w.view().status == run_status::completed);
}

TEST_CASE_METHOD(edge_world, "a deadline that was asked for ends the run", "[actors][edge]") {
  have_persona();
  auto quick = request("x");
  quick.deadline_s = 1.5;
  REQUIRE(begin_run(quick).has_value());
  advance(std::chrono::milliseconds{1'700});
  CHECK(view().status == run_status::budget_exhausted);
}

TEST_CASE_METHOD(edge_world, "D-17 a viewer gets every event once and in order, then finished",
                 "[actors][edge]") {
  have_persona();
  REQUIRE(begin_run(request("x")).has_value());
  const auto early = look();
  const auto second = look();
  play_once(*this);
  const auto late = look();
  REQUIRE(play(*this));
  const auto after = look(4);
  for (const auto& viewer : {early, second, late}) {
    CHECK(viewer->types == events());
    for (auto i = std::size_t{0}; i < viewer->seqs.size(); ++i)
      CHECK(viewer->seqs[i] == i);
    CHECK(viewer->ends == std::vector{run_viewer::end::finished});
  }
  CHECK(after->seqs.front() == 4);
  CHECK(after->types.back() == "finished");
  CHECK(after->ends == std::vector{run_viewer::end::finished});
  CHECK(look(99)->ends == std::vector{run_viewer::end::finished});
  CHECK(actors.counters->viewers == 0);
}

TEST_CASE("a viewer over a small ring pages and misses nothing", "[actors][edge]") {
  auto options = world_options{};
  options.stream = {2, 3, 10};
  edge_world w{options};
  w.have_persona();
  REQUIRE(w.begin_run(w.request("x")).has_value());
  REQUIRE(play(w));
  const auto viewer = w.look();
  CHECK(viewer->types == w.events());
  CHECK(viewer->ends == std::vector{run_viewer::end::finished});
}

TEST_CASE("FIX-06 a viewer that stops reading is cut off; the run goes on, and all can be read",
          "[actors][edge]") {
  auto options = world_options{};
  options.stream = {2, 3, 10};
  edge_world w{options};
  w.have_persona();
  REQUIRE(w.begin_run(w.request("x")).has_value());
  const auto slow = w.look(0, true, true, true);
  REQUIRE(play(w));
  CHECK(w.view().status == run_status::completed);
  CHECK(slow->ends.size() <= 1);
  CHECK(slow->seqs.size() <= 3);
  const auto later = w.look(slow->seqs.back() + 1);
  CHECK(slow->seqs.size() + later->seqs.size() == w.events().size());
  CHECK(later->types.back() == "finished");
}

TEST_CASE("FIX-06 a viewer too many is refused before it is shown anything", "[actors][edge]") {
  auto options = world_options{};
  options.stream.viewers_max = 2;
  edge_world w{options};
  w.have_persona();
  REQUIRE(w.begin_run(w.request("x")).has_value());
  auto first = w.look();
  const auto second = w.look();
  const auto third = std::make_shared<notebook>();
  const auto join = [&] {
    return w.ask<std::unique_ptr<run_watch>>([&](auto d) {
      w.api->watch_run(w.alice, {w.run, {0}, true, true}, third, std::move(d));
    });
  };
  const auto refused = join();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == errc::overloaded);
  CHECK(third->shown.empty());
  CHECK(third->ends.empty());
  first->watch.reset();
  w.settle();
  const auto joined = join();
  CHECK(joined.has_value());
  CHECK(third->types == second->types);
}

TEST_CASE_METHOD(edge_world, "a viewer of what there is now ends when it has it",
                 "[actors][edge]") {
  have_persona();
  REQUIRE(begin_run(request("x")).has_value());
  const auto now = look(0, false);
  CHECK(now->types == events());
  CHECK(now->ends == std::vector{run_viewer::end::up_to_date});
}

TEST_CASE_METHOD(edge_world, "live text comes between thinking and what follows it",
                 "[actors][edge]") {
  have_persona();
  REQUIRE(begin_run(request("x")).has_value());
  const auto viewer = look();
  const auto sink = last_request().sink;
  REQUIRE(sink);
  sink->on_text("[FINAL] Ber");
  settle();
  sink->on_text("th 4");
  settle();
  const auto late = look();
  model_answers(says("[FINAL] Berth 4"));
  CHECK(viewer->shown
        == std::vector<std::string>{"started", "thinking", R"({"text":"Ber","snapshot":true})",
                                    R"({"text":"th 4"})", "completed", "finished"});
  CHECK(late->shown
        == std::vector<std::string>{"started", "thinking", R"({"text":"Berth 4","snapshot":true})",
                                    "completed", "finished"});
}

TEST_CASE_METHOD(edge_world, "a viewer that leaves is forgotten", "[actors][edge]") {
  have_persona();
  REQUIRE(begin_run(request("x")).has_value());
  const auto viewer = look();
  const auto seen = viewer->seqs.size();
  viewer->watch.reset();
  settle();
  REQUIRE(play(*this));
  CHECK(viewer->seqs.size() == seen);
  CHECK(viewer->ends.empty());
}

TEST_CASE_METHOD(edge_world, "watching a run that is not his, or none", "[actors][edge]") {
  have_persona();
  REQUIRE(begin_run(request("x")).has_value());
  const auto watch_as = [&](const caller& who, run_id which) {
    return ask<std::unique_ptr<run_watch>>([&](auto done) {
             api->watch_run(who, {std::move(which), {}, true, true}, std::make_shared<notebook>(),
                            std::move(done));
           })
      .error()
      .code;
  };
  CHECK(watch_as(bob, run) == errc::run_not_found);
  CHECK(watch_as(alice, {"run_unheard_of"}) == errc::run_not_found);
}

TEST_CASE_METHOD(edge_world, "personas are kept, shown and removed, not while a run uses them",
                 "[actors][edge]") {
  have_persona();
  CHECK(ask<std::string>([&](auto d) { api->show_persona(alice, {"persona_1"}, std::move(d)); })
          .value()
          .find("harbour clerk")
        != std::string::npos);
  CHECK(ask<std::string>([&](auto d) { api->show_persona(bob, {"persona_1"}, std::move(d)); })
          .error()
          .code
        == errc::persona_not_found);
  REQUIRE(begin_run(request("x")).has_value());
  const auto remove = [&] {
    return ask<void>([&](auto d) { api->delete_persona(alice, {"persona_1"}, std::move(d)); });
  };
  CHECK(remove().error().code == errc::persona_in_use);
  CHECK_FALSE(cancel_as(alice));
  CHECK(remove().has_value());
  CHECK(ask<std::string>([&](auto d) { api->list_personas(alice, 50, 0, std::move(d)); }).value()
        == "[]");
  CHECK(ask<std::string>([&](auto d) { api->create_persona(alice, {"a: [}"}, std::move(d)); })
          .error()
          .detail.starts_with("["));
  CHECK(ask<void>([&](auto d) { api->check_health(std::move(d)); }).has_value());
}

TEST_CASE_METHOD(edge_world, "when the engine stops viewers are told", "[actors][edge]") {
  have_persona();
  REQUIRE(begin_run(request("x")).has_value());
  const auto viewer = look();
  actors.stop();
  settle();
  CHECK(viewer->ends == std::vector{run_viewer::end::shut_down});
}

}  // namespace
}  // namespace persona_runtime
