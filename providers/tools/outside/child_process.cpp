#include "providers/tools/outside/child_process.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <system_error>

namespace persona_runtime {
namespace {

using boost::system::error_code;

/// After the guard's end nothing of the tool is left to write; only a process that escaped (by
/// killing the guard) could still hold a pipe open.
constexpr auto pipe_patience = std::chrono::seconds{1};

void reap(pid_t guard) {
  // Not blocking for long: its descriptors are closed, so it has all but ended. An embedding
  // program may have reaped it already (ECHILD).
  while (::waitpid(guard, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

child_process::child_process(boost::asio::io_context& context, process_spec spec, child_links links)
  : spec_{std::move(spec)}, links_{std::move(links)}, input_{context},
    output_{boost::asio::posix::stream_descriptor{context}, {}},
    errors_{boost::asio::posix::stream_descriptor{context}, {}},
    status_{boost::asio::posix::stream_descriptor{context}, {}}, timer_{context} {
}

void child_process::start(const result<unique_fd>& guard_image) {
  if (links_.line->is_silent())
    return;
  auto spawned =
    guard_image ? spawn_guarded(guard_image->get(), spec_.directory, spec_.argv, spec_.environment)
                : result<spawned_process>{guard_image.error()};
  if (!spawned) {
    outcome_.how = process_ending::not_started;
    outcome_.detail = spawned.error().detail;
    return tell();
  }
  guard_ = spawned->guard;
  input_.assign(spawned->input.release());
  output_.stream.assign(spawned->output.release());
  errors_.stream.assign(spawned->errors.release());
  status_.stream.assign(spawned->status.release());
  links_.line->attach(std::move(spawned->lifeline));
  read_on(output_, &child_process::take_output);
  read_on(errors_, &child_process::take_errors);
  read_on(status_, &child_process::take_status);
  write_input();
  watch_time();
}

/// The slot goes first, so that `done` may start the next process.
void child_process::tell() {
  links_.line->cut();
  links_.slot.reset();
  if (!links_.line->is_silent())
    links_.done(std::move(outcome_));
}

void child_process::read_on(reader& from, take_bytes take) {
  from.stream.async_read_some(
    boost::asio::buffer(from.buffer),
    [self = shared_from_this(), &from, take](const error_code& error, std::size_t size) {
      (self.get()->*take)({from.buffer.data(), size});
      if (!error)
        return self->read_on(from, take);
      from.ended = true;
      self->stream_ended();
    });
}

void child_process::take_output(std::string_view bytes) {
  outcome_.output_bytes += bytes.size();
  const auto room = spec_.output_kept_max - outcome_.output.size();
  outcome_.output.append(bytes.substr(0, room));
  if (outcome_.output_bytes > spec_.output_max)
    end_because(process_ending::too_much_output);
}

void child_process::take_errors(std::string_view bytes) {
  auto& kept = outcome_.errors;
  kept.append(bytes);
  if (kept.size() > spec_.errors_kept_max)
    kept.erase(0, kept.size() - spec_.errors_kept_max);
}

void child_process::take_status(std::string_view bytes) {
  records_.append(bytes);
  auto record = guard_record{};
  while (records_.size() >= sizeof record) {
    std::memcpy(&record, records_.data(), sizeof record);
    records_.erase(0, sizeof record);
    apply(record);
  }
}

void child_process::apply(const guard_record& record) {
  if (ended_by_us_ || outcome_.how == process_ending::not_started)
    return;
  outcome_.value = record.value;
  switch (record.event) {
  case guard_event::exited:
    outcome_.how = process_ending::exited;
    return;
  case guard_event::signalled:
    outcome_.how = process_ending::signalled;
    return;
  case guard_event::chdir_failed:
    outcome_.detail = "its directory cannot be entered: ";
    break;
  case guard_event::exec_failed:
    outcome_.detail = "the program cannot be started: ";
    break;
  case guard_event::fork_failed:
    outcome_.detail = "no new process: ";
    break;
  case guard_event::survivors:
    return;
  }
  outcome_.how = process_ending::not_started;
  outcome_.detail += std::generic_category().message(record.value);
}

void child_process::write_input() {
  boost::asio::async_write(input_, boost::asio::buffer(spec_.input),
                           [self = shared_from_this()](const error_code&, std::size_t) {
                             // A tool need not read its input: a closed pipe is no error.
                             auto ignored = error_code{};
                             self->input_.close(ignored);
                           });
}

void child_process::watch_time() {
  timer_.expires_after(spec_.timeout);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error)
      self->end_because(process_ending::timed_out);
  });
}

void child_process::end_because(process_ending how) {
  if (ended_by_us_ || status_.ended)
    return;
  ended_by_us_ = true;
  outcome_.how = how;
  links_.line->cut();
  timer_.expires_after(spec_.kill_patience);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && !self->status_.ended)
      ::kill(self->guard_, SIGKILL);
  });
}

void child_process::stream_ended() {
  if (output_.ended && errors_.ended && status_.ended)
    return finish();
  if (!status_.ended)
    return;
  timer_.expires_after(pipe_patience);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error)
      return;
    auto ignored = error_code{};
    self->output_.stream.close(ignored);
    self->errors_.stream.close(ignored);
  });
}

void child_process::finish() {
  auto ignored = error_code{};
  input_.close(ignored);
  timer_.cancel();
  reap(guard_);
  guard_ = -1;
  tell();
}

}  // namespace persona_runtime
