// Memory behind HTTP looks as it does in a data directory.

#include "bootstrap/cli/audit_command.hpp"
#include "bootstrap/cli/memory_command.hpp"
#include "domain/memory/listing.hpp"
#include "providers/store/memory_store.hpp"
#include "tests/bootstrap/cli/told_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

#include <sstream>

using namespace persona_runtime;
using namespace persona_runtime::cli;
using namespace persona_runtime::test;
using namespace persona_runtime::testing;

namespace {

/// What a store holds, and the same as pages of one entry each.
struct both_sides {
  both_sides() {
    put(a_place(memory_store_kind::self_facts), a_named_draft("a1", "home", "I live in Oslo"));
    put(a_place(memory_store_kind::self_facts), a_named_draft("a2", "home", "in \"Bergen\"\n"));
    put({talk_scope(reef, {"ops"}, "kari"), memory_store_kind::episodic}, a_draft("Hei på deg"));
    options.persona = reef.value;
  }
  void put(const memory_place& place, const memory_draft& draft) {
    const auto request = memory_request{place, by(memory_source::user), write_memory{{draft}}};
    REQUIRE_FALSE(store->write_memory({&request, 1}).value().at(0).refusal.has_value());
  }
  std::unique_ptr<memory_access> here() { return memory_in_store(*store, memory_noon); }

  std::deque<std::string> pages() {
    auto made = std::deque<std::string>{};
    auto items = std::vector<std::string>{};
    const auto listed = here()->list(
      {reef}, true, [&](const placed_chunk& one) { append_json(items.emplace_back(), one); });
    REQUIRE(listed.has_value());
    for (auto i = std::size_t{0}; i < items.size(); ++i) {
      const auto next = i + 1 < items.size() ? "\"c" + std::to_string(i) + "\"" : "null";
      made.push_back(json_answer(R"({"items":[)" + items[i] + R"(],"next_cursor":)" + next + "}"));
    }
    return made;
  }
  /// All audit events as pages of one.
  std::deque<std::string> audit_pages() {
    auto events = std::vector<std::string>{};
    const auto told =
      here()->audit(reef, {}, [&](const memory_audit& e) { events.push_back(to_json(e)); });
    REQUIRE(told.has_value());
    auto made = std::deque<std::string>{};
    for (auto i = std::size_t{0}; i < events.size(); ++i) {
      const auto next = i + 1 < events.size() ? std::to_string(i + 1) : "null";
      made.push_back(json_answer(R"({"items":[)" + events[i] + R"(],"next_offset":)" + next + "}"));
    }
    return made;
  }

  std::unique_ptr<journal_store> store = make_memory_store();
  memory_options options;
  std::ostringstream out;
  std::ostringstream err;
};

std::unique_ptr<memory_access> at(const told_server& server, std::ostream& err) {
  auto options = runs_options{};
  options.server = server.url();
  return memory_at_server(options, "persona memory", err);
}

}  // namespace

TEST_CASE("a list from a server is that of the data directory, line for line", "[bootstrap][cli]") {
  auto sides = both_sides{};
  for (const auto as_json : {false, true}) {
    auto server = told_server{sides.pages()};
    sides.options.json = as_json;
    sides.options.with_past = true;
    auto there = std::ostringstream{};
    auto here = std::ostringstream{};
    CHECK(memory_list(*at(server, sides.err), sides.options, there, sides.err) == 0);
    CHECK(memory_list(*sides.here(), sides.options, here, sides.err) == 0);
    CHECK(there.str() == here.str());
    CHECK(sides.err.str().empty());
    CHECK(server.line(0) == "GET /v1/personas/persona_reef/memory?all=true&limit=200 HTTP/1.1");
    CHECK(server.line(1).find("&cursor=c0 ") != std::string::npos);
  }
}

TEST_CASE("an export from a server is that of the data directory, line for line",
          "[bootstrap][cli]") {
  auto sides = both_sides{};
  auto answers = sides.pages();
  for (auto& more : sides.audit_pages())
    answers.push_back(std::move(more));
  auto server = told_server{std::move(answers)};
  auto there = std::ostringstream{};
  auto here = std::ostringstream{};
  CHECK(memory_export(*at(server, sides.err), sides.options, there, sides.err) == 0);
  CHECK(memory_export(*sides.here(), sides.options, here, sides.err) == 0);
  CHECK(there.str() == here.str());
  CHECK(here.str().find("\"audit\":") != std::string::npos);
}

TEST_CASE("conditions reach the server as they were meant", "[bootstrap][cli]") {
  auto sides = both_sides{};
  auto server = told_server{{json_answer(R"({"items":[],"next_cursor":null})"),
                             json_answer(R"({"chunks":7,"scopes":2})"),
                             json_answer(R"({"items":[],"next_offset":null})")}};
  const auto memory = at(server, sides.err);
  sides.options.owner = "a b&c";
  sides.options.user = "kåre";
  sides.options.store = "episodic";
  CHECK(memory_list(*memory, sides.options, sides.out, sides.err) == 0);
  CHECK(server.line(0)
        == "GET /v1/personas/persona_reef/memory"
           "?owner=a%20b%26c&user=k%C3%A5re&store=episodic&limit=200 HTTP/1.1");
  CHECK(memory_purge_all(*memory, sides.options, true, sides.out, sides.err) == 0);
  CHECK(sides.out.str() == "7 chunks of 2 scopes removed\n");
  CHECK(server.line(1)
        == "DELETE /v1/personas/persona_reef/memory"
           "?owner=a%20b%26c&user=k%C3%A5re&confirm=yes HTTP/1.1");
  auto wanted = audit_options{};
  wanted.persona = reef;
  wanted.since = "1h";
  wanted.action = "write";
  wanted.source = "persona_self";
  wanted.store = "tool";
  CHECK(audit(*memory, wanted, memory_noon, sides.out, sides.err) == 0);
  CHECK(server.line(2).starts_with("GET /v1/personas/persona_reef/audit?limit=200&since=2026-"));
  CHECK(server.line(2).ends_with("&action=write&source=persona_self&store=tool&offset=0 HTTP/1.1"));
}

TEST_CASE("a rollback at a server names the place that its chain was found in",
          "[bootstrap][cli]") {
  auto sides = both_sides{};
  auto chain = sides.pages();
  auto server = told_server{{chain[0], chain[1], json_answer(R"({"items":[],"next_cursor":null})"),
                             json_answer(R"({"id":"home::v0003"})"),
                             json_answer(R"({"items":[],"next_cursor":null})")}};
  const auto memory = at(server, sides.err);
  CHECK(memory_rollback(*memory, sides.options, "home", 1, sides.out, sides.err) == 0);
  CHECK(sides.out.str() == "home::v0003\n");
  CHECK(server.line(0).find("?name=home&limit=200 ") != std::string::npos);
  CHECK(server.line(3) == "POST /v1/personas/persona_reef/memory/rollback HTTP/1.1");
  CHECK(server.body(3)
        == R"({"name":"home","to_version":1,"owner":"","user":"","store":"self_facts"})");
  CHECK(memory_rollback(*memory, sides.options, "nobody", 1, sides.out, sides.err) == 1);
  CHECK(sides.err.str().find("nothing is remembered as nobody") != std::string::npos);
}

TEST_CASE("a server that refuses, or sends something else, is one line and exit 1",
          "[bootstrap][cli]") {
  auto sides = both_sides{};
  const auto fails = [&](std::string answer, const std::string& said) {
    auto server = told_server{{std::move(answer)}};
    sides.err.str("");
    CHECK(memory_list(*at(server, sides.err), sides.options, sides.out, sides.err) == 1);
    CAPTURE(sides.err.str());
    CHECK(sides.err.str().find(said) != std::string::npos);
  };
  fails(json_answer(R"({"error":"persona_not_found","detail":"there is no \u001b[2Jpersona"})",
                    "404 Not Found"),
        "persona: persona_not_found: there is no ");
  fails(json_answer(R"({"error":"authentication_error","detail":"no"})", "401 Unauthorized"),
        "--key-file FILE");
  fails(json_answer("[]"), "not what a persona server sends");
  fails(json_answer(R"({"items":[{"store":"episodic"}],"next_cursor":null})"),
        "not what a persona server sends");
  fails(json_answer(R"({"items":[],"next_cursor":7})"), "not what a persona server sends");
}

TEST_CASE("a list that is more than a minute may hold waits and goes on", "[bootstrap][cli]") {
  auto sides = both_sides{};
  auto answers = sides.pages();
  answers.insert(answers.begin() + 1,
                 json_answer(R"({"error":"rate_limit_exceeded","detail":"later"})",
                             "429 Too Many Requests", "Retry-After: 0\r\n"));
  auto server = told_server{std::move(answers)};
  sides.options.with_past = true;
  CHECK(memory_list(*at(server, sides.err), sides.options, sides.out, sides.err) == 0);
  CHECK(server.line(1) == server.line(2));
}

TEST_CASE("an address that cannot be meant is told before anything is asked", "[bootstrap][cli]") {
  auto err = std::ostringstream{};
  auto options = runs_options{};
  options.server = "ftp://reef";
  CHECK(memory_at_server(options, "persona memory list", err) == nullptr);
  CHECK(err.str().starts_with("persona memory list: --server"));
}
