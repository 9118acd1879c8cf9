#pragma once
// One turn without actors: inputs go to `decide`, reservations and recalls are answered, and
// everything that comes out is kept. A text has as many tokens as bytes, so that tests can count.

#include "domain/conversation/turn_decide.hpp"
#include "domain/event/turn_codec.hpp"
#include "tests/support/run_driver.hpp"

#include <functional>
#include <string>
#include <vector>

namespace persona_runtime::test {

/// Texts in capitals.
[[nodiscard]] turn_texts plain_turn_texts();

[[nodiscard]] conversation_message said(role from, std::string text);
[[nodiscard]] conversation_message asked(std::string question);

/// The events of a turn: the four that memory begins it with, and `rest`.
[[nodiscard]] std::vector<std::string> after_recall(std::vector<std::string> rest);

struct turn_options {
  persona who = chatty();
  tier_table tiers = three_tiers();
  conversation talk{};
  std::string text = "How many berths are free today?";
  run_limits limits{};
  std::uint32_t rounds_max = 5;
  bool retries_refusals = false;
  std::vector<tool_definition> tools = plain_setup().tools;
  std::vector<image_block> images{};
  skill_list skills{};
  std::set<std::string> approved_skills{};
  recalled_memory memory{};
  std::optional<learned_autonomy> learned{};
  bool recalls = true;  // memory answers at once
  persona_id of{"persona_1"};
  message_id question{"msg_1"};
  run_id answer{"msg_2"};
  std::string nonce = "nonce";
  std::vector<std::string> shown_episodes{};
  money_spent spent{};                        // before this turn
  std::function<void(turn_rules&)> adjust{};  // makes the rules other than usual

  /// May use every tool; never asks back but about dangers.
  static persona chatty();
};

class turn_driver {
public:
  explicit turn_driver(turn_options given = {});
  /// In a conversation of so many messages, some of which may be folded.
  turn_driver(turn_options given, std::uint64_t messages_before);

  // --- what happens to it ---
  void tell(const turn_input& in);
  void recall();
  void model_streams(std::string_view piece);
  void model_says(std::string text, token_usage usage = {10, 5, false});
  void model_replies(model_reply reply);
  void model_calls(std::vector<tool_call> calls, std::string narration = {});
  /// With what the tier says to that.
  void model_fails_in_tier(const model_error& error);
  void model_fails(model_error error, std::optional<retry_plan> next = std::nullopt,
                   token_usage usage = {});
  void tool_returns(std::uint32_t index, std::string content, bool is_error = false);
  void tool_returns(std::uint32_t index, tool_result result);
  void cancel(std::string reason = {});

  // --- what comes of it ---
  [[nodiscard]] std::vector<std::string> kinds() const;   // of all records
  [[nodiscard]] std::vector<std::string> events() const;  // of public ones
  [[nodiscard]] std::size_t count(std::string_view kind) const;
  [[nodiscard]] std::vector<std::string> chunks() const;
  [[nodiscard]] std::string body() const;
  /// The state that the written records give when they are read back from their bytes.
  [[nodiscard]] turn_state replayed() const;
  [[nodiscard]] std::string answer() const { return kept_text(state); }
  [[nodiscard]] turn_log log() const { return log_of(state, *rules.tiers, now).value(); }
  template <class Fact>
  [[nodiscard]] Fact last() const {
    for (auto i = records.rbegin(); i != records.rend(); ++i) {
      if (const auto* found = std::get_if<Fact>(&*i))
        return *found;
    }
    return {};
  }
  [[nodiscard]] const model_call& request() const { return sent.back(); }
  /// "role: text" of what the newest call is sent, without the system message.
  [[nodiscard]] std::vector<std::string> prompt() const;
  [[nodiscard]] bool is_over() const { return state.phase == turn_phase::ended; }

  turn_options options;
  turn_rules rules;
  turn_frame_ptr frame;
  turn_state state;
  instant now{1'000'000};
  std::vector<turn_record> records;
  std::vector<turn_effect> effects;
  std::vector<model_call> sent;  // all model calls, in order
  std::optional<call_model> open_call;
  std::vector<call_tool> open_tools;
  std::optional<recall_memory> open_recall;
  std::vector<instant> instants;  // of the records

private:
  void take(turn_decision made);
  void answer_reservation(const reserve_step& asked);
};

}  // namespace persona_runtime::test
