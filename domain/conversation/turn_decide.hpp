#pragma once
// The rules of a chat turn: what it does when it is told something (spec runtime §6). Pure and
// total like the rules of a run, whose inputs and effects it shares where they are the same.

#include "domain/conversation/turn_state.hpp"
#include "domain/run/decide.hpp"
#include "domain/tier/routing/select_model.hpp"
#include "domain/tier/routing/unified_router.hpp"

#include <functional>

namespace persona_runtime {

// --- inputs that only turns have ---

/// The first one of a live turn, whose first transaction is durable.
struct turn_begins {
  turn_frame_ptr frame;
};
/// A piece of the call under way has arrived. It ends at a character's border; anything but the
/// piece that comes next is passed over.
struct text_arrived {
  identity call;
  std::uint64_t offset = 0;  // of the piece in the text of its attempt, in bytes
  std::string text;
};
/// An earlier incarnation or process left this turn: end it.
struct turn_left_behind {
  incarnation life;
  resume_reason reason = resume_reason::restart;
};

using turn_input = std::variant<turn_begins, memory_recalled, step_granted, step_refused,
                                text_arrived, model_replied, model_failed, hedge_wanted,
                                tool_replied, cancel, deadline_passed, turn_left_behind>;

// --- effects that only turns have ---

/// The last word of a turn: its terminal record is durable.
struct turn_ended {
  run_id turn;
  message_status status = message_status::error;
};

using turn_effect = std::variant<recall_memory, reserve_step, call_model, start_hedge, call_tool,
                                 cancel_calls, turn_ended>;

/// `records` first: effects are carried out when they are durable, except reservations, recalls
/// and cancels.
struct turn_decision {
  std::vector<turn_record> records;
  std::vector<turn_effect> effects;
};

[[nodiscard]] bool may_come_early(const turn_effect& e);

/// How an operator wants turns to be routed.
struct routing_rules {
  router_kind router = router_kind::heuristic;
  bool force_frontier = false;  // goes before what a persona wishes
  bool shadows = false;         // what the other router would have done is worked out as well
  /// Milliseconds on a clock that only goes on; empty: routing takes no time.
  std::function<double()> now_ms{};
};

/// What turns follow, beside their own state.
struct turn_rules {
  tier_snapshot tiers;
  message_tables_ptr tables;
  std::shared_ptr<const turn_texts> texts;
  floor_texts sections{};  // headings and notes of memories
  skill_texts skills{};
  /// Tokens of "role: content"; only for texts of bounded size, since it runs on an actor's thread.
  std::function<message_size(role, std::string_view)> size_of;
  text_counter count;
  /// A text of at most that many tokens, shortened in the middle with a note.
  std::function<std::string(std::string_view, std::uint64_t)> shorten;
  std::uint32_t parallel_tools_max = 8;
  std::uint32_t calls_max = 64;       // in one round
  std::uint32_t rounds_max = 5;       // whose tools are carried out
  std::string summary_instruction{};  // of text_summarize: {words}
  bool retries_refusals = false;
  routing_rules routing{};
  std::shared_ptr<const model_traits_table> traits{};  // null: nothing is known
  measured_latency measured{};  // of first tokens; thread-safe; empty: nothing is measured
  member_health is_up{};        // thread-safe; empty: every model has a chance
};

/// What a turn in `state` does about `in`; moves `state` on by the records that it returns. Late,
/// repeated and misplaced inputs give an empty decision.
[[nodiscard]] turn_decision decide(turn_state& state, const turn_input& in, const turn_rules& rules,
                                   instant now);

/// Makes `fresh` the state of a new turn and returns what its first transaction writes.
[[nodiscard]] std::vector<turn_record> open_turn(turn_state& fresh, turn_spec_ptr spec);

/// Whether any configured tier can take the turn: what can be refused before anything is written.
/// Fails with validation_error (no tier takes images), model_unavailable (no model at all).
[[nodiscard]] result<void> check_turn(const turn_frame& frame, const turn_rules& rules);

struct turn_extras {
  std::vector<std::string> shown_episodes{};  // ids of episodes that `talk` holds verbatim
  std::string nonce{};                        // 32 random hex digits
  std::set<std::string> approved_skills{};    // content hashes
  wishes_ptr wishes{};                        // null: none
  money_spent spent{};                        // before this turn
};

/// What a turn works with, from its conversation. `talk` holds the messages that are not folded.
[[nodiscard]] turn_frame_ptr make_turn_frame(turn_setup_ptr setup, turn_spec_ptr spec,
                                             std::shared_ptr<const conversation> talk,
                                             turn_extras extras, const turn_rules& rules);

}  // namespace persona_runtime
