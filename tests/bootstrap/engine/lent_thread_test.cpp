// Actors on a thread that somebody else runs. All are spawned lazily: else a worker begins with
// them, and may still be at it when their message comes.

#include "bootstrap/engine/quiet_scheduler.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <set>
#include <thread>

namespace persona_runtime {
namespace {

/// A thread that runs what it is given, in order.
class task_thread {
public:
  task_thread() : worker_{[this] { run(); }} {}
  ~task_thread() {
    post({});
    worker_.join();
  }
  void post(std::function<void()> task) {
    const auto lock = std::lock_guard{mutex_};
    tasks_.push_back(std::move(task));
    ready_.notify_one();
  }
  [[nodiscard]] std::thread::id id() const { return worker_.get_id(); }

private:
  void run() {
    while (const auto task = next())
      task();
  }
  std::function<void()> next() {
    auto lock = std::unique_lock{mutex_};
    ready_.wait(lock, [this] { return !tasks_.empty(); });
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
  std::thread worker_;
};

struct lent_config : caf::actor_system_config {
  lent_config() {
    module_factories.emplace_back([](caf::actor_system& sys) -> caf::actor_system::module* {
      return new quiet_scheduler{sys};
    });
    set("scheduler.max-threads", std::size_t{2});
    set("scheduler.max-throughput", std::size_t{50});
  }
};

/// A system that has borrowed a thread.
struct lent_world {
  task_thread thread;
  lent_config config;
  caf::actor_system sys{config};

  lent_world() {
    static_cast<quiet_scheduler&>(sys.scheduler()).borrow([this](std::function<void()> task) {
      thread.post(std::move(task));
    });
  }
  /// Runs `what` on the borrowed thread, to its end.
  void on_thread(const std::function<void()>& what) {
    auto over = std::promise<void>{};
    thread.post([&] {
      what();
      over.set_value();
    });
    over.get_future().wait();
  }
};

using place = std::thread::id;

/// Tells once where it has been reached.
caf::behavior says_where(caf::event_based_actor*, std::promise<place>* to) {
  return {[to](int) { to->set_value(std::this_thread::get_id()); }};
}

caf::behavior passes_on(caf::event_based_actor*, const caf::actor& to) {
  return {[to](int what) { caf::anon_send(to, what); }};
}

TEST_CASE("what a borrowed thread sends is received on it, and what comes of that",
          "[bootstrap][engine]") {
  lent_world w;
  auto where = std::promise<place>{};
  const auto first =
    w.sys.spawn<caf::lazy_init>(passes_on, w.sys.spawn<caf::lazy_init>(says_where, &where));
  w.on_thread([&] { caf::anon_send(first, 1); });
  CHECK(where.get_future().get() == w.thread.id());
}

TEST_CASE("what other threads send is received by CAF's workers", "[bootstrap][engine]") {
  lent_world w;
  auto where = std::promise<place>{};
  caf::anon_send(w.sys.spawn<caf::lazy_init>(says_where, &where), 1);
  const auto at = where.get_future().get();
  CHECK(at != w.thread.id());
  CHECK(at != std::this_thread::get_id());
}

TEST_CASE("what is too much for a borrowed thread goes to CAF's workers", "[bootstrap][engine]") {
  lent_world w;
  constexpr auto actors = std::size_t{100};
  auto promises = std::vector<std::promise<place>>(actors);
  auto all = std::vector<caf::actor>{};
  for (auto i = std::size_t{0}; i < actors; ++i)
    all.push_back(w.sys.spawn<caf::lazy_init>(says_where, &promises[i]));
  w.on_thread([&] {
    for (const auto& each : all)
      caf::anon_send(each, 1);
  });
  auto here = std::size_t{0};
  for (auto& each : promises)
    here += each.get_future().get() == w.thread.id() ? 1 : 0;
  CHECK(here > 0);
  CHECK(here < actors);
}

TEST_CASE("an actor with more messages than its turn goes on at a worker", "[bootstrap][engine]") {
  lent_world w;
  auto places = std::set<place>{};
  auto over = std::promise<void>{};
  const auto actor = w.sys.spawn<caf::lazy_init>([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int left) {
      places.insert(std::this_thread::get_id());
      if (left == 0)
        over.set_value();
    }};
  });
  w.on_thread([&] {
    for (auto left = 500; left >= 0; --left)
      caf::anon_send(actor, left);
  });
  over.get_future().wait();
  CHECK(places.size() > 1);
  CHECK(places.count(w.thread.id()) == 1);
}

TEST_CASE("a borrowed thread that still has messages to deliver gives them back at the end",
          "[bootstrap][engine]") {
  auto received = std::atomic<int>{0};
  {
    lent_world w;
    auto may_go_on = std::promise<void>{};
    w.thread.post([&, may = may_go_on.get_future().share()] {
      for (auto i = 0; i < 20; ++i) {
        const auto actor =
          w.sys.spawn<caf::lazy_init>([&](caf::event_based_actor* self) -> caf::behavior {
            return {[&, self](int) {
              ++received;
              self->quit();
            }};
          });
        caf::anon_send(actor, 1);
      }
      may.wait();
    });
    may_go_on.set_value();
  }  // waits for all actors
  CHECK(received == 20);
}

struct job final : caf::resumable {
  resume_result resume(caf::execution_unit*, std::size_t) override {
    if (then)
      then();
    return resumable::awaiting_message;
  }
  void intrusive_ptr_add_ref_impl() override {}
  void intrusive_ptr_release_impl() override {}
  std::function<void()> then;
};

TEST_CASE("a turn that is posted behind the end of a borrowed thread finds nothing to do",
          "[bootstrap][engine]") {
  lent_config config;
  auto sys = caf::actor_system{config};
  auto mutex = std::mutex{};
  auto tasks = std::deque<std::function<void()>>{};
  const auto next = [&](std::size_t waiting_least) {  // runs it here: this thread is lent
    for (;;) {
      const auto lock = std::lock_guard{mutex};
      if (tasks.size() >= waiting_least)
        break;
    }
    auto lock = std::unique_lock{mutex};
    const auto task = std::move(tasks.front());
    tasks.pop_front();
    lock.unlock();
    task();
  };
  auto given = std::vector<caf::resumable*>{};
  auto lent = std::make_unique<lent_thread>(
    sys,
    [&](std::function<void()> task) {
      const auto lock = std::lock_guard{mutex};
      tasks.push_back(std::move(task));
    },
    [&](caf::resumable* one) { given.push_back(one); });
  next(1);
  auto second = job{};
  auto first = job{};
  first.then = [&] { lent->exec_later(&second); };
  lent->exec_later(&first);
  auto closer = std::thread{[&] { lent->close(); }};
  next(2);  // the first turn, with the close behind it
  next(2);  // the close, with another turn behind it
  CHECK(given == std::vector<caf::resumable*>{&second});
  next(2);
  next(1);
  closer.join();
  lent.reset();
  CHECK(given.size() == 1);
  CHECK(tasks.empty());
}

TEST_CASE("systems do not mix on a thread that one of them has borrowed", "[bootstrap][engine]") {
  lent_world w;
  auto config = lent_config{};
  auto other = caf::actor_system{config};
  auto where = std::promise<place>{};
  const auto actor = other.spawn<caf::lazy_init>(says_where, &where);
  w.on_thread([&] { caf::anon_send(actor, 1); });
  CHECK(where.get_future().get() != w.thread.id());
}

}  // namespace
}  // namespace persona_runtime
