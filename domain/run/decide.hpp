#pragma once
// The rules of a run: what it does when it is told something (spec runtime §16, §17). Pure and
// total: no clock, no I/O, no failure. Inputs and effects are the very values that actors send to
// each other.

#include "domain/budget/ledger.hpp"
#include "domain/failure.hpp"
#include "domain/memory/recall.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/run/reply_wishes.hpp"
#include "domain/run/state.hpp"
#include "domain/tier/hedge.hpp"
#include "domain/tier/tier_table.hpp"
#include "domain/tier/walk.hpp"

#include <functional>

namespace persona_runtime {

// --- inputs ---

/// Every incarnation starts with this, after the replay of its journal.
struct begin {
  incarnation life;
  resume_reason reason = resume_reason::restart;
};
/// From supervisor: `call` may start, `amount` is reserved for it.
struct step_granted {
  identity call;
  call_kind kind = call_kind::step;
  budget_amount amount;
  std::uint32_t reply_tokens_max = 0;
};
/// From supervisor: the worst case of `call` does not fit the budget.
struct step_refused {
  identity call;
  budget_refusal why;
};
/// From tier, once per call unless cancelled: this or model_failed.
struct model_replied {
  identity call;
  model_reply reply;
  std::string model;                // "provider/model" that served it
  std::optional<double> cents;      // of this call; none: no price
  std::optional<lost_call> lost{};  // what was asked beside it
};
/// What the tier would do next about a failed call.
struct retry_plan {
  walk_position walk;
  std::chrono::milliseconds delay{0};
  bool fell_over = false;
  std::string to;  // "provider/model" of the next attempt
};
struct model_failed {
  identity call;
  model_error error;
  std::string model;                // "provider/model" that failed
  std::optional<double> cents;      // of `usage`
  token_usage usage;                // what the attempt cost; zero when nothing had arrived
  std::optional<retry_plan> next;   // none: the call is over
  std::optional<lost_call> lost{};  // what was asked beside it, and failed before it or gave way
};
/// From tier: the first piece of `call` takes longer than it usually does. The tier would ask
/// `model` ("provider/model", of the same tier) beside it, once that is reserved; no answer means
/// that it must not be. At most once per call.
struct hedge_wanted {
  identity call;
  std::string model;
};
/// From tool_executor, once per call unless cancelled.
struct tool_replied {
  identity call;
  call_index index;
  tool_result result;
  message_size size;      // of the context message
  std::string shortened;  // what the context gets, when the content is too long for it
  bool is_shortened = false;
};
/// From memory: what a run or a turn is reminded of. A memory that does not answer in time counts
/// as one whose stores are all missing.
struct memory_recalled {
  identity call;
  recalled_memory memory;
  std::optional<learned_autonomy> learned{};
};
/// From the user, through the supervisor. `ticket` is the asker's, for the answer.
struct user_answer {
  std::uint64_t ticket = 0;
  std::string text;
  message_size size;        // of {user, text}
  std::string question_id;  // empty: whatever is asked
};
/// From the supervisor: nobody answered the question of `call` in time.
struct question_timed_out {
  identity call;
};
/// From supervisor, high priority. Idempotent; interrupts whatever the run waits for.
struct cancel {
  std::string reason;
};
/// From the supervisor's sweep: the run's deadline has passed.
struct deadline_passed {};
/// From the supervisor: the run's actor crashed too often.
struct crashed_too_often {};

using input = std::variant<begin, step_granted, step_refused, model_replied, model_failed,
                           hedge_wanted, tool_replied, memory_recalled, user_answer,
                           question_timed_out, cancel, deadline_passed, crashed_too_often>;

// --- effects ---

/// To supervisor: may this attempt start? Answered by step_granted or step_refused.
struct reserve_step {
  identity call;
  budget_request request;
  budget_amount spent;                    // by the run so far
  std::optional<budget_amount> beside{};  // reserved for the attempt that this one, a hedge, would
                                          // be made beside; none: no attempt is under way
};
/// Everything that is out of reach for that attempt.
[[nodiscard]] budget_amount committed_before(const reserve_step& what);
/// To memory. Answered by memory_recalled.
struct recall_memory {
  identity call;
  recall_request what;
};
/// What a model is asked. Shared, so that it is not copied on its way.
struct model_call {
  call_kind kind = call_kind::step;
  std::string tier;  // as requested
  walk_position walk;
  std::chrono::milliseconds delay{0};
  message_list context;
  tool_list tools;  // null: none are offered
  std::uint32_t reply_tokens_max = 0;
  bool may_call = true;  // false: tools are shown, but none may be called (D-29)
  bool is_chat = false;  // live text is shown as it is: chats know no markers
  wishes_ptr wishes{};   // null: none
  owner_id owner{};      // owners take turns when calls have to wait
  member_order order{};  // in which the tier's members are asked
};
/// To tier. Answered by model_replied or model_failed.
struct call_model {
  identity call;
  std::shared_ptr<const model_call> what;
};
/// To tier: the hedge of `call` that it wanted is reserved; ask the second model. Nothing follows
/// but the one answer to `call`.
struct start_hedge {
  identity call;
  std::string tier;  // as requested
  std::uint32_t reply_tokens_max = 0;
};
/// To the tool's executor. Answered by tool_replied.
struct call_tool {
  identity call;
  call_index index;
  tool_call what;
  owner_id owner;
  persona_id persona;
  std::string user;                      // whose talk it is; empty: the owner's own
  std::uint64_t context_tokens_max = 0;  // a longer result is shortened for the context
};
/// To tier and tool executors, high priority: ends all calls of that incarnation.
struct cancel_calls {
  run_id run;
  incarnation life;
};
/// To supervisor: wake me with question_timed_out when nobody answers in time.
struct await_answer {
  identity call;
};
/// To whoever answered a question: the answer is durable.
struct answer_taken {
  std::uint64_t ticket = 0;
};
struct answer_refused {
  std::uint64_t ticket = 0;
  failure why;
};
/// To supervisor, the last word of a run: its terminal record is durable.
struct run_ended {
  run_id run;
  run_status status = run_status::error;
  budget_amount spent;
};

using effect = std::variant<recall_memory, reserve_step, call_model, start_hedge, call_tool,
                            cancel_calls, await_answer, answer_taken, answer_refused, run_ended>;

/// `records` first: effects are carried out when they are durable, except those that harm nobody
/// when they come early (`may_come_early`).
struct decision {
  std::vector<record> records;
  std::vector<effect> effects;
};

/// recall_memory, reserve_step, cancel_calls and answer_refused promise nothing that a crash could
/// break.
[[nodiscard]] bool may_come_early(const effect& e);

/// True when the records may wait for the next append: nothing but a reservation follows, and
/// whatever comes of it is appended with them (design: a step with one call is two appends).
[[nodiscard]] bool may_ride_along(const decision& d);

/// What a run follows, beside its own state.
struct run_rules {
  tier_snapshot tiers;
  /// Tokens of "role: content"; only for texts of bounded size, since it runs on an actor's
  /// thread.
  std::function<message_size(role, std::string_view)> size_of;
  /// A text of at most that many tokens, shortened in the middle with a note.
  std::function<std::string(std::string_view, std::uint64_t)> shorten;
  /// 32 hex digits that nobody could know before: the nonce of one envelope.
  std::function<std::string()> nonce;
  member_health is_up{};              // thread-safe; empty: every model has a chance
  bool recalls = false;               // a run is reminded of what it knows before its first step
  floor_texts sections{};             // headings and notes of memories
  std::string summary_instruction{};  // of text_summarize: {words}
  std::uint32_t parallel_tools_max = 8;
  std::uint32_t calls_max = 64;           // in one step
  std::uint32_t reasoning_steps_max = 5;  // in a row (D-18)
  std::uint32_t restarts_max = 20;        // in a row without a newly recorded step
  std::size_t floor = 2;                  // messages of the context that are never folded (D-6)
};

/// What a run in `state` does about `in`; moves `state` on by the records that it returns. Late,
/// repeated and misplaced inputs give an empty decision. Costs what is new, not what has been: the
/// state is never copied. `now` is only compared with the deadline.
[[nodiscard]] decision decide(run_state& state, const input& in, const run_rules& rules,
                              instant now);

/// Makes `fresh` (which has its setup) the state of a new run and returns what acceptance writes:
/// nothing of the run exists before these records are durable.
[[nodiscard]] std::vector<record> accept(run_state& fresh, const run_id& run, spec_ptr spec);

}  // namespace persona_runtime
