#pragma once
// The facts of a turn, in the order in which they are journalled. What a run has as well (what a
// call reserved and took, what a tool answered) is the very same fact.

#include "domain/conversation/clarification.hpp"
#include "domain/conversation/turn_spec.hpp"
#include "domain/memory/recall.hpp"
#include "domain/run/record.hpp"
#include "domain/tier/routing/route.hpp"
#include "domain/tool/activity.hpp"

#include <string>
#include <variant>
#include <vector>

namespace persona_runtime {

namespace turn_fact {

// Private: they have no seq and are never shown.

/// The first one.
struct opened {
  turn_spec_ptr spec;
};
/// Taken up by another incarnation, to be ended.
struct taken_up {
  incarnation life;
  resume_reason reason = resume_reason::restart;
};
struct routed {
  routing_decision decision;
};
struct thinking {
  step_index round;
};
/// The reply of a round that called tools.
struct replied {
  std::string text;
  message_size size;             // of {assistant, text}
  std::vector<tool_call> calls;  // with ids that differ
  std::uint64_t call_tokens = 0;
  sealed_thinking thinking{};
};
/// Something that the runtime says behind the user's message.
struct noted {
  std::string text;
  message_size size;  // of {user, text}
};
/// The tool rounds are used up: the next reply is the answer, whatever it calls.
struct rounds_used_up {};
/// An answer that claimed not to have tools; it is sent back, once, with a word about them.
struct refused {
  std::string text;
  message_size size;  // of {assistant, text}
};

// Public: each has a seq and is shown (persona-tools §21.2), the last one only ends the stream.

using fact::activity_began;
using fact::activity_ended;
using fact::memory_recall;
struct task_detected {
  task_detection what;
};
/// A piece of the answer.
struct chunk {
  std::string text;  // not empty
};
struct asking {
  question_form form;
};
/// Which model was chosen within the tier, for personas that want it.
struct model_choice {
  std::string model;                      // asked first: "provider/model"
  std::optional<std::string> dominant{};  // the axis that weighed most; none: nothing was weighed
  bool fell_back = false;                 // the order of configuration counted
  std::optional<std::string> reason{};    // why
};
/// What the conversation has cost with this turn, and the caps that its persona has.
struct spending {
  std::optional<double> session_cents{};  // none: some part has no price
  std::optional<double> turn_max{};
  std::optional<double> session_max{};
  std::optional<double> day_max{};
};
struct done {
  std::string tier;
  token_usage usage;
  message_id user_message;
  run_id message;
  finish_reason finish = finish_reason::stop;  // of its last reply
  std::optional<model_choice> routing{};
  std::optional<spending> budget{};
};
struct failed {
  std::string kind;
  std::string message;
};
struct finished {
  message_status status = message_status::error;
};

/// A fact that only viewers need: what decoding makes of it.
struct shown_only {
  std::string type;
};

}  // namespace turn_fact

using turn_record =
  std::variant<turn_fact::opened, turn_fact::taken_up, turn_fact::routed, turn_fact::thinking,
               turn_fact::replied, turn_fact::noted, turn_fact::rounds_used_up, turn_fact::refused,
               fact::reserved, fact::settled, fact::retried, fact::tool_started, fact::result_kept,
               turn_fact::memory_recall, turn_fact::task_detected, turn_fact::chunk,
               fact::tool_calling, turn_fact::activity_began, turn_fact::activity_ended,
               fact::tool_result, fact::memory_changed, turn_fact::asking, fact::fell_over,
               fact::cancelled, turn_fact::failed, turn_fact::done, turn_fact::finished,
               turn_fact::shown_only>;

/// Public records have a seq and are shown.
[[nodiscard]] bool is_public(const turn_record& r);

/// "opened", "chunk", …: of public records the event's name.
[[nodiscard]] std::string_view kind_of(const turn_record& r);

}  // namespace persona_runtime
