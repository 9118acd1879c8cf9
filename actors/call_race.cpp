#include "actors/call_race.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace persona_runtime {
namespace {

class raced_sink final : public text_sink {
public:
  raced_sink(call_race_ptr race, call_race::lane at, std::shared_ptr<text_sink> to)
    : race_{std::move(race)}, at_{at}, to_{std::move(to)} {}

  void on_text(std::string_view delta) override {
    if (!delta.empty() && race_->piece(at_, delta.size()))
      to_->on_text(delta);
  }
  void on_reasoning(std::string_view delta) override {
    if (!delta.empty() && race_->piece(at_, delta.size()))
      to_->on_reasoning(delta);
  }
  void on_unshown(std::size_t bytes) override { static_cast<void>(race_->piece(at_, bytes)); }

private:
  call_race_ptr race_;
  call_race::lane at_;
  std::shared_ptr<text_sink> to_;
};

}  // namespace

void call_race::enter(lane at, std::shared_ptr<model_signal> model) {
  lanes_.at(at).model = std::move(model);
}

void call_race::sent(lane at) {
  lanes_.at(at).sent_at.store(now_().value + 1);
}

void call_race::time(lane_state& own) {
  const auto sent = own.sent_at.load();
  if (sent != 0 && !own.is_timed.exchange(true))
    own.model->note_first_token(std::chrono::milliseconds{now_().value + 1 - sent});
}

bool call_race::piece(lane at, std::size_t bytes) {
  auto& own = lanes_.at(at);
  own.bytes.fetch_add(bytes);
  if (!own.is_timed.load())
    time(own);
  auto none = nobody;
  if (!winner_.compare_exchange_strong(none, at))
    return none == at;
  // The tier sets the one before it reads the other, so that one of us sees what the other did.
  if (has_second_.load())
    tell_(at);
  return true;
}

bool call_race::claim(lane at) {
  auto none = nobody;
  return winner_.compare_exchange_strong(none, at) || none == at;
}

void call_race::give_up(lane at) {
  time(lanes_.at(at));
}

std::optional<instant> call_race::sent_at(lane at) const {
  const auto sent = lanes_.at(at).sent_at.load();
  return sent == 0 ? std::nullopt : std::optional{instant{sent - 1}};
}

std::shared_ptr<text_sink> make_raced_sink(call_race_ptr race, call_race::lane at,
                                           std::shared_ptr<text_sink> to) {
  return std::make_shared<raced_sink>(std::move(race), at, std::move(to));
}

}  // namespace persona_runtime
