#pragma once
// The threads that carry all sockets.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace persona_runtime {

/// One thread with its own io_context. Whatever lives on it is touched by it alone. Stops and
/// joins when destroyed; handlers that have not run by then never do.
class io_thread {
public:
  io_thread() : worker_{[this] { context_.run(); }} {}
  ~io_thread() {
    context_.stop();
    worker_.join();
  }
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;

  boost::asio::io_context& context() { return context_; }

private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
    context_.get_executor()};
  std::thread worker_;
};

}  // namespace persona_runtime
