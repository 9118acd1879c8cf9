#include "bootstrap/engine/lent_thread.hpp"

#include <future>
#include <utility>

namespace persona_runtime {
namespace {

// More than wait for one thread are for those that are idle.
constexpr auto line_max = std::size_t{8};

thread_local lent_thread* of_this_thread = nullptr;

}  // namespace

lent_thread::lent_thread(caf::actor_system& sys, task_poster post, job_taker give_away)
  : execution_unit{&sys}, post_{std::move(post)}, give_away_{std::move(give_away)} {
  post_([this] { of_this_thread = this; });
}

lent_thread* lent_thread::here() {
  return of_this_thread;
}

void lent_thread::exec_later(caf::resumable* job) {
  if (of_this_thread != this || line_.size() >= line_max)
    return give_away_(job);
  line_.push_back(job);
  post_turn();
}

void lent_thread::close() {
  auto closed = std::promise<void>{};
  post_([this, &closed] {
    of_this_thread = nullptr;
    while (!line_.empty()) {
      give_away_(line_.front());
      line_.pop_front();
    }
    caf::logger::set_current_actor_system(nullptr);  // or the system would wait for this thread
    post_([&closed] { closed.set_value(); });        // behind a turn that may be posted already
  });
  closed.get_future().wait();
}

void lent_thread::post_turn() {
  if (!std::exchange(posted_, true))
    post_([this] { resume_some(); });
}

void lent_thread::resume_some() {
  // What these send to comes behind what the thread has to do by then.
  for (auto left = line_.size(); left > 0; --left) {
    auto* job = line_.front();
    line_.pop_front();
    resume(job);
  }
  posted_ = false;
  if (!line_.empty())
    post_turn();
}

void lent_thread::resume(caf::resumable* job) {
  switch (job->resume(this, system().scheduler().max_throughput())) {
  case caf::resumable::resume_later:
    return give_away_(job);  // it has more to do than others should wait for
  case caf::resumable::done:
  case caf::resumable::awaiting_message:
  case caf::resumable::shutdown_execution_unit:  // only CAF's workers are told so
    return caf::intrusive_ptr_release(job);
  }
}

}  // namespace persona_runtime
