#pragma once
// Actors on the threads that carry sockets.

#include <caf/all.hpp>

#include <cstddef>
#include <deque>
#include <functional>

namespace persona_runtime {

/// Resumes actors on a thread that belongs to somebody else, between the tasks that it runs: what
/// comes in by a socket of that thread and goes out by one is carried all the way without waking
/// another thread. What is too much for one thread goes to CAF's workers.
///
/// Belongs to one thread but for the constructor and close(). That thread has to run what is
/// posted, in order, until close() has returned.
class lent_thread final : public caf::execution_unit {
public:
  using task_poster = std::function<void(std::function<void()>)>;
  /// Takes a job and its reference over to CAF's workers.
  using job_taker = std::function<void(caf::resumable*)>;

  lent_thread(caf::actor_system& sys, task_poster post, job_taker give_away);
  lent_thread(const lent_thread&) = delete;
  lent_thread& operator=(const lent_thread&) = delete;

  /// Where this thread's actors are resumed; null: nowhere but by CAF's workers.
  [[nodiscard]] static lent_thread* here();

  /// Takes over the job's reference.
  void exec_later(caf::resumable* job) override;

  /// Gives away what has not been resumed and returns when the thread has nothing of ours. Called
  /// once, on another thread.
  void close();

private:
  void resume_some();
  void resume(caf::resumable* job);
  void post_turn();

  task_poster post_;
  job_taker give_away_;
  std::deque<caf::resumable*> line_;
  bool posted_ = false;
};

}  // namespace persona_runtime
