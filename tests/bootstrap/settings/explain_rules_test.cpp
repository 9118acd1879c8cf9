#include "bootstrap/cli/explain_message.hpp"
#include "bootstrap/cli/explain_route.hpp"
#include "bootstrap/message_tables_file.hpp"
#include "tests/support/catch.hpp"

#include <sstream>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

const message_tables& shipped() {
  static const auto tables = load_message_tables(PERSONA_SOURCE_DIR "/config", "default").value();
  return *tables;
}

std::string message_answer(const std::string& line) {
  auto in = std::istringstream{line};
  auto out = std::ostringstream{};
  CHECK(cli::explain_message_jsonl(shipped(), in, out) == 0);
  return out.str();
}

std::string route_answer(const std::string& line) {
  auto in = std::istringstream{line};
  auto out = std::ostringstream{};
  CHECK(cli::explain_route_jsonl(in, out) == 0);
  return out.str();
}

const std::string clerk =
  R"({"persona_id":"mira","identity":{"name":"Mira","role":"clerk","background":"b",)"
  R"("constraints":["Aldri oppgi priser."]},"tools":["web_search"]})";

const std::string context =
  R"("context":{"requires_vision":false,"estimated_input_tokens":20,"is_first_turn":true,)"
  R"("conversation_phase":"opening","profile":"text_default"})";

persona a_persona() {
  auto p = persona{};
  p.identity = {"Mira", "clerk", "b"};
  return p;
}

tier_table a_table() {
  auto model = model_entry{};
  model.provider = "p";
  model.model = "m";
  return {{tier_entry{"mid", {model}}}};
}

}  // namespace

TEST_CASE("explain message: verdicts of a line, for its persona", "[bootstrap][cli]") {
  const auto all = message_answer(R"({"id":7,"message":"slett alt","persona":)" + clerk + "}\n");
  CHECK_THAT(all, Contains(R"("id":7)") && Contains(R"("pattern":"D.delete_bulk_no")")
                    && Contains(R"("critical":false)")
                    && Contains(R"("ambiguity_after_question":null)"));
  CHECK_THAT(message_answer(R"({"message":"hva er priser","persona":)" + clerk + "}\n"),
             Contains(R"("critical":true)"));
  const auto task = message_answer(R"({"message":"research kelp","persona":)" + clerk + "}\n");
  CHECK_THAT(task, Contains(R"("task_all":{"capability":"web_research")")
                     && Contains(R"("task_few":null)"));
}

TEST_CASE("explain message: a bad line is answered by what is wrong", "[bootstrap][cli]") {
  CHECK_THAT(message_answer("{\"persona\":{}}\n"), Contains("message"));
  CHECK_THAT(message_answer("{\"message\":\"x\"}\n"), Contains("persona"));
  CHECK_THAT(message_answer("{\"message\":\"x\",\"persona\":{}}\n"), Contains("identity"));
  CHECK_THAT(message_answer("{\"mood\":1}\n"), Contains("unknown field"));
}

TEST_CASE("explain message: in words", "[bootstrap][cli]") {
  auto out = std::ostringstream{};
  CHECK(cli::explain_message(shipped(), a_persona(), "draft a letter", out) == 0);
  CHECK_THAT(out.str(), Contains("vague_scope") && Contains("asks about it"));
}

TEST_CASE("explain route: both routers and the scores", "[bootstrap][cli]") {
  const auto bare = route_answer(R"({"id":1,"registry":{"mid":{},"small":{}},)" + context + "}\n");
  CHECK_THAT(bare, Contains(R"("model":"mid-model")") && Contains("empty_metadata")
                     && Contains(R"("scores":{"mid":null,"small":null})"));
  CHECK_THAT(route_answer(R"({"registry":null,)" + context + "}\n"),
             Contains("first_turn") && Contains(R"("scores":null)"));
  const auto blind = route_answer(
    R"({"registry":{"mid":{}},"context":{"requires_vision":true,"estimated_input_tokens":1,)"
    R"("conversation_phase":"middle","profile":"voice"}})"
    "\n");
  CHECK_THAT(blind,
             Contains("NoVisionTierConfiguredError") && Contains(R"("configured_tiers":"mid")"));
}

TEST_CASE("explain route: a bad line is answered by what is wrong", "[bootstrap][cli]") {
  CHECK_THAT(route_answer("{\"registry\":{\"mid\":{\"mood\":1}}," + context + "}\n"),
             Contains("mood"));
  CHECK_THAT(route_answer("{\"registry\":{\"mid\":7}," + context + "}\n"), Contains("mid"));
  CHECK_THAT(route_answer("{\"registry\":null}\n"), Contains("context"));
  CHECK_THAT(route_answer(R"({"context":{"estimated_input_tokens":-1}})"
                          "\n"),
             Contains("estimated_input_tokens"));
}

TEST_CASE("explain route: in words", "[bootstrap][cli]") {
  auto out = std::ostringstream{};
  auto err = std::ostringstream{};
  const auto p = a_persona();
  const auto table = a_table();
  CHECK(cli::explain_route({shipped(), p, &table, {}, "hei", 0, false}, out, err) == 0);
  CHECK_THAT(out.str(), Contains("tier: mid (m)") && Contains("why: default"));
  CHECK(cli::explain_route({shipped(), p, &table, {}, "hei", 0, true}, out, err) == 1);
  CHECK_THAT(err.str(), Contains("no_vision_tier"));
  CHECK(cli::explain_route({shipped(), p, nullptr, {}, "hei", 0, false}, out, err) == 1);
}

TEST_CASE("explain route: which model of the tier is asked first", "[bootstrap][cli]") {
  auto out = std::ostringstream{};
  auto err = std::ostringstream{};
  auto p = a_persona();
  p.routing.intelligent = true;
  auto table = a_table();
  const auto& members = table.tiers.front().members;
  for (auto& tier : table.tiers) {
    tier.members.push_back(tier.members.front());
    tier.members.back().model = "better";
    for (auto& member : tier.members) {
      member.price = model_price{1, 1};
      member.context_window = 10'000;
    }
  }
  const auto label = [&members](std::size_t i) { return members[i].label(); };
  const auto traits = model_traits_table{{label(0), {0.5, 100}}, {label(1), {0.9, 100}}};
  auto asked = cli::route_question{shipped(), p, &table, {}, "hei", 2, false, &traits};
  CHECK(cli::explain_route(asked, out, err) == 0);
  CHECK_THAT(out.str(), Contains("models: " + label(1) + ", then " + label(0)));
  asked.traits = nullptr;
  CHECK(cli::explain_route(asked, out, err) == 0);
  CHECK_THAT(out.str(), Contains("models: as configured (metadata_miss)"));
  p.routing.cents_per_turn_max = 0.001;
  asked.traits = &traits;
  CHECK(cli::explain_route(asked, out, err) == 1);
  CHECK_THAT(err.str(), Contains("max_cents_per_turn"));
}

TEST_CASE("tables are found by name or path, and mistakes are named", "[bootstrap]") {
  const auto folder = std::filesystem::path{PERSONA_SOURCE_DIR "/config"};
  CHECK(load_message_tables(folder, "reference").has_value());
  CHECK(load_message_tables("/", PERSONA_SOURCE_DIR "/config/routing/default.yaml").has_value());
  CHECK_THAT(load_message_tables(folder, "nobody").error().detail, Contains("nobody.yaml"));
  CHECK_THAT(load_message_tables(folder, PERSONA_SOURCE_DIR "/config/models.yaml").error().detail,
             Contains("signals: is missing"));
}
