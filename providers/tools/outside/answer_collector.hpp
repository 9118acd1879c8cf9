#pragma once
#include "providers/http/http_client.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace persona_runtime {

/// One HTTP answer as a whole, or as far as it came.
struct http_answer {
  http_response_head head{};          // status 0: no answer had begun
  std::string body{};                 // its first bytes
  std::size_t body_bytes = 0;         // how many arrived
  std::optional<http_error> error{};  // set: it ended early
};

/// What to do with a body that is longer than what is kept: count the rest, or have enough at once
/// (error body_too_large; whoever collects then cancels the exchange).
enum class when_full : std::uint8_t { count, stop };

/// Keeps the first `body_kept_max` bytes of a body. `done` is called once, on the client's thread.
class answer_collector final : public http_handler {
public:
  using on_done = std::function<void(http_answer)>;
  answer_collector(std::size_t body_kept_max, when_full then, on_done done)
    : body_kept_max_{body_kept_max}, then_{then}, done_{std::move(done)} {}

  void on_head(const http_response_head& head) override { answer_.head = head; }
  void on_body(std::string_view bytes) override {
    answer_.body_bytes += bytes.size();
    answer_.body.append(bytes.substr(0, body_kept_max_ - answer_.body.size()));
    if (then_ == when_full::stop && answer_.body_bytes > body_kept_max_)
      on_error({http_error_kind::body_too_large, "there is more than is read", true});
  }
  void on_end() override { tell(); }
  void on_error(const http_error& error) override {
    answer_.error = error;
    tell();
  }

private:
  void tell() {
    if (const auto done = std::exchange(done_, nullptr))
      done(std::exchange(answer_, {}));
  }

  std::size_t body_kept_max_;
  when_full then_;
  on_done done_;  // empty: told
  http_answer answer_;
};

}  // namespace persona_runtime
