#include "actors/live_sink.hpp"

#include "domain/text/markers.hpp"

#include <utility>

namespace persona_runtime {
namespace {

class live_sink final : public text_sink {
public:
  live_sink(std::shared_ptr<live_registry> registry, live_registry::channel_ptr where,
            live_text_ptr text, bool as_is, live_registry::on_growth who)
    : registry_{std::move(registry)}, where_{std::move(where)}, text_{std::move(text)},
      as_is_{as_is}, who_{std::move(who)} {}

  void on_text(std::string_view delta) override {
    const auto filtered = as_is_ ? std::string{} : filter_.feed(delta);
    const auto shown = as_is_ ? delta : std::string_view{filtered};
    if (shown.empty())
      return;
    text_->text.append(shown);
    registry_->grew(where_, who_);
  }
  void on_reasoning(std::string_view delta) override {
    if (delta.empty())
      return;
    text_->reasoning.append(delta);
    registry_->grew(where_, who_);
  }

private:
  std::shared_ptr<live_registry> registry_;
  live_registry::channel_ptr where_;
  live_text_ptr text_;
  bool as_is_;
  live_registry::on_growth who_;
  delta_filter filter_;
};

}  // namespace

std::shared_ptr<text_sink> make_live_sink(std::shared_ptr<live_registry> registry,
                                          live_registry::channel_ptr where, live_text_ptr text,
                                          bool as_is, live_registry::on_growth who) {
  return std::make_shared<live_sink>(std::move(registry), std::move(where), std::move(text), as_is,
                                     std::move(who));
}

}  // namespace persona_runtime
