#include "domain/memory/policy.hpp"
#include "domain/tool/arguments.hpp"
#include "domain/tool/told_fact.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

const auto talk = talk_scope({"clerk"}, {"ops"}, "kari");
constexpr auto ulid = "01JD0000000000000000000001";

memory_chunk a_fact(std::string text, std::string logical_id, std::string key = {}) {
  auto chunk = memory_chunk{};
  chunk.id = logical_id;
  chunk.text = std::move(text);
  chunk.key = std::move(key);
  auto from = memory_provenance{};
  from.source = memory_source::persona_self;
  from.logical_id = std::move(logical_id);
  chunk.provenance = std::move(from);
  return chunk;
}

memory_chunk by_author(std::string text) {
  auto chunk = a_fact(std::move(text), "clerk::self_facts::0000");
  chunk.provenance->from_document = true;
  return chunk;
}

recalled_memory known(std::vector<memory_chunk> facts) {
  auto out = recalled_memory{};
  out.self_facts = std::move(facts);
  return out;
}

bool fits(const tool_definition& tool, std::string_view arguments) {
  const auto checked = check_arguments(tool.parameters, arguments);
  return std::holds_alternative<checked_arguments>(checked);
}

std::optional<memory_refusal> judged(const memory_request& request) {
  const auto& drafts = std::get<write_memory>(request.change).drafts;
  return judge_memory_write(request.place.kind, request.author, {&drafts.at(0).metadata});
}

}  // namespace

TEST_CASE("TC-07 the definitions of remember and forget", "[domain][tool]") {
  CHECK(check_schema(remember_definition().parameters).problems.empty());
  CHECK(check_schema(forget_definition().parameters).problems.empty());
  CHECK(fits(remember_definition(), R"({"fact":"The user sails a sloop."})"));
  CHECK_FALSE(fits(remember_definition(), R"({"fact":""})"));
  CHECK_FALSE(fits(remember_definition(), R"({})"));
  CHECK_FALSE(fits(remember_definition(), R"({"fact":"x","owner":"somebody"})"));
  CHECK(fits(remember_definition(), R"({"fact":")" + std::string(1'000, 'x') + "\"}"));
  CHECK_FALSE(fits(remember_definition(), R"({"fact":")" + std::string(1'001, 'x') + "\"}"));
  CHECK_FALSE(fits(remember_definition(), R"({"fact":"x","confidence":1.1})"));
}

TEST_CASE("ST-04 what is told is written as the persona's own, and judged so", "[domain][tool]") {
  auto told = told_fact_of(R"({"fact":"  The user sails a sloop. ","key":"boat"})");
  CHECK(told.fact == "The user sails a sloop.");
  const auto request = keep_request(talk, told, ulid, {5});
  CHECK(request.place == memory_place{talk, memory_store_kind::self_facts});
  CHECK(request.author.source == memory_source::persona_self);
  CHECK(request.author.written_by == "tool.remember");
  CHECK(request.author.reason == "the user said so");
  CHECK_FALSE(judged(request));
  told.confidence = 0.8;
  CHECK_FALSE(judged(keep_request(talk, told, ulid, {5})));
  told.confidence = 0.79;
  const auto refused = judged(keep_request(talk, told, ulid, {5}));
  REQUIRE(refused);
  CHECK(refused->kind == memory_refusal::why::self_forbidden);
  CHECK_THAT(refused->detail, Contains("below threshold"));
}

TEST_CASE("what is kept already is found whatever its case and punctuation", "[domain][tool]") {
  const auto facts = known({by_author("Likes fog."), a_fact("The user sails a sloop.", "f1"),
                            a_fact("Berth 4 is home.", "f2", "home")});
  CHECK(already_kept(facts, {"the user SAILS a sloop"}) == &facts.self_facts[1]);
  CHECK(already_kept(facts, {"The user sails a ketch."}) == nullptr);
  CHECK(already_kept(facts, {"Likes fog."}) == nullptr);  // the document's own
  CHECK(already_kept(facts, {"Berth 4 is home.", "home"}) == &facts.self_facts[2]);
  CHECK(already_kept(facts, {"Berth 4 is home.", "other"}) == nullptr);
}

TEST_CASE("what is meant: an id, a key, the same words, or all of the words of one alone",
          "[domain][tool]") {
  const auto facts =
    known({by_author("The clerk sails too."), a_fact("The user sails a sloop.", "f1"),
           a_fact("The sloop is called Petrel.", "f2", "name"), a_fact("Berth 4 is home.", "f3")});
  CHECK(meant_fact(facts, {"f3"}) == &facts.self_facts[3]);
  CHECK(meant_fact(facts, {"name"}) == &facts.self_facts[2]);
  CHECK(meant_fact(facts, {"berth 4 is home"}) == &facts.self_facts[3]);
  CHECK(meant_fact(facts, {"petrel"}) == &facts.self_facts[2]);
  CHECK(meant_fact(facts, {"sloop"}) == nullptr);  // two
  CHECK(meant_fact(facts, {"clerk"}) == nullptr);  // the document's own
  CHECK(meant_fact(facts, {"..."}) == nullptr);
  const auto unclear = unclear_result(facts, {"sloop"});
  CHECK(unclear.is_error);
  CHECK_THAT(unclear.content, Contains("f1: ") && Contains("f2: ") && !Contains("clerk"));
}

TEST_CASE("of many that could be meant five are named", "[domain][tool]") {
  auto facts = std::vector<memory_chunk>{};
  for (auto i = 0; i < 7; ++i)
    facts.push_back(a_fact("A sloop.", "f" + std::to_string(i)));
  const auto text = unclear_result(known(std::move(facts)), {"boat"}).content;
  CHECK_THAT(text, Contains("f4: ") && !Contains("f5: "));
  CHECK_THAT(unclear_result({}, {"boat"}).content, !Contains("Call again"));
}

TEST_CASE("letting go ends the chain, with a reason", "[domain][tool]") {
  const auto fact = a_fact("The user sails a sloop.", "f1");
  const auto request = let_go_request(talk, fact, {"sloop"}, {5});
  CHECK(std::get<retire_memory>(request.change).logical_ids == std::vector<std::string>{"f1"});
  CHECK(request.author.reason == "the user asked to forget it");
  CHECK_FALSE(judge_memory_write(request.place.kind, request.author, {}));
  CHECK(let_go_request(talk, fact, {"sloop", {}, "sold"}, {5}).author.reason == "sold");
}

TEST_CASE("results of these tools say what became of memory, others nothing", "[domain][tool]") {
  const auto kept = kept_result({"She sails."}, "f1");
  const auto change = memory_change_of(remember_name, kept);
  REQUIRE(change);
  CHECK(change->action == "remembered");
  CHECK(change->logical_id == "f1");
  CHECK(change->text == "She sails.");
  CHECK(memory_change_of(forget_name, let_go_result(a_fact("She sails.", "f1")))->action
        == "forgotten");
  CHECK_FALSE(memory_change_of("lookup", kept));  // another tool's metadata is its own affair
  CHECK_FALSE(memory_change_of(remember_name, known_result(a_fact("She sails.", "f1"))));
  CHECK_FALSE(memory_change_of(remember_name, refused_result(remember_name, "no")));
}
