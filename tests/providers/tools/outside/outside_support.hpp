#pragma once
// What the tests of this folder share: waiting for one result, finding processes by a mark in
// their command line, a directory that goes away.

#include "providers/tools/tool_body.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <string_view>

namespace persona_runtime::test {

/// True as soon as `condition` holds; false when it does not within `patience`.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds patience = std::chrono::seconds{20});

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// How many processes of this machine have `mark` in their command line, dead ones not counted.
std::size_t processes_with(std::string_view mark);

/// A number of seconds for `sleep` that no other process of this machine waits for.
std::string unique_sleep();

/// Descriptors that this process holds.
std::size_t open_descriptors();

std::string file_text(const std::string& path);

/// A new empty directory, removed with everything in it at the end.
class scratch_directory {
public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// One value that another thread gives, at most once.
template <class T>
class awaited {
public:
  [[nodiscard]] auto receiver() {
    return [promise = promise_](T value) { promise->set_value(std::move(value)); };
  }
  /// The value; fails the test when there is none within 30 s.
  T get() {
    if (future_.wait_for(std::chrono::seconds{30}) != std::future_status::ready)
      throw std::runtime_error{"nothing came within 30 s"};
    return future_.get();
  }
  [[nodiscard]] bool is_ready() const {
    return future_.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  }

private:
  std::shared_ptr<std::promise<T>> promise_ = std::make_shared<std::promise<T>>();
  std::future<T> future_ = promise_->get_future();
};

/// A call with these arguments, for a tool that works in `workspace`.
tool_request a_call(std::string arguments, std::string workspace = {});

/// The result of one call, waited for.
tool_result result_of(tool_body& tool, std::string arguments, std::string workspace = {});

}  // namespace persona_runtime::test
