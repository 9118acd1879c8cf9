#include "bootstrap/cli/memory_command.hpp"
#include "domain/memory/chunk_json.hpp"
#include "providers/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/memory_samples.hpp"

#include <algorithm>
#include <sstream>

using namespace persona_runtime;
using namespace persona_runtime::cli;
using namespace persona_runtime::testing;

namespace {

/// A store in which one fact has two versions and two users have talked.
struct fixture {
  fixture() {
    put(a_place(memory_store_kind::self_facts), a_named_draft("a1", "home", "I live in Oslo"));
    put(a_place(memory_store_kind::self_facts), a_named_draft("a2", "home", "I live in Bergen"));
    for (const auto* user : {"kari", "ola"}) {
      put({talk_scope(reef, {"ops"}, user), memory_store_kind::episodic},
          a_draft(std::string{user} + " said\n\x1b[31mhello"));
    }
    options.persona = reef.value;
  }

  void put(const memory_place& place, const memory_draft& draft) {
    const auto request = memory_request{place, by(memory_source::user), write_memory{{draft}}};
    REQUIRE_FALSE(store.write_memory({&request, 1}).value().at(0).refusal.has_value());
  }
  std::unique_ptr<memory_access> memory() { return memory_in_store(store, memory_noon); }
  /// Lines that a listing prints.
  std::size_t lines() {
    out.str("");
    CHECK(memory_list(*memory(), options, out, err) == 0);
    const auto text = out.str();
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }

  fault_store store{make_memory_store()};
  memory_options options;
  std::ostringstream out;
  std::ostringstream err;
};

}  // namespace

TEST_CASE("a listing shows heads, one a line, whatever they hold", "[bootstrap][cli]") {
  auto f = fixture{};
  CHECK(f.lines() == 3);
  CHECK(f.out.str().find("self_facts  author  v2  home") != std::string::npos);
  CHECK(f.out.str().find('\x1b') == std::string::npos);
  f.options.with_past = true;
  CHECK(f.lines() == 4);
  CHECK(f.out.str().find("v1 (past)") != std::string::npos);
  f.options.user = "kari";
  CHECK(f.lines() == 1);
  f.options.owner = "nobody";
  CHECK(f.lines() == 0);
}

TEST_CASE("options that cannot be meant say so", "[bootstrap][cli]") {
  auto f = fixture{};
  f.options.store = "dreams";
  CHECK(memory_list(*f.memory(), f.options, f.out, f.err) == 2);
  CHECK(f.err.str().find("there is no store dreams") != std::string::npos);
  f.options = {};
  CHECK(memory_list(*f.memory(), f.options, f.out, f.err) == 2);
  CHECK(memory_purge_all(*f.memory(), f.options, true, f.out, f.err) == 2);
}

TEST_CASE("history and rollback find a chain by its name", "[bootstrap][cli]") {
  auto f = fixture{};
  CHECK(memory_rollback(*f.memory(), f.options, "home", 1, f.out, f.err) == 0);
  CHECK(f.out.str() == "home::v0003\n");
  f.out.str("");
  CHECK(memory_history(*f.memory(), f.options, "home", f.out, f.err) == 0);
  const auto text = f.out.str();
  CHECK(std::ranges::count(text, '\n') == 3);
  CHECK(memory_rollback(*f.memory(), f.options, "home", 9, f.out, f.err) == 1);
  CHECK(f.err.str().find("available: 1 to 3") != std::string::npos);
  CHECK(memory_history(*f.memory(), f.options, "nobody", f.out, f.err) == 1);
  CHECK(f.err.str().find("nothing is remembered as nobody") != std::string::npos);
}

TEST_CASE("an export holds every version and every audit event", "[bootstrap][cli]") {
  auto f = fixture{};
  CHECK(memory_export(*f.memory(), f.options, f.out, f.err) == 0);
  auto chunks = 0;
  auto events = 0;
  auto in = std::istringstream{f.out.str()};
  for (auto line = std::string{}; std::getline(in, line);) {
    CHECK(line.starts_with(R"({"scope":{"persona":"persona_reef")"));
    chunks += line.find("\"chunk\":") != std::string::npos ? 1 : 0;
    events += line.find("\"audit\":") != std::string::npos ? 1 : 0;
  }
  CHECK(chunks == 4);
  CHECK(events == 4);
}

TEST_CASE("a purge needs a yes and then leaves nothing", "[bootstrap][cli]") {
  auto f = fixture{};
  f.options.user = "kari";
  CHECK(memory_purge_all(*f.memory(), f.options, false, f.out, f.err) == 2);
  CHECK(f.err.str().find("--yes") != std::string::npos);
  CHECK(memory_purge_all(*f.memory(), f.options, true, f.out, f.err) == 0);
  CHECK(f.out.str() == "1 chunks of 1 scopes removed\n");
  CHECK(f.lines() == 0);
  f.options.user.clear();
  CHECK(f.lines() == 2);
}

TEST_CASE("a store that fails is one line and exit 1", "[bootstrap][cli]") {
  auto f = fixture{};
  f.store.plan()->fail_all(true);
  CHECK(memory_list(*f.memory(), f.options, f.out, f.err) == 1);
  CHECK(memory_purge_all(*f.memory(), f.options, true, f.out, f.err) == 1);
  CHECK(f.err.str().find("the test's store fails now") != std::string::npos);
}
