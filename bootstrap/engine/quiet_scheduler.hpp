#pragma once
// CAF's scheduler for many actors that end soon.

#include "bootstrap/engine/lent_thread.hpp"

#include <caf/all.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace persona_runtime {

/// Hands everything on, but tells the clock's thread of the end of those actors only that have set
/// a time limit. CAF wakes it for every end, as there may be limits to forget: for a completion or
/// a tool call that is a switch of threads for nothing. Thread-safe.
class quiet_clock final : public caf::detail::thread_safe_actor_clock {
public:
  explicit quiet_clock(caf::detail::thread_safe_actor_clock& to) : to_{to} {}

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override;
  void set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override { to_.cancel_all(); }

private:
  void note(const caf::abstract_actor& self);

  caf::detail::thread_safe_actor_clock& to_;
  std::mutex mutex_;
  std::unordered_set<caf::actor_id> limited_;  // that have set one, and live
};

/// Work sharing (first come, first served), with the clock above; threads that are lent help.
class quiet_scheduler final : public caf::scheduler::coordinator<caf::policy::work_sharing> {
public:
  explicit quiet_scheduler(caf::actor_system& sys) : coordinator{sys} {}

  /// The thread behind `post` resumes what its own tasks send to. Before actors are at work.
  void borrow(lent_thread::task_poster post);

  void enqueue(caf::resumable* job) override;

protected:
  void stop() override;
  caf::detail::thread_safe_actor_clock& clock() noexcept override { return quiet_; }

private:
  quiet_clock quiet_{coordinator::clock()};
  std::vector<std::unique_ptr<lent_thread>> lent_;
};

}  // namespace persona_runtime
