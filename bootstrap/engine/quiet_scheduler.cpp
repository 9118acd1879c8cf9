#include "bootstrap/engine/quiet_scheduler.hpp"

#include <utility>

namespace persona_runtime {

void quiet_clock::note(const caf::abstract_actor& self) {
  const auto lock = std::lock_guard{mutex_};
  limited_.insert(self.id());
}

void quiet_clock::set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                                       caf::atom_value type, std::uint64_t id) {
  note(*self);
  to_.set_ordinary_timeout(t, self, type, id);
}

void quiet_clock::set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) {
  note(*self);
  to_.set_request_timeout(t, self, id);
}

void quiet_clock::set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                                    std::uint64_t id) {
  note(*self);
  to_.set_multi_timeout(t, self, type, id);
}

void quiet_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  to_.cancel_ordinary_timeout(self, type);
}

void quiet_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  to_.cancel_request_timeout(self, id);
}

void quiet_clock::cancel_timeouts(caf::abstract_actor* self) {
  {
    const auto lock = std::lock_guard{mutex_};
    if (limited_.erase(self->id()) == 0)
      return;
  }
  to_.cancel_timeouts(self);
}

void quiet_clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                                   caf::mailbox_element_ptr content) {
  to_.schedule_message(t, std::move(receiver), std::move(content));
}

void quiet_clock::schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                                   caf::message content) {
  to_.schedule_message(t, std::move(target), std::move(sender), std::move(content));
}

void quiet_scheduler::borrow(lent_thread::task_poster post) {
  lent_.push_back(std::make_unique<lent_thread>(
    system(), std::move(post), [this](caf::resumable* job) { coordinator::enqueue(job); }));
}

void quiet_scheduler::enqueue(caf::resumable* job) {
  auto* here = lent_thread::here();
  if (here != nullptr && &here->system() == &system())
    return here->exec_later(job);
  coordinator::enqueue(job);
}

void quiet_scheduler::stop() {
  for (auto& thread : lent_)
    thread->close();
  coordinator::stop();
}

}  // namespace persona_runtime
