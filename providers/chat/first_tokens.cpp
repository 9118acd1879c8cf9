#include "providers/chat/first_tokens.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto samples_min = latency_options{}.warmup_n;

struct timing {
  std::string label;
  std::shared_ptr<first_token_book> book;
  std::function<double()> now_ms;
};
using timing_ptr = std::shared_ptr<const timing>;

/// Passes everything on; a provider calls it on one thread.
class timed_sink final : public text_sink {
public:
  timed_sink(timing_ptr how, std::shared_ptr<text_sink> to)
    : how_{std::move(how)}, to_{std::move(to)}, began_ms_{how_->now_ms()} {}

  void on_text(std::string_view delta) override {
    if (!delta.empty() && !std::exchange(is_noted_, true))
      how_->book->record(how_->label, how_->now_ms() - began_ms_);
    to_->on_text(delta);
  }
  void on_reasoning(std::string_view delta) override { to_->on_reasoning(delta); }
  void on_unshown(std::size_t bytes) override { to_->on_unshown(bytes); }

private:
  timing_ptr how_;
  std::shared_ptr<text_sink> to_;
  double began_ms_;
  bool is_noted_ = false;
};

class timed_model final : public chat_provider {
public:
  timed_model(std::shared_ptr<chat_provider> model, timing_ptr how)
    : model_{std::move(model)}, how_{std::move(how)} {}

  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    if (request.sink != nullptr)
      request.sink = std::make_shared<timed_sink>(how_, std::move(request.sink));
    return model_->start(std::move(request), std::move(done));
  }
  [[nodiscard]] bool has_limits() const override { return model_->has_limits(); }

private:
  std::shared_ptr<chat_provider> model_;
  timing_ptr how_;
};

}  // namespace

void first_token_book::record(std::string_view label, double sample_ms) {
  const auto guard = std::lock_guard{mutex_};
  tracker_.record(label, sample_ms);
}

std::optional<double> first_token_book::estimate_ms(std::string_view label) const {
  const auto guard = std::lock_guard{mutex_};
  return tracker_.count(label) < samples_min ? std::nullopt : tracker_.estimate_ms(label);
}

std::shared_ptr<chat_provider> timed(std::shared_ptr<chat_provider> model, std::string label,
                                     std::shared_ptr<first_token_book> book,
                                     std::function<double()> now_ms) {
  return std::make_shared<timed_model>(
    std::move(model),
    std::make_shared<const timing>(timing{std::move(label), std::move(book), std::move(now_ms)}));
}

}  // namespace persona_runtime
