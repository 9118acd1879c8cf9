#include "providers/tools/outside/process_runner.hpp"

#include "providers/http/io_thread.hpp"
#include "providers/tools/outside/child_process.hpp"
#include "providers/tools/outside/guard_image.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <set>

namespace persona_runtime {
namespace {

constexpr auto farewell_max = std::chrono::seconds{15};

class process_call final : public pending_call {
public:
  explicit process_call(std::shared_ptr<lifeline> line) : line_{std::move(line)} {}
  void cancel() noexcept override { line_->cut_silently(); }

private:
  std::shared_ptr<lifeline> line_;
};

/// A write to a pipe that nobody reads any more is an error code, not the end of this process.
void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

struct process_runner::core {
  explicit core(process_limits limits)
    : slots{std::min(limits.processes_max, limits.descriptors_max / descriptors_per_process)} {}

  /// Null when every slot is taken.
  std::shared_ptr<lifeline> take_slot() {
    const auto lock = std::lock_guard{mutex};
    if (live.size() >= slots)
      return nullptr;
    auto line = std::make_shared<lifeline>();
    live.insert(line);
    return line;
  }

  void give_back(const std::shared_ptr<lifeline>& line) {
    const auto lock = std::lock_guard{mutex};
    live.erase(line);
    if (live.empty())
      all_gone.notify_all();
  }

  void end_all() {
    auto lock = std::unique_lock{mutex};
    for (const auto& line : live)
      line->cut_silently();
    all_gone.wait_for(lock, farewell_max, [this] { return live.empty(); });
  }

  /// On the io thread.
  const result<unique_fd>& guard_image() {
    if (!image)
      image.emplace(open_guard_image());
    return *image;
  }

  const std::size_t slots;
  mutable std::mutex mutex;
  std::condition_variable all_gone;
  std::set<std::shared_ptr<lifeline>> live;  // what can be cut
  std::optional<result<unique_fd>> image;    // the io thread's; opened by the first start
  io_thread io;                              // last: its handlers use all of the above
};

process_runner::process_runner(process_limits limits) : core_{std::make_unique<core>(limits)} {
  boost::asio::post(core_->io.context(), block_sigpipe);
}

process_runner::~process_runner() {
  core_->end_all();
}

std::unique_ptr<pending_call> process_runner::start(process_spec spec, on_done done) {
  auto line = core_->take_slot();
  if (!line) {
    done({.how = process_ending::refused,
          .detail = std::to_string(core_->slots)
                    + " tool processes are running, which is the most that run at once"});
    return std::make_unique<process_call>(std::make_shared<lifeline>());
  }
  // Everything that refers to the core lives on its thread and goes with it.
  auto slot =
    std::shared_ptr<void>{nullptr, [owner = core_.get(), line](void*) { owner->give_back(line); }};
  auto child = std::make_shared<child_process>(core_->io.context(), std::move(spec),
                                               child_links{line, std::move(slot), std::move(done)});
  boost::asio::post(core_->io.context(),
                    [owner = core_.get(), child] { child->start(owner->guard_image()); });
  return std::make_unique<process_call>(std::move(line));
}

std::size_t process_runner::running() const {
  const auto lock = std::lock_guard{core_->mutex};
  return core_->live.size();
}

}  // namespace persona_runtime
