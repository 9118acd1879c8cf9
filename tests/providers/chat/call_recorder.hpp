#pragma once
// One call of a chat provider, waited for.

#include "providers/chat/chat_provider.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

/// Keeps what a call streams and how it ends. Hand it over as sink, `done()` as callback.
class call_recorder : public text_sink, public std::enable_shared_from_this<call_recorder> {
public:
  void on_text(std::string_view delta) override { texts.emplace_back(delta); }
  void on_reasoning(std::string_view delta) override { reasonings.emplace_back(delta); }

  chat_provider::on_done done() {
    return [self = shared_from_this()](model_result<model_reply> outcome) {
      const std::lock_guard lock{self->mutex_};
      ++self->ends_;
      self->outcome_.emplace(std::move(outcome));
      self->ended_.notify_all();
    };
  }

  /// Waits for the end, at most ten seconds.
  model_result<model_reply> wait() {
    std::unique_lock lock{mutex_};
    if (!ended_.wait_for(lock, std::chrono::seconds{10}, [this] { return outcome_.has_value(); }))
      return model_error{model_error_class::backend_timeout, 0, "", "", "the test waited in vain"};
    return *outcome_;
  }

  int ends() {
    const std::lock_guard lock{mutex_};
    return ends_;
  }

  std::vector<std::string> texts;
  std::vector<std::string> reasonings;

private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<model_result<model_reply>> outcome_;
  int ends_ = 0;
};

inline message_ptr a_message(role from, std::string text) {
  message m;
  m.from = from;
  m.content = shared_text{std::move(text)};
  return std::make_shared<const message>(std::move(m));
}

}  // namespace persona_runtime
