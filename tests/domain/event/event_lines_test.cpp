// Public events as they go over the wire (spec runtime §15.3, contract §6 "Events").

#include "domain/event/codec.hpp"
#include "domain/event/produced_files.hpp"
#include "domain/event/run_event.hpp"
#include "tests/support/catch.hpp"

namespace persona_runtime {
namespace {

const auto at = instant{1'700'000'000'123};

/// The whole line of event 7 of run_1.
std::string line(const record& r) {
  auto text = std::string{};
  encode(text, r, {{"run_1"}, {7}, at});
  text.pop_back();
  return text;
}

std::string envelope(const std::string& type, const std::string& step, const std::string& data) {
  return R"({"seq":7,"run_id":"run_1","type":")" + type + R"(","step":)" + step + R"(,"data":)"
         + data + R"(,"timestamp":"2023-11-14T22:13:20.123000Z"})";
}

TEST_CASE("EVT-01 every event is exactly its envelope", "[domain][event]") {
  CHECK(line(fact::started{"Find a berth."})
        == envelope("started", "-1", R"({"task":"Find a berth."})"));
  CHECK(line(fact::thinking{{2}}) == envelope("thinking", "2", "{}"));
  CHECK(line(fact::tool_calling{
          {3}, {{"search", R"({"q":"x"})", "a", false}, {"note", "{}", "b", true}}})
        == envelope("tool_calling", "3",
                    R"({"tool_names":"search, note","tool_calls":[)"
                    R"({"name":"search","call_id":"a","args":{"q":"x"},"kind":"builtin"},)"
                    R"({"name":"note","call_id":"b","args":{},"kind":"builtin"}]})"));
  CHECK(line(fact::tool_result{{3}, "a", "search", false, "berth 4", "", {}})
        == envelope("tool_result", "3",
                    R"({"tool_name":"search","call_id":"a","is_error":false,)"
                    R"("content":"berth 4","kind":"builtin"})"));
  CHECK(line(fact::user_responded{{4}, "q_4"})
        == envelope("user_responded", "4", R"({"question_id":"q_4"})"));
  CHECK(line(fact::reasoning{{5}, "Hm."}) == envelope("reasoning", "5", R"({"content":"Hm."})"));
  CHECK(line(fact::completed{{6}, "x"}) == envelope("completed", "6", R"({"output":"x"})"));
  CHECK(line(fact::max_steps{{20}, "s"}) == envelope("max_steps", "20", R"({"summary":"s"})"));
  CHECK(line(fact::error{{6}, "provider_error", "m"})
        == envelope("error", "6", R"({"kind":"provider_error","message":"m"})"));
  CHECK(line(fact::finished{{7}, run_status::completed})
        == envelope("finished", "7", R"({"run_id":"run_1","status":"completed"})"));
}

TEST_CASE("EVT-01 events that the reference does not have", "[domain][event]") {
  CHECK(line(fact::question_suppressed{{2}, "Where?", suppress_reason::cap})
        == envelope("question_suppressed", "2", R"({"question":"Where?","reason":"cap"})"));
  CHECK(line(fact::compacted{{2}, 12, 7, 900, 300, true})
        == envelope("compacted", "2",
                    R"({"messages_before":12,"messages_after":7,"tokens_before":900,)"
                    R"("tokens_after":300,"summary":true})"));
  CHECK(line(fact::fell_over{{2}, "mid", "lab/a", "lab/b", "RateLimitError", 429})
        == envelope("fell_over", "2",
                    R"({"tier":"mid","from":"lab/a","to":"lab/b","error":"RateLimitError",)"
                    R"("status":429})"));
  CHECK(line(fact::fell_over{{2}, "mid", "lab/a", "lab/b", "BackendTimeoutError", 0}).find("status")
        == std::string::npos);
  CHECK(line(fact::budget{{2}, budget_kind::tokens, 1'000, 810, 50})
        == envelope("budget", "2", R"({"budget":"tokens","limit":1000,"used":810,"reserved":50})"));
  CHECK(line(fact::cancelled{{2}, "enough"})
        == envelope("cancelled", "2", R"({"reason":"enough"})"));
  CHECK(line(fact::cancelled{{2}, ""}) == envelope("cancelled", "2", "{}"));
  const auto resumed = line(fact::resumed{{1}, {4}, resume_reason::crash});
  CHECK(resumed.find(R"("type":"resumed","step":-1,"data":{"from_step":4,"reason":"crash")")
        != std::string::npos);
}

TEST_CASE("EVT-02 produced files are forwarded verbatim, or absent", "[domain][event]") {
  CHECK(produced_files("").empty());
  CHECK(produced_files(R"({"other":[1]})").empty());
  CHECK(produced_files(R"({"produced_files":[]})").empty());
  CHECK(produced_files(R"({"produced_files":"a.txt"})").empty());
  CHECK(produced_files("not json but produced_files").empty());
  const auto files = produced_files(R"({"produced_files": [{"path": "a.txt"}, "b"]})");
  CHECK(files == R"([{"path":"a.txt"},"b"])");
  CHECK(line(fact::tool_result{{1}, "c", "t", false, "", files, {}})
          .find(R"("produced_files":[{"path":"a.txt"},"b"])")
        != std::string::npos);
  CHECK(line(fact::tool_result{{1}, "c", "t", false, "", "", {}}).find("produced_files")
        == std::string::npos);
}

TEST_CASE("EVT-03 a question carries its options and that any answer will do", "[domain][event]") {
  CHECK(line(fact::asking_user{{4}, "Where?", {"Yes", "No"}, "q_4"})
        == envelope("asking_user", "4",
                    R"({"question":"Where?","options":[{"label":"Yes","description":""},)"
                    R"({"label":"No","description":""}],"allow_free_form":true,)"
                    R"("question_id":"q_4"})"));
}

TEST_CASE("EVT-04 each call and each result says of which kind its tool is", "[domain][event]") {
  const auto called = line(fact::tool_calling{{3},
                                              {{"web_search", "{}", "a", false},
                                               {"use_skill", "{}", "b", false},
                                               {"mcp:time:now", "{}", "c", false}}});
  for (const auto* kind : {R"("kind":"builtin")", R"("kind":"skill")", R"("kind":"mcp:builtin")"})
    CHECK(called.find(kind) != std::string::npos);
  CHECK(line(fact::tool_result{{3}, "b", "use_skill", false, "", "", {}}).find(R"("kind":"skill")")
        != std::string::npos);
}

TEST_CASE("EVT-05 an empty result summary is absent", "[domain][event]") {
  auto end = fact::activity_ended{{"a1", activity_status::ok, 2, false, {}}, {3}};
  CHECK(line(end)
        == envelope("activity_end", "3",
                    R"({"activity_id":"a1","status":"ok","duration_ms":2,"is_error":false})"));
  end.what.result_summary = "berth 4";
  CHECK(line(end).find(R"("result_summary":"berth 4")") != std::string::npos);
  CHECK(line(fact::activity_began{{"a1", "tool", "search", "Using search", {{"q", "x"}}}, {3}})
        == envelope("activity_start", "3",
                    R"({"activity_id":"a1","kind":"tool","name":"search","label":"Using search",)"
                    R"("args_summary":{"q":"x"}})"));
}

TEST_CASE("EVT-06 a count of 0 is kept; what is well says nothing more", "[domain][event]") {
  CHECK(line(fact::memory_recall{memory_store_kind::episodic, 0, {}})
        == envelope("memory_recall", "-1", R"({"store":"episodic","count":0})"));
  CHECK(line(fact::memory_recall{memory_store_kind::episodic, 2, "words_only"})
        == envelope("memory_recall", "-1",
                    R"({"store":"episodic","count":2,"degraded":true,"reason":"words_only"})"));
}

TEST_CASE("a change of memory is an event of its step", "[domain][event]") {
  CHECK(
    line(fact::memory_changed{{2}, "remembered", memory_store_kind::self_facts, "f1", "She sails."})
    == envelope("memory_changed", "2",
                R"({"action":"remembered","store":"self_facts","logical_id":"f1",)"
                R"("text":"She sails."})"));
}

TEST_CASE("EVT-05 artifacts carry all five fields, or are absent", "[domain][event]") {
  const auto with =
    line(fact::tool_result{{1}, "c", "t", false, "", "", {{"a.png", "image/png", 9, true, false}}});
  CHECK(with.find(R"("artifacts":[{"workspace_path":"a.png","mime_type":"image/png",)"
                  R"("size_bytes":9,"rendered_inline":true,"ai_generated":false}])")
        != std::string::npos);
  CHECK(line(fact::tool_result{{1}, "c", "t", false, "", "", {}}).find("artifacts")
        == std::string::npos);
}

TEST_CASE("the events of a body are slices of it, from a cursor on", "[domain][event]") {
  auto text = std::string{};
  encode(text, fact::started{"{\"seq\":9"}, {{"run_1"}, {0}, at});
  encode(text, fact::reserved{}, {{"run_1"}, {1}, at});
  encode(text, fact::thinking{{0}}, {{"run_1"}, {1}, at});
  encode(text, fact::replied{"\n{\"seq\":5", {}, {}, 0, "", "", 0, 0}, {{"run_1"}, {2}, at});
  encode(text, fact::completed{{0}, "x\ny"}, {{"run_1"}, {2}, at});
  const auto body = shared_text{text};
  const auto all = events_of(body, {});
  REQUIRE(all.size() == 3);
  for (auto i = std::uint64_t{0}; i < 3; ++i)
    CHECK(all[i].seq == event_seq{i});
  CHECK(all[0].type() == "started");
  CHECK(all[1].type() == "thinking");
  CHECK(all[2].type() == "completed");
  CHECK(all[2].json().ends_with("\"}"));
  CHECK(all[2].json().find('\n') == std::string_view::npos);
  CHECK(events_of(body, {2}).size() == 1);
  CHECK(events_of(body, {3}).empty());
  CHECK(events_of(shared_text{}, {}).empty());
}

}  // namespace
}  // namespace persona_runtime
