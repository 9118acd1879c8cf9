#pragma once
#include "providers/http/http_client.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace persona_runtime {

/// One HTTP answer as a whole, or as far as it came.
struct http_answer {
  http_response_head head{};          // status 0: no answer had begun
  std::string body{};                 // its first bytes
  std::size_t body_bytes = 0;         // how many arrived
  std::optional<http_error> error{};  // set: it ended early
};

/// Keeps the first `body_kept_max` bytes and counts the rest. `done` is called once, on the
/// client's thread.
class answer_collector final : public http_handler {
public:
  using on_done = std::function<void(http_answer)>;
  answer_collector(std::size_t body_kept_max, on_done done)
    : body_kept_max_{body_kept_max}, done_{std::move(done)} {}

  void on_head(const http_response_head& head) override { answer_.head = head; }
  void on_body(std::string_view bytes) override {
    answer_.body_bytes += bytes.size();
    answer_.body.append(bytes.substr(0, body_kept_max_ - answer_.body.size()));
  }
  void on_end() override { done_(std::move(answer_)); }
  void on_error(const http_error& error) override {
    answer_.error = error;
    done_(std::move(answer_));
  }

private:
  std::size_t body_kept_max_;
  on_done done_;
  http_answer answer_;
};

}  // namespace persona_runtime
