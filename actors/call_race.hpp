#pragma once
// Two attempts at one call, of which one is heard.

#include "actors/model_signal.hpp"
#include "providers/chat/chat_provider.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace persona_runtime {

/// Who speaks first is heard, and nothing of the other one is ever shown. Also says what each cost
/// and how long it took to begin. Thread-safe: models' threads speak, the tier asks.
class call_race {
public:
  enum lane : std::size_t { first, second };
  /// Called on a model's thread, at most once: that attempt has begun while the other one was under
  /// way.
  using on_spoken = std::function<void(lane)>;

  call_race(std::function<instant()> now, on_spoken tell)
    : now_{std::move(now)}, tell_{std::move(tell)} {}
  call_race(const call_race&) = delete;
  call_race& operator=(const call_race&) = delete;

  /// Before that attempt is placed. `model` is told how long it takes to begin.
  void enter(lane at, std::shared_ptr<model_signal> model);
  /// From here on `tell` is called: a second attempt may be under way.
  void begin_second() { has_second_.store(true); }

  /// The attempt is sent now.
  void sent(lane at);
  /// A piece of its answer has come. True: it counts, and may be shown.
  [[nodiscard]] bool piece(lane at, std::size_t bytes);
  /// Its whole answer has come. True: it counts.
  [[nodiscard]] bool claim(lane at);
  /// It was given up before it had begun: it would have taken at least this long.
  void give_up(lane at);

  [[nodiscard]] bool is_decided() const { return winner_.load() != nobody; }
  [[nodiscard]] bool is_won_by(lane at) const { return winner_.load() == at; }
  /// None: it was never sent.
  [[nodiscard]] std::optional<instant> sent_at(lane at) const;
  [[nodiscard]] std::uint64_t bytes(lane at) const { return lanes_.at(at).bytes.load(); }

private:
  static constexpr auto nobody = std::size_t{2};
  struct lane_state {
    std::shared_ptr<model_signal> model;
    std::atomic<std::int64_t> sent_at{0};  // 0: not yet; else one more than the instant
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<bool> is_timed{false};
  };
  void time(lane_state& own);

  std::function<instant()> now_;
  on_spoken tell_;
  std::array<lane_state, 2> lanes_;
  std::atomic<std::size_t> winner_{nobody};
  std::atomic<bool> has_second_{false};
};

using call_race_ptr = std::shared_ptr<call_race>;

/// Lets through what counts of one attempt.
[[nodiscard]] std::shared_ptr<text_sink> make_raced_sink(call_race_ptr race, call_race::lane at,
                                                         std::shared_ptr<text_sink> to);

}  // namespace persona_runtime
