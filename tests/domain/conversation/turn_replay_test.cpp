// What a turn leaves behind when its process dies, and what is made of it.

#include "domain/event/event_data.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/turn_driver.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

using texts = std::vector<std::string>;

/// The records of a turn that goes through everything.
turn_driver whole_story() {
  auto options = turn_options{};
  options.text = "fix this";
  options.who.decides = autonomy::balanced;
  options.rounds_max = 1;
  auto t = turn_driver{options};
  t.model_streams("I look. ");
  t.model_calls({wants("write", "a"), wants("search", "b"), wants("teleport", "c")}, "I look. ");
  t.tool_returns(1, "found");
  t.tool_returns(0, "written");
  t.model_calls({wants("search")}, "Again? ");
  t.model_streams("Berth ");
  t.model_says("Berth 4.");
  return t;
}

/// What is left of the first `count` records after the process died, and then was ended.
struct revived {
  turn_state state;
  std::vector<turn_record> records;
};
revived after_crash(const turn_driver& t, std::size_t count, resume_reason why) {
  auto text = std::string{};
  auto seq = event_seq{};
  for (auto i = std::size_t{0}; i < count; ++i) {
    encode(text, t.records[i], {t.state.spec->answer, seq, t.now});
    seq.value += is_public(t.records[i]) ? 1 : 0;
  }
  auto out = revived{};
  for (const auto& r : decode_turn_body(text).value())
    ::persona_runtime::apply(out.state, r.body);
  out.records = decide(out.state, turn_left_behind{{1}, why}, t.rules, t.now).records;
  return out;
}

std::string shown_in(const turn_driver& t, std::size_t count) {
  auto text = std::string{};
  for (auto i = std::size_t{0}; i < count; ++i) {
    if (const auto* chunk = std::get_if<turn_fact::chunk>(&t.records[i]))
      text += chunk->text;
  }
  return text;
}

std::size_t count_of(const std::vector<turn_record>& records, std::string_view kind) {
  auto n = std::size_t{0};
  for (const auto& r : records)
    n += kind_of(r) == kind ? 1 : 0;
  return n;
}

}  // namespace

TEST_CASE("FIX-11 a turn is read back from its bytes as it was", "[domain][conversation]") {
  const auto t = whole_story();
  const auto again = t.replayed();
  CHECK(again.status == t.state.status);
  CHECK(again.phase == t.state.phase);
  CHECK(again.visible == t.state.visible);
  CHECK(again.tier == t.state.tier);
  CHECK(again.round == t.state.round);
  CHECK(again.tool_rounds == t.state.tool_rounds);
  CHECK(again.spent == t.state.spent);
  CHECK(again.pos == t.state.pos);
  CHECK(again.seq == t.state.seq);
  CHECK(kept_text(again) == kept_text(t.state));
  CHECK(again.spec->conversation == t.state.spec->conversation);
  CHECK(again.spec->question == t.state.spec->question);
  CHECK(again.spec->messages_before == t.state.spec->messages_before);
}

TEST_CASE("D-25 cut off after any record, a turn ends as interrupted with what was durable",
          "[domain][conversation]") {
  const auto t = whole_story();
  for (auto count = std::size_t{1}; count + 1 < t.records.size(); ++count) {
    INFO("after " << count << " records, the last one is " << kind_of(t.records[count - 1]));
    // A call and its announcement are one append, as are the end of an activity and its result.
    const auto last = kind_of(t.records[count - 1]);
    if (last == "replied" || last == "result_kept" || last == "activity_end")
      continue;
    const auto r = after_crash(t, count, resume_reason::restart);
    CHECK(r.state.phase == turn_phase::ended);
    CHECK(r.state.status == message_status::interrupted);
    CHECK(kept_text(r.state) == shown_in(t, count));
    CHECK(kind_of(r.records.back()) == "finished");
    CHECK(count_of(r.records, "finished") == 1);
    CHECK(r.state.pos == count + r.records.size());
    auto all =
      std::vector(t.records.begin(), t.records.begin() + static_cast<std::ptrdiff_t>(count));
    all.insert(all.end(), r.records.begin(), r.records.end());
    CHECK(count_of(all, "activity_start") == count_of(all, "activity_end"));
    auto calls = std::size_t{0};
    for (const auto& each : all) {
      if (const auto* called = std::get_if<fact::tool_calling>(&each))
        calls += called->calls.size();
    }
    CHECK(count_of(all, "tool_result") == calls);
  }
}

TEST_CASE("signed thinking goes back with the results of its calls", "[domain][conversation]") {
  auto t = turn_driver{};
  auto reply = model_reply{};
  reply.calls = {wants("search", "b")};
  reply.thinking = {"lab/x", R"([{"signature":"s"}])"};
  t.model_replies(reply);
  t.tool_returns(0, "found");
  REQUIRE(t.open_call);
  const auto& context = t.open_call->what->context;
  const auto called =
    std::ranges::find_if(context, [](const auto& m) { return !m->calls.empty(); });
  REQUIRE(called != context.end());
  CHECK((*called)->thinking == reply.thinking);
  CHECK(t.replayed().behind.front()->thinking == reply.thinking);
}

TEST_CASE("calls in flight when the process died follow their declared effect",
          "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("write", "a"), wants("search", "b"), wants("solo", "c")});
  const auto r = after_crash(t, t.records.size(), resume_reason::restart);
  auto contents = texts{};
  for (const auto& each : r.records) {
    if (const auto* result = std::get_if<fact::tool_result>(&each)) {
      contents.push_back(result->content);
      CHECK(result->is_error);
    }
  }
  CHECK(contents == texts{"write UNKNOWN", "search NOT DONE", "solo NOT DONE"});
}

TEST_CASE("a crash inside the process ends the turn as an error", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_streams("Thr");
  const auto r = after_crash(t, t.records.size(), resume_reason::crash);
  CHECK(r.state.status == message_status::error);
  CHECK(kept_text(r.state) == "Thr");
  CHECK(count_of(r.records, "error") == 1);
}

TEST_CASE("ST-01 events are bare data in an envelope without step", "[domain][conversation]") {
  const auto t = whole_story();
  const auto events = events_of(shared_text{t.body()}, {});
  REQUIRE(events.size() == t.events().size());
  for (auto i = std::size_t{0}; i < events.size(); ++i) {
    CHECK(events[i].seq.value == i);
    CHECK(events[i].type() == t.events()[i]);
    CHECK(events[i].json().find(R"("step":-1)") != std::string_view::npos);
  }
  CHECK(event_data_of(events[0].json()) == R"({"store":"identity","count":0})");
  CHECK(event_data_of(events[4].json()) == R"({"delta":"I look. ","is_final":false})");
  const auto& done = events[events.size() - 2];
  CHECK(done.type() == "done");
  CHECK(event_data_of(done.json())
        == R"({"usage":{"prompt_tokens":30,"completion_tokens":15},"tier":"frontier",)"
           R"("format_hints":{},"user_message_id":"msg_1","message_id":"msg_2"})");
}

TEST_CASE("a message's log holds its events and its text, but not how it ended",
          "[domain][conversation]") {
  const auto t = whole_story();
  auto log = std::string{};
  auto entries = std::size_t{0};
  for (const auto& event : events_of(shared_text{t.body()}, {})) {
    const auto before = log.size();
    if (append_log_entry(log, event))
      ++entries;
    else
      CHECK(log.size() == before);
    if (event.seq.value == 4)
      CHECK(log.substr(before) == R"({"kind":"text","delta":"I look. "})");
    if (event.seq.value == 0)
      CHECK(log.substr(before).starts_with(R"({"type":"memory_recall","step":-1,"data":{)"));
  }
  CHECK(entries == t.events().size() - 2);
}

TEST_CASE("ST-04 a text with quotes, line feeds and its own markers survives the log",
          "[domain][conversation]") {
  auto t = turn_driver{};
  const auto text =
    std::string{"a \"b\"\n\\ ,\"timestamp\":\" {\"delta\":\"x\",\"is_final\":false} é"};
  t.model_says(text);
  for (const auto& event : events_of(shared_text{t.body()}, {})) {
    if (event.type() == "chunk")
      CHECK(chunk_text_of(event) == text);
  }
  CHECK(t.replayed().visible == text);
}

TEST_CASE("bytes that are no record are refused", "[domain][conversation]") {
  for (const auto* line : {"", "{", "[]", R"({"record":"opened"})", R"({"record":"nobody"})",
                           R"({"seq":0,"type":"finished","data":{"status":"tired"}})",
                           R"({"seq":0,"type":"chunk","data":{},"timestamp":"x"})"})
    CHECK(decode_turn_line(line).error().code == errc::internal_error);
}
