#pragma once
// How fast one key may be used: learnt from what its provider says, and from its refusals. Pure:
// time is a parameter.

#include "domain/ids.hpp"
#include "domain/tier/rate_report.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

namespace persona_runtime {

/// Later than any instant that comes.
inline constexpr instant end_of_time{std::numeric_limits<std::int64_t>::max()};

/// A limit that fills up again steadily; of unknown size until somebody says one.
class rate_bucket {
public:
  [[nodiscard]] bool is_known() const { return per_ms_ > 0; }
  [[nodiscard]] double per_ms() const { return per_ms_; }
  /// When `need` will be there, or, when it can never hold so much, all that it can.
  [[nodiscard]] instant ready_at(double need, instant now) const;
  void take(double need, instant now);
  /// `unheard`: of what was taken, the provider may not have known of so much.
  void heard(const rate_window& said, double unheard, instant now);
  /// From here on without bursts, and empty.
  void run_at(double per_ms, instant now);
  /// The same, at this share of the limit that was said; nothing happens when none was.
  void run_at_share(double share, instant now);
  /// Only the rate changes.
  void raise(double factor, instant now);
  void raise_share(double share, instant now);

private:
  [[nodiscard]] double level(instant now) const;
  void change_rate(double per_ms);

  double per_ms_ = 0;       // 0: unknown
  double said_per_ms_ = 0;  // 0: nothing was said
  double share_ = 1;
  double burst_ = 0;  // what it can hold
  bool is_smooth_ = false;
  double level_ = 0;  // at `at_`; below zero: it was overdrawn
  instant at_;
};

/// A call that was sent.
struct sent_call {
  instant at;
  std::uint64_t tokens = 0;  // prompt and reply, at most
};

/// Requests and tokens of one key. One actor's.
///
/// While nothing is known, only so many calls may wait to be refused: a call is taken when its
/// head comes, or when no refusal came within a quarter of a second; each that is taken lets more
/// wait. A limit that was said is kept to. A 429 stops everything for as long as it asks; after it
/// calls are spread evenly, at a rate that goes by what went well when nobody says one.
class rate_budget {
public:
  /// When a call may be sent, or is worth asking for again: `now` or earlier: it may be sent now.
  [[nodiscard]] instant ready_at(std::uint64_t tokens, instant now) const;

  /// In the order of their instants.
  void sent(const sent_call& call);
  /// The head of an answer came; once per call that was sent.
  void heard(const sent_call& call, const rate_report& said, instant now);
  /// A call ended without a head; instead of heard().
  void unheard(const sent_call& call);
  /// An answer was whole.
  void accepted(instant now);
  /// A 429 to a call that was sent at `sent_at`. `hint_s`: what it asks for.
  void refused(std::optional<double> hint_s, instant sent_at, instant now);

  /// Nothing is sent before; in the past: it is not paused.
  [[nodiscard]] instant paused_until() const { return paused_until_; }

private:
  /// Calls sent within one millisecond of which nothing was heard yet.
  struct batch {
    instant at;
    std::uint64_t calls = 0;
  };

  [[nodiscard]] double accepted_per_ms(instant now) const;
  /// The rate after a refusal when nobody says one.
  [[nodiscard]] double bearable_per_ms(instant now) const;
  static bool is_old(const batch& sent, instant now);
  /// When there is room.
  [[nodiscard]] instant room_at(instant now) const;
  void take(std::uint64_t calls, instant now);
  void take_old(instant now);
  /// False: it is taken already.
  bool remove_fresh(instant at);
  void forget_head(const sent_call& call);

  rate_bucket requests_;
  rate_bucket tokens_;
  bool is_said_ = false;     // the provider named a limit
  double room_ = 32;         // calls that may wait to be refused while nothing is said
  std::deque<batch> fresh_;  // those; the oldest first
  std::uint64_t fresh_calls_ = 0;
  std::uint64_t awaited_ = 0;  // heads
  std::uint64_t awaited_tokens_ = 0;
  std::uint64_t accepted_ = 0;  // since `since_`
  double accepted_before_ = 0;  // per ms, in the time before that
  instant since_;
  instant paused_until_;
  instant refused_at_;
  instant raised_at_;
  std::uint32_t refusals_ = 0;  // in a row
  double share_ = 1;            // of the limit that was said
};

}  // namespace persona_runtime
