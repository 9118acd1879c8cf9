#pragma once
// What a run is told. Its inputs are documented where its rules are: domain/run/decide.hpp.

#include "domain/run/decide.hpp"
#include "messages/protocol.hpp"

namespace persona_runtime {

template <>
inline constexpr std::size_t declared_fields<failure> = 3;
template <>
inline constexpr std::size_t declared_fields<budget_amount> = 2;
template <>
inline constexpr std::size_t declared_fields<budget_request> = 4;
template <>
inline constexpr std::size_t declared_fields<model_price> = 4;
template <>
inline constexpr std::size_t declared_fields<run_limits> = 5;
template <>
inline constexpr std::size_t declared_fields<model_replied> = 5;
template <>
inline constexpr std::size_t declared_fields<reply_wishes> = 6;
template <>
inline constexpr std::size_t declared_fields<model_failed> = 7;
template <>
inline constexpr std::size_t declared_fields<lost_call> = 4;
template <>
inline constexpr std::size_t declared_fields<reserve_step> = 4;

template <>
inline constexpr std::size_t declared_fields<memory_recalled> = 3;
template <>
inline constexpr std::size_t declared_fields<recalled_memory> = 6;
template <>
inline constexpr std::size_t declared_fields<learned_autonomy> = 1;
template <>
inline constexpr std::size_t declared_fields<recall_request> = 6;
template <>
inline constexpr std::size_t declared_fields<memory_chunk> = 8;
template <>
inline constexpr std::size_t declared_fields<memory_provenance> = 9;

/// Nothing more to say than that it is so.
struct done {};

/// Everything of `run` before `head` is durable.
///
/// From:    journal, once per append_records, in their order.
/// To:      the writer: a run or the supervisor.
/// Failure: none. While the store fails there is no answer, so the writer pauses.
struct records_committed {
  run_id run;
  std::uint64_t head = 0;
};

/// Nothing of an append was written, and nothing ever will be.
///
/// From:    journal, instead of records_committed.
/// To:      the writer. A run that is told so has a successor, or was deleted, and ends silently.
struct append_refused {
  run_id run;
  std::uint8_t verdict = 0;  // append_verdict
};

/// No grant for now: the process is about to stop.
///
/// From:    supervisor, instead of step_granted.
/// To:      the run that asked; it writes down what it holds back.
/// Answer:  done, when that is on its way to the journal.
struct step_held {
  identity call;
};

/// Asks to be told when memory has had its time for this call.
///
/// From:    a run, a conversation, a completion, as it asks memory.
/// To:      late_recalls, which answers recall_is_late in any case.
struct expect_recall {
  identity call;
};
/// Memory has not answered in time, unless it has. From: late_recalls, to whoever expects it.
struct recall_is_late {
  identity call;
};
/// The actor's own tick, while somebody waits for memory.
struct late_tick {};

using late_recalls_actor = interface<takes<expect_recall>, takes<late_tick>>;

using journal_writer = interface<takes<records_committed>, takes<append_refused>>;

using run_actor =
  interface<takes<step_granted>, takes<step_refused>, answers<done, step_held>,
            takes<model_replied>, takes<model_failed>, takes<hedge_wanted>, takes<tool_replied>,
            takes<memory_recalled>, takes<recall_is_late>, takes<user_answer>,
            takes<question_timed_out>, takes<cancel>, takes<deadline_passed>,
            takes<records_committed>, takes<append_refused>>;

}  // namespace persona_runtime
