// Personas that change while they are stored.

#include "api/edge/edge_backend.hpp"
#include "domain/event/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace persona_runtime {
namespace {

using namespace test;

constexpr auto first_text = R"(persona_id: clerk
identity:
  name: Mira
  role: harbour clerk
  background: Keeps the berth book.
)";

constexpr auto other_text = R"(persona_id: clerk
identity:
  name: Odd
  role: berth clerk
  background: Keeps the berths.
)";

world_options with_tools() {
  auto options = world_options{};
  options.tools = {a_tool("pay"), a_tool("search"), a_tool("write")};
  auto knots = skill{};
  knots.name = "knots";
  knots.description = "Ties knots.";
  knots.content = shared_text{"HOW TO TIE"};
  knots.alone = {knots.content, 3, true};
  knots.trust = skill_trust::third_party;
  knots.source = "untrusted";
  knots.content_hash = std::string(64, 'a');
  auto shelf = skill_shelf{};
  shelf.by_id.emplace("knots", std::make_shared<const skill>(std::move(knots)));
  options.skills = std::make_shared<const skill_shelf>(std::move(shelf));
  return options;
}

struct edit_world : world {
  edit_world() : world{with_tools()} {
    auto services = edge_services{};
    services.tiers = [this] { return actors.board->now(); };
    services.new_run_id = [this] { return run_id{"run_" + std::to_string(++made)}; };
    api = std::make_unique<edge_backend>(actors.edges, std::move(services));
    advance(std::chrono::seconds{1});  // rows of the year 1970 count as none
    const auto stored = ask<std::string>(
      [&](auto done) { api->create_persona(alice, {first_text}, std::move(done)); });
    REQUIRE(stored.has_value());
  }
  ~edit_world() { api.reset(); }
  edit_world(const edit_world&) = delete;
  edit_world& operator=(const edit_world&) = delete;

  /// Calls the backend and waits for its answer.
  template <class T, class Call>
  result<T> ask(Call&& call) {
    auto got = std::make_shared<std::optional<result<T>>>();
    call(backend::on_done<T>{[got](result<T> r) { *got = std::move(r); }});
    settle();
    REQUIRE(got->has_value());
    return std::move(**got);
  }
  result<std::string> edit(persona_edit what, std::optional<caller> who = {}) {
    return ask<std::string>([&](auto d) {
      api->edit_persona(who.value_or(alice), {"persona_1"}, std::move(what), std::move(d));
    });
  }
  std::string detail() {
    return ask<std::string>([&](auto d) { api->show_persona(alice, {"persona_1"}, std::move(d)); })
      .value();
  }
  std::string listed() {
    return ask<std::string>([&](auto d) { api->list_personas(alice, 50, 0, std::move(d)); })
      .value();
  }
  /// The hash of what a new run begins with.
  std::string setup_of_new_run() {
    auto wanted = run_request{};
    wanted.persona = {"persona_1"};
    wanted.task = "Find a berth.";
    const auto begun = ask<run_started>(
      [&](auto done) { api->start_run(alice, std::move(wanted), std::move(done)); });
    return setup_of(begun.value().run);
  }
  std::string setup_of(const run_id& begun) {
    const auto journal = store->read_run(begun);
    const auto records = decode_body(journal->front().body.view());
    return std::get<fact::accepted>(records->front().body).spec->setup_hash;
  }
  static persona_edit document(std::string yaml) { return {std::move(yaml), {}, {}, {}, {}}; }

  const caller alice{{"alice"}, false};
  const caller bob{{"bob"}, false};
  int made = 0;
  std::unique_ptr<edge_backend> api;
};

persona_edit answer_to_knots(std::optional<bool> granted, char hash = 'a') {
  auto edit = persona_edit{};
  edit.skill_consent = persona_edit::skill_answer{"knots", std::string(64, hash), granted};
  return edit;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE_METHOD(edit_world, "an edit replaces a persona's document, a wrong one changes nothing",
                 "[actors][edge]") {
  const auto before = detail();
  const auto wrong = edit(document("identity:\n  name: Odd\n  rolle: clerk\n"));
  CHECK(wrong.error().code == errc::validation_error);
  CHECK(holds(wrong.error().detail, R"("line":3)"));
  CHECK(holds(wrong.error().detail, R"("path":"identity.rolle")"));
  CHECK(detail() == before);
  CHECK(edit(document(other_text), bob).error().code == errc::persona_not_found);
  CHECK(detail() == before);

  const auto after = edit(document(other_text)).value();
  CHECK(holds(after, "berth clerk"));
  CHECK(detail() == after);
  CHECK(holds(listed(), R"("role":"berth clerk")"));
  CHECK_FALSE(holds(listed(), "harbour clerk"));
}

TEST_CASE_METHOD(edit_world, "a run under way goes on with the persona that it began with",
                 "[actors][edge]") {
  const auto before = setup_of_new_run();
  CHECK(edit(document(other_text)).has_value());
  CHECK(setup_of({"run_1"}) == before);
  CHECK(setup_of_new_run() != before);
}

TEST_CASE_METHOD(edit_world, "HT-06 consent is true, then taken back, then false, with a stamp",
                 "[actors][edge]") {
  CHECK(holds(detail(), R"("consent_to_auto_dispatch":null,"consent_updated_at":null)"));
  const auto consent = [this](std::optional<bool> given) {
    auto what = persona_edit{};
    what.consent = given;
    return edit(what).value();
  };
  CHECK(holds(consent(true), R"("consent_to_auto_dispatch":true,"consent_updated_at":")"));
  CHECK(holds(consent({}), R"("consent_to_auto_dispatch":null,"consent_updated_at":")"));
  CHECK(holds(consent(false), R"("consent_to_auto_dispatch":false,"consent_updated_at":")"));
  CHECK(edit(document(other_text)).has_value());
  CHECK(holds(detail(), R"("consent_to_auto_dispatch":false)"));
}

TEST_CASE_METHOD(edit_world, "HT-05 an edit without avatar leaves the one that is stored",
                 "[actors][edge]") {
  CHECK(edit({other_text, "https://example.org/odd.png", {}, {}}).has_value());
  const auto after = edit(document(first_text)).value();
  CHECK(holds(after, R"("avatar_url":"https://example.org/odd.png")"));
  CHECK(holds(listed(), R"("avatar_url":"https://example.org/odd.png")"));
}

TEST_CASE_METHOD(edit_world, "a granted tool stands in the document, once", "[actors][edge]") {
  const auto grant = [this](std::string tool) { return edit({{}, {}, std::move(tool), {}}); };
  CHECK(grant("no_such_tool").error().code == errc::validation_error);
  const auto once = grant("pay").value();
  CHECK(holds(once, R"(\"pay\")"));
  CHECK(grant("pay").value() == once);
  CHECK(grant("search").value() != once);
}

TEST_CASE_METHOD(edit_world, "changes at the same moment are all kept", "[actors][edge]") {
  auto answers = 0;
  for (const auto* tool : {"pay", "search", "write"}) {
    api->edit_persona(alice, {"persona_1"}, {{}, {}, tool, {}}, [&](const auto& done) {
      CHECK(done.has_value());
      ++answers;
    });
  }
  settle();
  CHECK(answers == 3);
  for (const auto* tool : {"pay", "search", "write"})
    CHECK(holds(detail(), "\\\"" + std::string{tool} + "\\\""));
}

TEST_CASE_METHOD(edit_world, "an edit of what is being deleted brings nothing back",
                 "[actors][edge]") {
  auto ends = std::vector<std::optional<errc>>{};
  const auto note = [&](const auto& done) {
    ends.push_back(done ? std::nullopt : std::optional{done.error().code});
  };
  api->delete_persona(alice, {"persona_1"}, note);
  api->edit_persona(alice, {"persona_1"}, document(other_text), note);
  settle();
  CHECK(ends.size() == 2);
  CHECK(listed() == "[]");
}

TEST_CASE_METHOD(edit_world, "a persona in a file is added, updated, and else left alone",
                 "[actors][edge]") {
  const auto keep = [this](const std::string& yaml) {
    return ask<kept_persona>(
      [&](auto d) { api->keep_persona({"persona_file"}, {"alice"}, yaml, std::move(d)); });
  };
  CHECK(keep("a: [}").error().code == errc::validation_error);
  CHECK(keep(first_text).value() == kept_persona::added);
  CHECK(keep(first_text).value() == kept_persona::unchanged);
  CHECK(keep(other_text).value() == kept_persona::updated);
  CHECK(keep("identity: {}").error().code == errc::validation_error);
  const auto shown =
    ask<std::string>([&](auto d) { api->show_persona(alice, {"persona_file"}, std::move(d)); });
  CHECK(holds(shown.value(), "berth clerk"));
}

TEST_CASE_METHOD(edit_world,
                 "SK-14 SK-16 consent to a stranger's skill is for one content, and lasts",
                 "[actors][edge][skill]") {
  const auto skills = [this] {
    return ask<std::string>(
             [&](auto d) { api->list_persona_skills(alice, {"persona_1"}, std::move(d)); })
      .value();
  };
  CHECK(skills() == "[]");
  CHECK(edit(answer_to_knots(true)).error().code == errc::validation_error);  // it has none
  REQUIRE(edit(document(std::string{first_text} + "skills: [knots]\n")).has_value());
  CHECK(holds(skills(), R"("trust":"third_party","source":"untrusted")"));
  CHECK(holds(skills(), R"("consent":"none")"));
  const auto before = setup_of_new_run();

  const auto other_content = edit(answer_to_knots(true, 'b'));
  CHECK(other_content.error().code == errc::validation_error);
  CHECK(holds(other_content.error().detail, std::string(64, 'a')));
  CHECK(edit(answer_to_knots(true), bob).error().code == errc::persona_not_found);
  REQUIRE(edit(answer_to_knots(true)).has_value());
  CHECK(holds(skills(), R"("consent":"granted")"));
  CHECK(setup_of_new_run() != before);  // runs may use it now

  const auto granted = listed();
  REQUIRE(edit(answer_to_knots(true)).has_value());
  CHECK(listed() == granted);  // nothing new was said
  REQUIRE(edit(document(std::string{other_text} + "skills: [knots]\n")).has_value());
  CHECK(holds(skills(), R"("consent":"granted")"));  // an edit of the document leaves it

  REQUIRE(edit(answer_to_knots(false)).has_value());
  CHECK(holds(skills(), R"("consent":"refused")"));
  REQUIRE(edit(answer_to_knots(std::nullopt)).has_value());
  CHECK(holds(skills(), R"("consent":"none")"));
}

TEST_CASE_METHOD(edit_world, "a granted tool is remembered as such, once", "[actors][edge]") {
  auto grant = persona_edit{};
  grant.tool = "pay";
  REQUIRE(edit(grant).has_value());
  REQUIRE(edit(grant).has_value());
  auto reader = store->open_chunk_reader();
  const auto place = memory_place{shared_scope({"persona_1"}), memory_store_kind::self_facts};
  const auto versions = reader->history(place, "tool_consent::pay").value();
  REQUIRE(versions.size() == 1);
  CHECK(versions[0].provenance->source == memory_source::persona_self);
  CHECK(versions[0].provenance->reason == "the user granted the tool");
  CHECK(versions[0].metadata.at("confidence") == "0.950");
}

}  // namespace
}  // namespace persona_runtime
