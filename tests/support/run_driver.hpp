#pragma once
// One run without actors: inputs go to `decide`, reservations are answered as the supervisor
// answers them, and everything that comes out is kept. A text has as many tokens as bytes, so that
// tests can count.

#include "domain/event/codec.hpp"
#include "domain/run/decide.hpp"
#include "domain/run/view.hpp"

#include <string>
#include <vector>

namespace persona_runtime::test {

/// A setup with the tools "search" (read only), "write" (side effect), "note" (idempotent) and
/// "solo" (exclusive), all allowed, and texts in capitals.
[[nodiscard]] run_setup plain_setup();

/// "lab/TIER-model": a large window, a price of 1 and 2 cents, a reply cap of 1,000 tokens.
[[nodiscard]] model_entry lab_model(const std::string& name);
[[nodiscard]] tier_table three_tiers();

struct driver_options {
  run_setup setup = plain_setup();
  tier_table tiers = three_tiers();
  run_limits limits{};
  bool ask_user = true;
  bool force_frontier = false;
  std::string task = "Find a berth.";
};

[[nodiscard]] tool_call wants(std::string name, std::string call_id = "c1",
                              std::string arguments = "{}");

class run_driver {
public:
  explicit run_driver(driver_options options = {});
  /// Goes on from records that were written before.
  run_driver(driver_options options, const std::vector<record>& past, resume_reason why);

  // --- what happens to it ---
  void tell(const input& in);
  void model_says(std::string text, token_usage usage = {10, 5, false});
  void model_calls(std::vector<tool_call> calls, std::string narration = {},
                   sealed_thinking thinking = {});
  void model_fails(model_error error, std::optional<retry_plan> next = std::nullopt,
                   token_usage usage = {});
  void tool_returns(std::uint32_t index, std::string content, bool is_error = false);
  void tool_returns(std::uint32_t index, tool_result result);
  void user_says(std::string text, std::string question_id = {});
  void cancel(std::string reason = {});

  // --- what comes of it ---
  [[nodiscard]] std::vector<std::string> kinds() const;   // of all records
  [[nodiscard]] std::vector<std::string> events() const;  // of public ones
  [[nodiscard]] std::size_t count(std::string_view kind) const;
  [[nodiscard]] run_view view() const;
  /// The state that the written records give when they are read back from their bytes.
  [[nodiscard]] run_state replayed() const;
  [[nodiscard]] std::string body() const;
  template <class Fact>
  [[nodiscard]] Fact last() const {
    for (auto i = records.rbegin(); i != records.rend(); ++i) {
      if (const auto* found = std::get_if<Fact>(&*i))
        return *found;
    }
    return {};
  }
  /// What the newest model call is sent.
  [[nodiscard]] const model_call& request() const { return *open_call->what; }
  [[nodiscard]] std::vector<std::string> texts() const;  // of its context
  [[nodiscard]] bool is_over() const { return state.phase == run_phase::ended; }

  run_rules rules;
  run_state state;
  instant now{1'000'000};
  bool answers_reservations = true;
  std::vector<record> records;
  std::vector<effect> effects;             // all but reservations
  std::vector<reserve_step> reservations;  // all of them
  std::vector<model_call> sent;            // all model calls, in order
  std::optional<call_model> open_call;     // in flight
  std::vector<call_tool> open_tools;       // likewise
  std::vector<instant> instants;           // of the records

private:
  void take(decision made);
  void answer(const reserve_step& asked);
  run_limits limits_;
};

/// Names of the fields in which two states differ, apart from what only a live run knows.
[[nodiscard]] std::vector<std::string> differences(const run_state& a, const run_state& b);

/// `text` repeated.
[[nodiscard]] std::string times(std::size_t count, std::string_view text);

}  // namespace persona_runtime::test
