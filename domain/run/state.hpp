#pragma once
// What a run knows, and the one way in which it changes.

#include "domain/memory/write.hpp"
#include "domain/run/record.hpp"
#include "domain/tier/hedge.hpp"

#include <set>

namespace persona_runtime {

enum class run_phase : std::uint8_t {
  boundary,  // between two model calls: waits for a grant of the next one
  calling,   // a model call is in flight: `calling` says what for
  tools,     // tool calls are in flight
  asking,    // a question waits for its answer
  ended,
};

/// How the step before ended: it chooses the tier of the next one (spec runtime §16.5).
enum class step_end : std::uint8_t { none, tool_call, ask_user, reasoning };

struct call_progress {
  tool_call call;
  bool started = false;  // journalled as begun: side effects only
  bool sent = false;     // this incarnation has asked for it
  bool bad_name = false;
  bool shown = false;  // its activity has begun
  instant began{};     // in this incarnation
  message_ptr answer;  // set when it is done
  message_ptr skill;   // what use_skill leads to; follows the answers of all calls
};

/// Invariants: I-1 only `apply` changes it, except `sent`, `began`, `delay`, `hedging`,
/// `summarising` and the walk's member, which say what this incarnation has under way, and
/// `audits`. I-2 `calls` is empty outside phase tools. I-3 `status` is terminal exactly in phase
/// ended. I-4 `context_size` is the sum over `context` of size.followed.
struct run_state {
  setup_ptr setup;  // given before the first record
  run_id run;
  spec_ptr spec;
  incarnation life;
  run_phase phase = run_phase::boundary;
  call_kind calling = call_kind::step;  // meaningful in phase calling
  run_status status = run_status::running;
  step_index step;                     // the step under way, or the next one
  attempt_index attempt;               // of the call under way, or of the next one
  walk_position walk;                  // of the call under way
  bool reminded = false;               // memory was asked
  bool thought = false;                // `thinking` of this step was shown
  std::uint32_t reply_tokens_max = 0;  // granted for the call under way
  std::chrono::milliseconds delay{0};  // before the attempt that is about to be granted
  std::optional<hedge_wish> hedging;   // the last one that was asked for
  step_end last_step = step_end::none;
  std::string last_tier;   // of the last reply: as requested
  std::string last_model;  // and "provider/model" that gave it
  std::optional<std::string> output;
  std::optional<run_status> ending;  // set: only the partial-result summary is left to do

  message_list context;
  std::uint64_t context_size = 0;
  std::uint64_t call_tokens = 0;  // of the arguments of all calls in the context
  std::uint32_t fold_not_before =
    0;  // messages that the context must have before it is folded again

  std::vector<call_progress> calls;
  call_index result_of;     // the call of the tool_result that comes next
  tool_result result_rest;  // likewise
  message_size result_size;
  std::string result_shortened;
  bool result_is_shortened = false;
  std::string bad_name;  // of the last tool step
  skill_chain skills;    // active ones

  std::optional<call_index> summarising;  // a call of text_summarize waits for its model
  std::set<std::string> tools_used;
  memory_batch audits;  // events that the next append brings along; the actor takes them

  std::string question_id;  // of the open question
  std::uint32_t questions_max = 0;
  std::uint32_t questions_asked = 0;
  std::set<std::string> questions;  // normalised

  std::uint32_t reasoning_in_row = 0;
  std::uint32_t restarts_in_row = 0;  // process restarts without a newly recorded step
  bool warned_tokens = false;
  bool warned_cents = false;
  bool warned_deadline = false;

  budget_amount spent;     // reported usage, and reservations whose usage nobody reported
  budget_amount reserved;  // of the attempt in flight
  std::uint64_t pos = 0;   // of the next record
  event_seq seq;           // of the next public record
};

/// Moves `state` on by one more fact. Live execution and replay both use it, so they cannot drift.
/// Call it qualified: a record is a std::variant, which brings std::apply along.
void apply(run_state& state, const record& r);

[[nodiscard]] identity current(const run_state& state);

/// Tokens of the whole context as the compactor counts them: the messages as "role: content",
/// joined by line feeds.
[[nodiscard]] std::uint64_t rendered_size(const run_state& state);

/// What viewers pair the two activity events of a call of the step under way by; the same after a
/// restart.
[[nodiscard]] std::string activity_id(const run_state& state, call_index call);

/// "q_3": the id of a question asked in that step.
[[nodiscard]] std::string question_id_of(step_index step);

/// Two amounts together.
[[nodiscard]] budget_amount both(const budget_amount& a, const budget_amount& b);

/// The cents of two amounts together; none when one of them is unknown.
[[nodiscard]] std::optional<double> add_cents(std::optional<double> a, std::optional<double> b);

}  // namespace persona_runtime
