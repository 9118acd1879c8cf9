#include "domain/conversation/task_detector.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tables.hpp"

using namespace persona_runtime;

namespace {

const declared_capabilities everything{
  {"web_research", "document_drafting"},
  {"web_search", "web_fetch", "file_write", "file_read", "image_generation"}};

std::optional<task_detection> task_in(std::string_view message,
                                      const declared_capabilities& declared = everything) {
  return detect_task(message, reference_tables().tasks, declared);
}

std::string capability_in(std::string_view message) {
  const auto found = task_in(message);
  return found ? found->capability : "";
}

}  // namespace

TEST_CASE("TASK-01 the canonical phrases", "[domain][conversation]") {
  struct row {
    const char* message;
    const char* capability;
    capability_kind kind;
  };
  for (const auto& [message, capability, kind] :
       {row{"research tidal power", "web_research", capability_kind::skill},
        row{"investigate the fog horn", "web_research", capability_kind::skill},
        row{"draft a reply", "document_drafting", capability_kind::skill},
        row{"write a memo on safety", "document_drafting", capability_kind::skill},
        row{"search the web for ferries", "web_search", capability_kind::tool},
        row{"open this link https://x.example", "web_fetch", capability_kind::tool},
        row{"save this to a file", "file_write", capability_kind::tool},
        row{"draw me a boat", "image_generation", capability_kind::tool}}) {
    const auto found = task_in(message);
    REQUIRE(found);
    CHECK(found->capability == capability);
    CHECK(found->kind == kind);
    CHECK(found->score == 2.0);
    CHECK(found->dispatchable);
  }
}

TEST_CASE("TASK-02 questions about abilities, negations and nouns", "[domain][conversation]") {
  for (const auto* message :
       {"can you research kelp", "how do you research", "what can google do", "don't research this",
        "don\xE2\x80\x99t research", "never mind the research", "that research paper",
        "my \n research", "thanks", ""})
    CHECK_FALSE(task_in(message));
  CHECK(task_in("more research"));
}

TEST_CASE("TASK-03 what the persona does not declare is not proposed", "[domain][conversation]") {
  CHECK_FALSE(task_in("research kelp", {}));
  CHECK_FALSE(task_in("research kelp", {{}, {"web_research"}}));  // a tool of that name
  CHECK(task_in("research kelp", {{"web_research"}, {}}));
}

TEST_CASE("TASK-04 whole words in any case", "[domain][conversation]") {
  CHECK_FALSE(task_in("I googled it"));
  CHECK(capability_in("GOOGLE it") == "web_search");
}

TEST_CASE("TASK-05 a weak hint needs a strong one beside it", "[domain][conversation]") {
  CHECK_FALSE(task_in("look up the tide"));
  const auto both = task_in("look up the tide, search the web for it");
  REQUIRE(both);
  CHECK(both->score == 3.0);
  CHECK(both->matched_phrases == std::vector<std::string>{"search the web for", "look up"});
}

TEST_CASE("TASK-06 guards want an address or a file name", "[domain][conversation]") {
  CHECK_FALSE(task_in("fetch this page"));
  CHECK(task_in("fetch this page www.x.example"));
  CHECK_FALSE(task_in("read the file"));
  CHECK(task_in("read the file tide-table.csv"));
}

TEST_CASE("TASK-07 how far ahead the first must be", "[domain][conversation]") {
  const auto equal = task_in("research kelp and draft a note");
  REQUIRE(equal);
  CHECK(equal->score == 2.0);
  CHECK(equal->runner_up == "document_drafting");
  CHECK_FALSE(equal->dispatchable);
  const auto ahead = task_in("research and investigate kelp, then draft a note");
  REQUIRE(ahead);
  CHECK(ahead->score == 4.0);
  CHECK(ahead->runner_up == "document_drafting");
  CHECK(ahead->dispatchable);
  auto json = std::string{};
  append_detection(json, *ahead);
  CHECK(json
        == R"({"capability":"web_research","kind":"skill","score":4,"matched_phrases":)"
           R"(["research","investigate"],"runner_up":"document_drafting","dispatchable":true})");
}

TEST_CASE("TASK-08 a row of data is all that a new phrase takes", "[domain][conversation]") {
  auto table = reference_tables().tasks;
  auto row = task_trigger{};
  row.capability = "tide_table";
  row.phrases = *pattern::compile(R"(\b(tides for the week)\b)");
  table.triggers.push_back(row);
  const auto declared = declared_capabilities{{}, {"tide_table"}};
  const auto found = detect_task("Show the tides for the week.", table, declared);
  REQUIRE(found);
  CHECK(found->score == 4.0);  // no weight of its own: its words
  CHECK(found == detect_task("Show the tides for the week.", table, declared));
}

TEST_CASE("of a huge message only the beginning is judged", "[domain][conversation]") {
  const auto filler = [](std::size_t characters) {
    auto out = std::string{};
    for (auto i = std::size_t{0}; i < characters; i += 2)
      out += "x ";
    return out;
  };
  const auto& signals = reference_tables().signals;
  CHECK(task_in(filler(16'376) + "research"));  // the last character that is judged
  CHECK_FALSE(task_in(filler(16'378) + "research"));
  CHECK(is_boilerplate(filler(16'382) + "ok", signals));
  CHECK_FALSE(is_boilerplate(filler(16'384) + "ok", signals));
  CHECK_FALSE(is_identity_sensitive(filler(16'384) + "who are you", {}, signals));
  CHECK(refused_tools(filler(16'384) + "I can't run code", {"code_execution"},
                      reference_tables().refusals)
          .empty());
}
