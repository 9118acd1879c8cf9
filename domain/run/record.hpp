#pragma once
// The facts of a run, in the order in which the journal holds them. A run is its records:
// whatever is not in one is gone after a crash. Their bytes: docs/journal-format.md.

#include "domain/memory/chunk.hpp"
#include "domain/run/message.hpp"
#include "domain/run/spec.hpp"
#include "domain/run/status.hpp"
#include "domain/skill/activation.hpp"
#include "domain/tier/walk.hpp"
#include "domain/tool/activity.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persona_runtime {

/// What a model call of a run is for.
enum class call_kind : std::uint8_t {
  step,
  compaction,
  partial_result,
  tool_summary,  // for a call of text_summarize
};

enum class resume_reason : std::uint8_t { restart, crash, handover };
enum class suppress_reason : std::uint8_t { cap, repeated };
enum class budget_kind : std::uint8_t { tokens, cost_cents, deadline };

[[nodiscard]] std::string_view name_of(call_kind k);
[[nodiscard]] std::string_view name_of(resume_reason r);
[[nodiscard]] std::string_view name_of(suppress_reason r);
[[nodiscard]] std::string_view name_of(budget_kind b);

/// Tokens, and cents where a price is known.
struct budget_amount {
  std::uint64_t tokens = 0;
  std::optional<double> cents{0.0};  // none: some part has no price
  friend bool operator==(const budget_amount&, const budget_amount&) = default;
};

namespace fact {

// Private: they rebuild the state and are never shown.

struct accepted {
  run_id run;
  spec_ptr spec;
};
/// The worst case of an attempt; counts as spent until `settled`. A new one settles an open one
/// at its full amount, unless it is made beside it: then both are open, and each attempt that was
/// sent has a `settled` of its own, in one append.
struct reserved {
  call_kind kind = call_kind::step;
  attempt_index attempt;
  budget_amount amount;
  std::uint32_t reply_tokens_max = 0;
  std::string model;                        // "provider/model" that is tried first
  std::optional<double> prompt_cents{0.0};  // the part of amount.cents that the prompt costs
  bool beside = false;                      // a hedge
};
/// What an attempt really took. Ends the reservation.
struct settled {
  std::string model;  // "provider/model" that served it
  token_usage usage;
  std::optional<double> cents;
  bool sent = true;  // false: it was refused here, and no model has seen it
};
/// A failed attempt that is made again: under the same reservation, or, behind `settled`, under the
/// next one.
struct retried {
  std::string model;  // that failed
  walk_position walk;
  bool sent = true;  // as in settled
};
/// The reply of the step's model call, narration included.
struct replied {
  std::string text;
  message_size size;  // of {assistant, text}
  std::vector<tool_call> calls;
  std::uint64_t call_tokens = 0;  // of all arguments, and of `thinking`
  std::string tier;               // as requested
  std::string model;              // that answered
  std::uint64_t tokens = 0;       // total of this call
  double latency_ms = 0;
  sealed_thinking thinking{};
};
/// Durable before a call with a side effect begins.
struct tool_started {
  call_index call;
};
/// What `tool_result` behind it does not show.
struct result_kept {
  call_index call;
  tool_result rest;       // content and is_error stand in `tool_result`
  message_size size;      // of the context message
  std::string shortened;  // what the context gets instead of the content, when that is too long
  bool is_shortened = false;
  bool bad_name = false;  // the name is not on the allow list
};
/// What a call of use_skill leads to: a message in the context, behind the results of its step.
struct skill_asked {
  call_index call;
  std::string name;
  skill_outcome outcome = skill_outcome::active;
  std::uint32_t tokens = 0;  // of the body, when it is active
  std::string text;          // of the message
  message_size size;
};
/// What memory adds to the system message, before the first step.
struct reminded {
  std::string text;                            // empty: nothing
  message_size size;                           // of the system message with it
  std::optional<std::uint32_t> questions_max;  // learned; none: as the document says
};
struct answered {
  std::string text;
  message_size size;    // of {user, text}
  bool by_user = true;  // false: the no-answer reply
};
/// Messages [first, first + count) of the context give way to one summary, or to nothing.
struct folded {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::string text;  // of the message that takes their place; empty with `dropped`
  message_size size;
  bool dropped = false;
};
/// The summary of the steps failed; the next try waits for four more messages.
struct fold_failed {};
/// Results in the context that were shortened to fit the window.
struct shortened {
  std::uint32_t at = 0;  // position in the context
  std::string text;
  message_size size;
};
/// A budget or the steps are used up: what is left to do is the partial-result summary, and then
/// the run ends with this status.
struct winding_up {
  run_status status = run_status::max_steps_reached;
};
/// What the run delivers, and why it has no more than that.
struct concluded {
  std::optional<std::string> output;
  std::string error;  // empty: none; else begins with error_kind
  std::string error_kind;
};

// Public: each has a seq and is an event (spec runtime §15, contract §6).

struct started {
  std::string task;
};
struct resumed {
  incarnation life;
  step_index from_step;
  resume_reason reason = resume_reason::restart;
};
struct thinking {
  step_index step;
};
struct memory_recall {
  memory_store_kind store = memory_store_kind::identity;
  std::uint32_t count = 0;
  std::string degraded;  // empty: all is well; else "unavailable" or "words_only"
};
/// A tool has changed what the persona remembers.
struct memory_changed {
  step_index step;
  std::string action;  // "remembered", "forgotten"
  memory_store_kind store = memory_store_kind::self_facts;
  std::string logical_id;
  std::string text;
};
/// Of every call that is carried out exactly one of each.
struct activity_began {
  activity_start what;
  step_index step{};
};
struct activity_ended {
  activity_end what;
  step_index step{};
};
struct tool_calling {
  step_index step;
  std::vector<tool_call> calls;
};
struct tool_result {
  step_index step;
  std::string call_id;
  std::string tool_name;
  bool is_error = false;
  std::string content;
  std::string produced_files;  // text of a JSON list, or empty
  std::vector<artifact> artifacts;
};
struct asking_user {
  step_index step;
  std::string question;
  std::vector<std::string> options;
  std::string question_id;
};
struct user_responded {
  step_index step;
  std::string question_id;
};
struct question_suppressed {
  step_index step;
  std::string question;
  suppress_reason reason = suppress_reason::cap;
};
struct reasoning {
  step_index step;
  std::string content;
};
struct compacted {
  step_index step;
  std::uint64_t messages_before = 0;
  std::uint64_t messages_after = 0;
  std::uint64_t tokens_before = 0;
  std::uint64_t tokens_after = 0;
  bool summary = true;
};
struct fell_over {
  step_index step;
  std::string tier;
  std::string from;
  std::string to;
  std::string error;        // class name
  int status = 0;           // 0: none
  bool mid_stream = false;  // the text that was shown is continued
};
struct budget {
  step_index step;
  budget_kind kind = budget_kind::tokens;
  double limit = 0;
  double used = 0;
  double reserved = 0;
};
struct completed {
  step_index step;
  std::string output;
};
struct cancelled {
  step_index step;
  std::string reason;
};
struct max_steps {
  step_index step;  // = the limit
  std::string summary;
};
struct error {
  step_index step;
  std::string kind;
  std::string message;
};
struct finished {    // exactly one per run, always last
  step_index steps;  // how many were recorded
  run_status status = run_status::error;
};

}  // namespace fact

using record =
  std::variant<fact::accepted, fact::reserved, fact::settled, fact::retried, fact::replied,
               fact::tool_started, fact::result_kept, fact::skill_asked, fact::reminded,
               fact::answered, fact::folded, fact::fold_failed, fact::shortened, fact::winding_up,
               fact::concluded, fact::started, fact::resumed, fact::memory_recall, fact::thinking,
               fact::tool_calling, fact::activity_began, fact::activity_ended, fact::tool_result,
               fact::memory_changed, fact::asking_user, fact::user_responded,
               fact::question_suppressed, fact::reasoning, fact::compacted, fact::fell_over,
               fact::budget, fact::completed, fact::cancelled, fact::max_steps, fact::error,
               fact::finished>;

/// Public records have a seq and are shown.
[[nodiscard]] bool is_public(const record& r);

/// "accepted", "thinking", …: of public records the event's type.
[[nodiscard]] std::string_view kind_of(const record& r);

}  // namespace persona_runtime
