#pragma once
// What a turn knows, and the one way in which it changes.

#include "domain/conversation/turn_log.hpp"
#include "domain/conversation/turn_record.hpp"
#include "domain/memory/write.hpp"
#include "domain/skill/activation.hpp"
#include "domain/tier/hedge.hpp"

namespace persona_runtime {

enum class turn_phase : std::uint8_t {
  recalling,  // waits for memory
  boundary,   // waits for the grant of a model call
  calling,    // a model call is in flight
  tools,      // tool calls are in flight
  ended,
};

struct turn_call {
  tool_call call;
  bool started = false;  // journalled as begun: side effects only
  bool sent = false;     // it was asked for
  bool shown = false;    // its activity has begun
  instant began;
  message_ptr answer;  // set when it is done
};

/// What a live turn has at hand beside its facts; empty after a restart, when nothing but the end
/// is left to do. Only `decide` touches it.
struct turn_desk {
  turn_frame_ptr frame;
  memory_sections memory{};
  built_prompt prompt{};                // of the call under way or about to be granted
  std::chrono::milliseconds delay{0};   // before the attempt that is about to be granted
  std::optional<hedge_wish> hedging{};  // the last one that was asked for
  std::optional<routing_decision> routing{};
  double routing_ms = 0;
  std::vector<std::string> order{};  // in which the tier's models are asked; empty: as configured
  std::optional<routing_decision> routing_shadow{};  // of the other router, when that is wanted
  usage_tally tally{};
  std::vector<failed_attempt> failed_attempts{};  // of the last call
  std::string served_by;                          // "provider/model" of the last reply
  std::string reasoning;
  std::vector<std::string> refused_tools{};
  std::uint32_t tools_dispatched = 0;
  bool sandbox_recreated = false;
  skill_chain skills{};
  std::vector<std::string> envelopes{};  // of the active skills
  prompt_section active_skills{};        // they, with their preamble
  std::vector<skill_invocation> invocations{};
  std::optional<call_index> summarising{};  // a call of text_summarize waits for its model
  memory_batch audits{};  // events that the next append brings along; the actor takes them
  std::vector<std::string> notes{};            // about skills; said behind the results of the round
  finish_reason finish = finish_reason::stop;  // of the last reply
  std::vector<tool_call> client_calls{};       // which the client is to carry out
  message_list server_rounds{};                // before them: what the client does not see
};

/// Invariants: T-1 only `apply` changes it, except `desk` and what a call's `sent` and `began` say
/// of this incarnation. T-2 `calls` is empty outside phase tools. T-3 `status` is running exactly
/// outside phase ended. T-4 `visible` is the text of all chunks, in order.
struct turn_state {
  turn_spec_ptr spec;
  incarnation life;
  turn_phase phase = turn_phase::recalling;
  message_status status = message_status::running;
  step_index round;       // of the model call under way, or the next one
  attempt_index attempt;  // likewise
  walk_position walk;
  std::uint32_t reply_tokens_max = 0;
  std::string tier;  // as routed; empty: not yet

  std::string visible;                 // everything that was shown
  std::size_t round_begin = 0;         // where the text of this round begins in it
  std::size_t attempt_begin = 0;       // where that of this attempt begins
  std::uint32_t tool_rounds = 0;       // whose calls were carried out
  bool forced = false;                 // no call of the next reply counts
  std::optional<std::string> refusal;  // the answer that was sent back
  bool question = false;               // it asked instead of answering

  message_list behind;              // what follows the user's message
  std::uint64_t behind_tokens = 0;  // the sum over `behind` of size.followed, and of arguments
  std::vector<turn_call> calls;
  fact::result_kept kept;  // of the tool_result that comes next

  budget_amount spent;     // reported usage, and reservations whose usage nobody reported
  budget_amount reserved;  // of the attempt in flight
  std::uint64_t pos = 0;   // of the next record
  event_seq seq;           // of the next public record

  turn_desk desk;
};

/// Moves `state` on by one more fact. Call it qualified: a record is a std::variant.
void apply(turn_state& state, const turn_record& r);

[[nodiscard]] identity current(const turn_state& state);

/// What viewers pair the two activity events of a call of this round by; the same after a restart.
[[nodiscard]] std::string activity_id(const turn_state& state, call_index call);

/// What was shown in the round under way.
[[nodiscard]] std::string_view round_text(const turn_state& state);

/// The text that the message keeps, whatever ended the turn: the answer, or what had been shown.
[[nodiscard]] std::string kept_text(const turn_state& state);

/// What the append that ends the turn changes in its conversation. `state` has ended. The log is
/// left to the caller.
[[nodiscard]] message_end end_of(const turn_state& state, instant now);

/// The record that the turn leaves behind; none when it made no model call.
[[nodiscard]] std::optional<turn_log> log_of(const turn_state& state, const tier_table& tiers,
                                             instant now);

}  // namespace persona_runtime
