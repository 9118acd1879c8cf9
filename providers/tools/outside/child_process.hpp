#pragma once
// One guarded process from its start to its end, on the runner's thread.

#include "providers/tools/outside/guard_protocol.hpp"
#include "providers/tools/outside/lifeline.hpp"
#include "providers/tools/outside/process_runner.hpp"
#include "providers/tools/outside/spawn.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <memory>

namespace persona_runtime {

/// What ties a process to whoever started it.
struct child_links {
  std::shared_ptr<lifeline> line;
  std::shared_ptr<void> slot;  // let go of when everything of the process is gone
  process_runner::on_done done;
};

/// Keeps itself alive by the operations it waits for. Touched by its io_context's thread only,
/// except the lifeline.
class child_process : public std::enable_shared_from_this<child_process> {
public:
  child_process(boost::asio::io_context& context, process_spec spec, child_links links);

  /// Spawns and begins to read.
  void start(const result<unique_fd>& guard_image);

private:
  /// A stream of the process and where its bytes go.
  struct reader {
    boost::asio::posix::stream_descriptor stream;
    std::array<char, 16'384> buffer;
    bool ended = false;
  };
  using take_bytes = void (child_process::*)(std::string_view);

  void read_on(reader& from, take_bytes take);
  void take_output(std::string_view bytes);
  void take_errors(std::string_view bytes);
  void take_status(std::string_view bytes);
  void apply(const guard_record& record);
  void write_input();
  void watch_time();
  void end_because(process_ending how);
  void stream_ended();
  void finish();
  void tell();

  process_spec spec_;
  child_links links_;
  process_outcome outcome_;
  pid_t guard_ = -1;
  boost::asio::posix::stream_descriptor input_;
  reader output_;
  reader errors_;
  reader status_;
  std::string records_;  // an incomplete guard_record
  boost::asio::steady_timer timer_;
  bool ended_by_us_ = false;
};

}  // namespace persona_runtime
