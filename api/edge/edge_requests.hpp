#pragma once
// How the edge asks other actors, for its .cpp files.

#include "api/edge/edge_actor.hpp"
#include "messages/errors.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <utility>

namespace persona_runtime {

inline constexpr auto answer_timeout = std::chrono::seconds{8};  // backend promises 10
inline constexpr auto cancel_timeout = std::chrono::seconds{5};  // contract §4

inline asker asker_of(const caller& who) {
  return {who.owner, who.admin};
}

/// Asks `to` and hands the answer on, or the failure.
template <class Answer, class To, class Message, class OnAnswer, class OnFailure>
void ask(edge_life& edge, const To& to, Message msg, OnAnswer on_answer, OnFailure on_failure) {
  const auto asked = note_question(edge, answer_timeout, std::move(on_failure));
  edge.self->request(to, caf::infinite, std::move(msg))
    .then(
      [asked, on_answer](const Answer& answer) {
        if (asked->answer())
          on_answer(answer);
      },
      [asked](const caf::error& e) { asked->fail(to_failure(e)); });
}

/// For the common case that a failure is simply the answer.
template <class Answer, class To, class Message, class T, class OnAnswer>
void ask_for(edge_life& edge, const To& to, Message msg, backend::on_done<T> done,
             OnAnswer on_answer) {
  ask<Answer>(edge, to, std::move(msg), on_answer, [done](const failure& f) { done(f); });
}

/// Lets `viewer` watch a run or a turn that has this status, and says so.
void begin_watch(edge_life& edge, const watch_request& request, run_status status,
                 std::shared_ptr<run_viewer> viewer,
                 const backend::on_done<std::unique_ptr<run_watch>>& done);

}  // namespace persona_runtime
