#pragma once
// When a second model is asked beside one that has not begun to answer, and how often that may be.
// Pure: times are parameters.

#include "domain/ids.hpp"
#include "domain/tier/walk.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace persona_runtime {

/// How long one model takes to the first piece of an answer. A histogram of fixed size: buckets are
/// 9 % wide, from 1 ms up to 17 minutes, and what is longer counts as that. Old samples weigh less
/// and less: at 2,000 all counts are halved.
class first_token_times {
public:
  /// Fewer say too little.
  static constexpr auto samples_min = std::uint32_t{100};

  /// A negative time counts as none.
  void note(std::chrono::milliseconds took);
  /// 95 of 100 samples took at most this long; at most 9 % and 1 ms more than they did. None: there
  /// are fewer than samples_min.
  [[nodiscard]] std::optional<std::chrono::milliseconds> p95() const;

private:
  static constexpr auto samples_max = std::uint32_t{2'000};
  static constexpr auto buckets = std::size_t{160};  // 8 to each doubling

  void halve();

  std::array<std::uint32_t, buckets> counts_{};
  std::uint32_t total_ = 0;
};

/// Keeps hedges at 5 % of the calls: every twentieth call pays for one. At most 50 are saved up, so
/// that a provider that becomes slow after a long calm is not asked twice by everybody at once.
class hedge_budget {
public:
  void on_call();
  /// False: no hedge is left.
  [[nodiscard]] bool take();

private:
  static constexpr auto calls_per_hedge = std::uint32_t{20};
  static constexpr auto saved_max = std::uint32_t{50} * calls_per_hedge;
  std::uint32_t saved_ = 0;  // calls that have not paid for a hedge yet
};

/// Who is asked beside `member`: the next of the order that looks up; none: nobody.
[[nodiscard]] std::optional<std::uint32_t> next_up(const tier_entry& tier,
                                                   const member_order& order, std::uint32_t member,
                                                   const member_health& looks_up);

/// A model that is to be asked beside the one that has not begun to answer. Means something while
/// `call` is under way.
struct hedge_wish {
  identity call;
  std::string model;  // "provider/model"
};

/// What is known of an attempt at a call that another attempt has answered, or ended.
struct lost_call {
  std::string model;            // "provider/model"
  token_usage usage;            // what it cost
  std::optional<double> cents;  // of that; none: no price
  std::string error{};          // class name; empty: it was cancelled, or came second
  friend bool operator==(const lost_call&, const lost_call&) = default;
};

/// The name of the second attempt at `call`: no further attempt at the step is called so.
[[nodiscard]] identity hedge_of(identity call);
[[nodiscard]] bool is_hedge(const identity& call);
/// The call that it is an attempt at; that of a first attempt is its own.
[[nodiscard]] identity hedged_by(identity call);

}  // namespace persona_runtime
