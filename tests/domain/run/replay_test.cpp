// Random walks: whatever a run is told, replay gives the state that it had, it ends once, and its
// numbers are dense.

#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <array>
#include <random>

namespace persona_runtime {
namespace {

using test::differences;
using test::driver_options;
using test::run_driver;
using test::times;
using test::wants;

class walk {
public:
  explicit walk(unsigned seed) : random_{seed} {}

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  driver_options options() {
    auto o = driver_options{};
    o.limits.max_steps = below(12);
    o.ask_user = below(4) != 0;
    o.force_frontier = below(4) == 0;
    o.setup.questions_max = 1 + below(3);
    o.setup.allows_all = below(4) == 0;
    if (below(2) == 0)
      o.limits.max_tokens = 500 + below(40'000);
    if (below(3) == 0)
      o.limits.max_cost_cents = 0.5 + below(40);
    if (below(3) == 0) {
      o.limits.deadline_s = 60;
      o.limits.deadline = instant{1'060'000};
    }
    if (below(2) == 0) {
      for (auto& tier : o.tiers.tiers)
        tier.members[0].context_window = 1'100 + 2'000 + below(8'000);
    }
    if (below(4) == 0)
      o.tiers.tiers[below(3)].members[0].price.reset();
    if (below(2) == 0)
      o.tiers.tiers[0].members.push_back(test::lab_model("second-model"));
    return o;
  }

  /// One thing that happens to the run, of the right kind or not.
  void happen(run_driver& run) {
    run.now.value += below(5'000);
    switch (below(12)) {
    case 0:
      return out_of_place(run);
    case 1:
      return run.tell(late_reply(run));
    default:
      break;
    }
    if (run.open_call)
      return model_does(run);
    if (!run.open_tools.empty())
      return tool_does(run);
    if (run.state.phase == run_phase::asking)
      return below(4) == 0 ? run.tell(question_timed_out{current(run.state)})
                           : run.user_says(some_text());
    out_of_place(run);
  }

  std::string some_text() {
    const auto texts = std::array<std::string, 10>{"[FINAL] berth 4",
                                                   "[ASK_USER] Where?",
                                                   "[ASK_USER]",
                                                   "Which one?",
                                                   "I think about it.",
                                                   "",
                                                   "\x01\xc3\xbf\xe2\x80\xa8\"",
                                                   "[ASK_USER] " + some_word(),
                                                   times(400, "long "),
                                                   "**[FINAL]**"};
    return texts.at(below(10) < 2 ? below(10) : 1 + below(8));
  }

private:
  std::string some_word() { return std::string(1, static_cast<char>('a' + below(26))); }

  std::vector<tool_call> some_calls() {
    const auto names = std::array<const char*, 6>{"search", "write", "note", "solo", "ghost", ""};
    auto calls = std::vector<tool_call>{};
    for (auto left = 1 + below(below(20) == 0 ? 70 : 4); left > 0; --left) {
      calls.push_back(wants(names.at(below(6)), "c" + std::to_string(below(3)),
                            below(2) == 0 ? "{}" : R"({"a":[1,2.5,"x\n"]})"));
      calls.back().truncated = below(10) == 0;
    }
    return calls;
  }

  model_error some_error() {
    auto e = model_error{};
    e.kind = static_cast<model_error_class>(1 + below(7));
    e.status = static_cast<int>(400 + below(130));
    e.output_begun = below(2) == 0;
    e.detail = "\xff\n";
    return e;
  }

  void model_does(run_driver& run) {
    switch (below(8)) {
    case 0: {
      const auto* tier = run.rules.tiers->resolve(run.request().tier);
      const auto member = below(static_cast<unsigned>(tier->members.size()));
      const auto same = member == run.request().walk.member;
      return run.model_fails(some_error(), retry_plan{{member, same, 0, 0}, {}, !same, "lab/other"},
                             {below(100), 0, true});
    }
    case 1:
      return below(3) == 0 ? run.model_fails(some_error()) : run.model_says(some_text());
    case 2:
    case 3:
      return run.model_says(some_text(), {below(3'000), below(900), below(5) == 0});
    default:
      return run.model_calls(some_calls(), some_text());
    }
  }

  void tool_does(run_driver& run) {
    auto result = tool_result{};
    result.content = times(below(below(4) == 0 ? 4'000 : 40), "r");
    result.is_error = below(4) == 0;
    if (below(4) == 0)
      result.data = R"({"produced_files":["a.txt"]})";
    if (below(4) == 0)
      result.metadata = {{"k\"", "\xc3\xbf"}};
    const auto at = below(static_cast<unsigned>(run.open_tools.size()));
    run.tool_returns(run.open_tools[at].index.value, std::move(result));
  }

  model_replied late_reply(const run_driver& run) {
    auto call = current(run.state);
    (below(2) == 0 ? call.attempt.value : call.life.value) += 1;
    return {call, {}, "lab/late", 0.0};
  }

  void out_of_place(run_driver& run) {
    const auto here = current(run.state);
    switch (below(below(8) == 0 ? 11 : 8)) {
    case 0:
      return run.tell(step_granted{here, call_kind::step, {}, 5});
    case 1:
      return run.tell(tool_replied{here, {1'000 + below(80)}, {}, {}, {}, false});
    case 2:
      return run.user_says("Hello?", below(2) == 0 ? "" : "q_1");
    case 3:
      return run.tell(question_timed_out{{run.state.run, {}, {99}, {}}});
    case 4:
      return run.tell(step_refused{{run.state.run, {}, {99}, {}}, {}});
    case 5:
      return run.tell(model_failed{{run.state.run, {7}, {}, {}}, {}, "x/y", {}, {}, {}});
    case 6:
    case 7:
      return run.tell(begin{run.state.life, resume_reason::crash});  // nothing new
    case 8:
      return run.cancel("\xff\"reason\n");
    case 9:
      return run.tell(deadline_passed{});
    default:
      return run.tell(crashed_too_often{});
    }
  }

  std::mt19937 random_;
};

void check_numbers(const run_driver& run) {
  auto replayed = run_state{};
  replayed.setup = run.state.setup;
  auto pos = std::uint64_t{0};
  auto seq = std::uint64_t{0};
  for (const auto& r : run.records) {
    CHECK(replayed.pos == pos);
    CHECK(replayed.seq.value == seq);
    ::persona_runtime::apply(replayed, r);
    ++pos;
    seq += is_public(r) ? 1 : 0;
  }
  CHECK(replayed.pos == pos);
}

TEST_CASE("I-1 replay gives the live state after every input, from its own bytes",
          "[domain][run][property]") {
  for (auto seed = 1u; seed <= 120; ++seed) {
    INFO("seed " << seed);
    auto walker = walk{seed};
    auto run = run_driver{walker.options()};
    for (auto i = 0; i < 60 && !run.is_over(); ++i) {
      walker.happen(run);
      const auto wrong = differences(run.state, run.replayed());
      CAPTURE(i, run.kinds(), wrong);
      REQUIRE(wrong.empty());
    }
    if (!run.is_over())
      run.cancel();
    auto shown = run_view{};
    auto listed = run_view{};
    listed.keeps_steps = false;
    for (const auto& r : decode_body(run.body()).value()) {
      shown.apply(r.body, r.at);
      listed.apply(r.body, r.at);
    }
    CHECK(to_json(shown, true).size() == to_json(run.view(), true).size());
    CHECK(to_json(listed, false) == to_json(shown, false));
    CHECK(shown.status == run.state.status);
  }
}

TEST_CASE("EVT-01 D-2 whatever a run is told, it ends once, with dense numbers",
          "[domain][run][property]") {
  auto ends = std::array<unsigned, 7>{};
  for (auto seed = 1'000u; seed <= 3'000; ++seed) {
    INFO("seed " << seed);
    auto walker = walk{seed};
    auto run = run_driver{walker.options()};
    for (auto i = 0; i < 200 && !run.is_over(); ++i) {
      REQUIRE_NOTHROW(walker.happen(run));
    }
    if (!run.is_over())
      run.cancel();
    REQUIRE(run.is_over());
    REQUIRE(run.count("finished") == 1);
    REQUIRE(run.kinds().back() == "finished");
    REQUIRE(run.count("concluded") + run.count("cancelled") == 1);
    REQUIRE(run.last<fact::finished>().steps.value == run.view().steps.size());
    REQUIRE(run.open_tools.size() + (run.open_call ? 1u : 0u) == 0);
    if (seed % 20 == 0)
      check_numbers(run);
    const auto records = run.records.size();
    for (auto i = 0; i < 5; ++i)
      walker.happen(run);
    REQUIRE(run.records.size() == records);
    ++ends.at(static_cast<std::size_t>(run.state.status));
  }
  CHECK(ends[0] + ends[1] == 0);
  for (auto i = 2u; i < ends.size(); ++i)  // each of them came up
    CHECK(ends.at(i) > 0);
}

TEST_CASE("a run that is resumed at any record goes on to an end", "[domain][run][property]") {
  for (auto seed = 5'000u; seed < 5'030; ++seed) {
    auto walker = walk{seed};
    const auto options = walker.options();
    auto run = run_driver{options};
    for (auto i = 0; i < 40 && !run.is_over(); ++i)
      walker.happen(run);
    for (auto cut = std::size_t{2}; cut < run.records.size(); ++cut) {
      INFO("seed " << seed << " cut " << cut << " after " << kind_of(run.records[cut - 1]));
      // Only what one append may end with is a place where a process can stop.
      const auto last = kind_of(run.records[cut - 1]);
      if (last != "thinking" && last != "tool_result" && last != "asking_user"
          && last != "tool_started")
        continue;
      auto past = std::vector<record>{run.records.begin(),
                                      run.records.begin() + static_cast<std::ptrdiff_t>(cut)};
      auto again = run_driver{options, past, resume_reason::restart};
      for (auto i = 0; i < 200 && !again.is_over(); ++i)
        walker.happen(again);
      if (!again.is_over())
        again.cancel();
      REQUIRE(again.count("finished") == 1);
      REQUIRE(differences(again.state, again.replayed()).empty());
    }
  }
}

}  // namespace
}  // namespace persona_runtime
