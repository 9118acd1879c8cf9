// What personas remember, asked for by several owners.

#include "api/edge/edge_backend.hpp"
#include "api/memory_backend.hpp"
#include "domain/text/ulid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace persona_runtime {
namespace {

using namespace test;

constexpr auto clerk_text = R"(persona_id: clerk
identity:
  name: Mira
  role: harbour clerk
  background: Keeps the berth book.
)";

constexpr auto first_page = R"({"items":[)";

/// Alice's persona, with whom she, her user kari and the admin root have talked. Bob has nothing.
struct memory_world : world {
  memory_world() {
    auto services = edge_services{};
    services.tiers = [this] { return actors.board->now(); };
    services.new_run_id = [] { return run_id{"run_1"}; };
    services.conversations.now = [] { return instant{1'790'000'000'000}; };
    api = std::make_unique<edge_backend>(actors.edges, std::move(services));
    advance(std::chrono::seconds{1});
    const auto stored = ask<std::string>(
      [&](auto done) { api->create_persona(alice, {clerk_text}, std::move(done)); });
    REQUIRE(stored.has_value());
    put({shared_scope(clerk), memory_store_kind::self_facts}, "home", "AUTHOR one");
    put({shared_scope(clerk), memory_store_kind::self_facts}, "home", "AUTHOR two");
    for (const auto& [owner, user] :
         {std::pair{"alice", "alice"}, {"alice", "kari"}, {"root", "root"}}) {
      const auto scope = talk_scope(clerk, {owner}, user);
      put({scope, memory_store_kind::self_facts}, "pet", "PET of " + std::string{user});
      put({scope, memory_store_kind::episodic}, "", "SAID by " + std::string{user});
    }
  }
  ~memory_world() { api.reset(); }
  memory_world(const memory_world&) = delete;
  memory_world& operator=(const memory_world&) = delete;

  void put(const memory_place& place, const std::string& chain, const std::string& text) {
    auto draft = memory_draft{};
    draft.text = text;
    draft.logical_id = chain;
    draft.ulid = ulid(instant{1'790'000'000'000 + ++writes}, {});
    draft.created_at = instant{1'790'000'000'000};
    auto request = memory_request{place, {}, write_memory{{draft}}};
    request.author.source = memory_source::user;
    request.author.at = draft.created_at;
    REQUIRE_FALSE(store->write_memory({&request, 1}).value().at(0).refusal.has_value());
  }
  template <class T, class Call>
  result<T> ask(Call&& call) {
    auto got = std::make_shared<std::optional<result<T>>>();
    call(backend::on_done<T>{[got](result<T> r) { *got = std::move(r); }});
    settle();
    REQUIRE(got->has_value());
    return std::move(**got);
  }
  memory_query all() const {
    auto query = memory_query{};
    query.filter.persona = clerk;
    return query;
  }
  result<std::string> list(const caller& who, const memory_query& query) {
    return ask<std::string>(
      [&](auto d) { api->memories()->list_memory(who, query, std::move(d)); });
  }
  /// The texts of what one sees, page by page.
  std::vector<std::string> texts(const caller& who, memory_query query) {
    auto out = std::vector<std::string>{};
    for (auto pages = 0; pages < 100; ++pages) {
      const auto page = memory_page_from_json(list(who, query).value()).value();
      for (const auto& one : page.items) {
        if (one.place.kind != memory_store_kind::identity)
          out.push_back(one.chunk.text);
      }
      if (page.next.empty())
        return out;
      query.from = memory_position_of(page.next, clerk).value();
    }
    FAIL("a list without end");
    return out;
  }
  result<std::optional<std::string>> roll_back(const caller& who, const memory_rollback& what) {
    return ask<std::optional<std::string>>(
      [&](auto d) { api->memories()->roll_back_memory(who, what, std::move(d)); });
  }
  result<std::string> purge(const caller& who, const memory_filter& what) {
    return ask<std::string>(
      [&](auto d) { api->memories()->purge_memory(who, what, std::move(d)); });
  }
  audit_page audit(const caller& who, std::uint32_t limit = 200, std::uint64_t offset = 0) {
    auto query = audit_query{};
    query.persona = clerk;
    query.limit = limit;
    query.offset = offset;
    const auto got =
      ask<std::string>([&](auto d) { api->memories()->list_audit(who, query, std::move(d)); });
    return audit_page_from_json(got.value()).value();
  }

  const persona_id clerk{"persona_1"};
  const caller alice{{"alice"}, false};
  const caller bob{{"bob"}, false};
  const caller root{{"root"}, true};
  std::int64_t writes = 0;
  std::unique_ptr<edge_backend> api;
};

using text_list = std::vector<std::string>;

TEST_CASE_METHOD(memory_world, "an owner sees the author's part and what his own talks left",
                 "[actors][edge][memory]") {
  const auto of_alice =
    text_list{"AUTHOR two", "PET of alice", "SAID by alice", "PET of kari", "SAID by kari"};
  CHECK(texts(alice, all()) == of_alice);
  auto of_root = of_alice;
  of_root.insert(of_root.end(), {"PET of root", "SAID by root"});
  CHECK(texts(root, all()) == of_root);
  CHECK(list(bob, all()).error().code == errc::persona_not_found);
  // What he may not see he does not get by naming it either.
  auto query = all();
  query.filter.owner = "root";
  CHECK(texts(alice, query).empty());
  query.filter = {clerk, "", "root"};
  CHECK(texts(alice, query).empty());
  query = all();
  query.name = "pet";
  query.filter.user = "root";
  CHECK(texts(alice, query).empty());
  query.from = {{talk_scope(clerk, {"root"}, "root"), memory_store_kind::identity}, 0};
  query.filter.user.clear();
  query.name.clear();
  CHECK(texts(alice, query).empty());
  CHECK(texts(root, query).size() == 2);
}

TEST_CASE_METHOD(memory_world, "pages of any size are one list", "[actors][edge][memory]") {
  auto query = all();
  query.with_past = true;
  const auto whole = texts(root, query);
  CHECK(whole.size() == 8);
  for (const auto size : {1U, 2U, 3U, 7U}) {
    query.limit = size;
    CHECK(texts(root, query) == whole);
  }
  query.name = "home";
  query.limit = 1;
  CHECK(texts(root, query) == text_list{"AUTHOR one", "AUTHOR two"});
  query.name = "nobody";
  CHECK(texts(root, query).empty());
  query = all();
  query.filter.store = memory_store_kind::episodic;
  query.filter.user = "kari";
  CHECK(texts(alice, query) == text_list{"SAID by kari"});
}

TEST_CASE_METHOD(memory_world, "places that come while a list is read move nothing",
                 "[actors][edge][memory]") {
  auto query = all();
  query.limit = 4;
  const auto page = memory_page_from_json(list(alice, query).value()).value();
  const auto last = page.items.back();
  put({talk_scope(clerk, {"alice"}, "aa"), memory_store_kind::episodic}, "", "SAID by aa");
  query.from = memory_position_of(page.next, clerk).value();
  const auto rest = texts(alice, query);
  CHECK(std::ranges::count(rest, last.chunk.text) == 0);
  CHECK(std::ranges::count(rest, "SAID by kari") == 1);
}

TEST_CASE_METHOD(memory_world, "a rollback is a further version, of what one sees",
                 "[actors][edge][memory]") {
  const auto home = memory_rollback{{clerk}, "home", 1};
  CHECK(roll_back(bob, home).error().code == errc::persona_not_found);
  CHECK(roll_back(alice, {{clerk}, "nobody", 1}).value() == std::nullopt);
  CHECK(roll_back(alice, {{clerk, "", "root"}, "pet", 1}).value() == std::nullopt);
  const auto no_such = roll_back(alice, {{clerk}, "home", 9});
  CHECK(no_such.error().code == errc::validation_error);
  CHECK(no_such.error().detail.find("available: 1 to 2") != std::string::npos);
  CHECK(roll_back(alice, home).value() == R"({"id":"home::v0003"})");
  auto query = all();
  query.name = "home";
  CHECK(texts(alice, query) == text_list{"AUTHOR one", "AUTHOR two", "AUTHOR one"});
  const auto events = audit(alice).items;
  REQUIRE_FALSE(events.empty());
  CHECK(events.back().action == audit_action::rollback);
  CHECK(events.back().written_by == "alice");
}

TEST_CASE_METHOD(memory_world, "a purge takes what is his and nothing else",
                 "[actors][edge][memory]") {
  CHECK(purge(bob, {clerk}).error().code == errc::persona_not_found);
  CHECK(purge(alice, {clerk, "", "root"}).value() == R"({"chunks":0,"scopes":0})");
  CHECK(purge(alice, {clerk, "", "kari"}).value() == R"({"chunks":2,"scopes":1})");
  CHECK(texts(alice, all()) == text_list{"AUTHOR two", "PET of alice", "SAID by alice"});
  CHECK(purge(alice, {clerk, "alice"}).value() == R"({"chunks":2,"scopes":1})");
  CHECK(texts(root, all()) == text_list{"AUTHOR two", "PET of root", "SAID by root"});
  REQUIRE(purge(alice, {clerk}).has_value());
  CHECK(texts(root, all()) == text_list{"PET of root", "SAID by root"});
  REQUIRE(purge(root, {clerk}).has_value());
  CHECK(texts(root, all()).empty());
}

TEST_CASE_METHOD(memory_world, "audit events of other owners are not shown",
                 "[actors][edge][memory]") {
  const auto of_root = audit(root).items;
  const auto of_alice = audit(alice).items;
  const auto others = std::ranges::count_if(
    of_root, [](const memory_audit& event) { return event.scope.owner.value == "root"; });
  CHECK(others == 2);
  CHECK(of_alice.size() + 2 == of_root.size());
  for (const auto& event : of_alice)
    CHECK(event.scope.owner.value != "root");
  auto paged = std::vector<memory_audit>{};
  for (auto offset = std::optional{std::uint64_t{0}}; offset;) {
    const auto page = audit(alice, 1, *offset);
    paged.insert(paged.end(), page.items.begin(), page.items.end());
    offset = page.next;
  }
  CHECK(paged == of_alice);
  auto query = audit_query{};
  query.persona = clerk;
  const auto of_bob =
    ask<std::string>([&](auto d) { api->memories()->list_audit(bob, query, std::move(d)); });
  CHECK(of_bob.error().code == errc::persona_not_found);
}

TEST_CASE_METHOD(memory_world, "what a deleted persona left is an admin's to find",
                 "[actors][edge][memory]") {
  const auto gone = ask<void>([&](auto d) { api->delete_persona(alice, clerk, std::move(d)); });
  REQUIRE(gone.has_value());
  CHECK(list(alice, all()).error().code == errc::persona_not_found);
  CHECK(purge(alice, {clerk}).error().code == errc::persona_not_found);
  CHECK_FALSE(texts(root, all()).empty());
  CHECK(purge(root, {clerk}).has_value());
  CHECK(list(root, all()).value().starts_with(first_page));
  auto query = memory_query{};
  query.filter.persona = {"persona_nobody"};
  CHECK(list(root, query).error().code == errc::persona_not_found);
}

TEST_CASE_METHOD(memory_world, "a list of very many users is read a part at a time",
                 "[actors][edge][memory]") {
  for (auto i = 0; i < 300; ++i)
    put({talk_scope(clerk, {"alice"}, "user" + std::to_string(i)), memory_store_kind::worldview},
        "", "CLAIM");
  auto query = all();
  query.filter.store = memory_store_kind::self_facts;  // of whom they have none
  CHECK(texts(alice, query).size() == 3);
  query = all();
  query.name = "nobody";
  const auto part = memory_page_from_json(list(alice, query).value()).value();
  CHECK(part.items.empty());
  CHECK_FALSE(part.next.empty());
  CHECK(texts(alice, query).empty());
  CHECK(roll_back(alice, {{clerk}, "nobody", 1}).value() == std::nullopt);
}

}  // namespace
}  // namespace persona_runtime
