#pragma once
// Which calls of one key may start, and who waits for what. Pure: time is a parameter, and calls
// are only names here.

#include "domain/tier/breaker.hpp"
#include "domain/tier/fair_queue.hpp"
#include "domain/tier/rate_budget.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persona_runtime {

struct gate_limits {
  std::uint32_t calls_max = 0;                 // of one model at once; 0: any number
  std::size_t waiting_max = 20'000;            // of all models together
  std::chrono::milliseconds patience{60'000};  // behind a model that is left alone
  breaker_limits breaker{};
};

struct gate_call {
  identity call;
  std::string owner;
  std::string model;         // the vendor's name
  std::uint64_t tokens = 0;  // prompt and reply, at most
  bool may_wait = true;      // false: another model can do it, so do not wait for a broken one
};

enum class gate_answer : std::uint8_t {
  start,  // it counts as under way from here on
  wait,   // next() names it when it may start
};

/// A call that waited and will not be started any more.
struct gate_refusal {
  identity call;
  model_error error;  // reason "not_sent"
};

/// How a model is doing now.
struct gate_view {
  breaker_state state = breaker_state::closed;
  instant closed_until{};   // when calls may come here again; 0: now; end_of_time: nobody knows
  std::size_t waiting = 0;  // calls for it
  friend bool operator==(const gate_view&, const gate_view&) = default;
};

/// The breakers, slots, limits and queues of one (provider, base URL, key). Owners take turns over
/// all models together; an owner's turn is for the model that was not served last. One actor's.
class call_gate {
public:
  explicit call_gate(const gate_limits& limits = {}) : limits_{limits} {}

  /// Fails when the call must not wait, or cannot (reason "not_sent"): it is not kept.
  [[nodiscard]] model_result<gate_answer> enter(const gate_call& what, instant now);

  /// The head of an answer has come, and says something of limits.
  void heard(const identity& call, const rate_report& said, instant now);
  /// Ends of calls that were started. Those that were not are passed over.
  void succeeded(const identity& call, instant now);
  /// Returns those who waited for nothing.
  [[nodiscard]] std::vector<gate_refusal> failed(const identity& call, const model_error& error,
                                                 instant now);
  /// It was cancelled: nothing is known.
  void abandoned(const identity& call);

  /// Forgets the waiting calls of `run` up to and including `life`.
  void cancel(const run_id& run, incarnation life);
  /// Forgets that call, if it waits.
  void cancel(const identity& call);

  /// The waiting calls that may start now, in order; they count as under way from here on.
  [[nodiscard]] std::vector<identity> next(instant now);
  /// When next() should be asked again although nothing ends; none: not before something does.
  [[nodiscard]] std::optional<instant> wake_at(instant now) const;

  /// Keys are looked at again: what was refused may be tried.
  void reopen();

  /// closed_until is the instant of the next probe, or of the key's next use.
  [[nodiscard]] gate_view look(std::string_view model, instant now) const;

  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }

private:
  struct waiter {
    gate_call what;
    instant since;
  };
  struct model_lane {
    explicit model_lane(const gate_limits& limits)
      : health{limits.breaker}, queue{limits.waiting_max} {}
    breaker health;
    fair_queue<waiter> queue;
    std::uint32_t open = 0;
    std::optional<identity> probe;  // under way
  };
  using lane_map = std::map<std::string, model_lane, std::less<>>;

  model_lane& lane_of(const std::string& model);
  [[nodiscard]] bool may_start(const model_lane& at, std::uint64_t tokens, instant now) const;
  void start(lane_map::iterator at, const gate_call& what, instant now);
  struct flight {
    lane_map::iterator at;
    sent_call sent;
    bool is_heard = false;
  };

  /// Whose turn it is; end: nobody's who may start.
  [[nodiscard]] lane_map::iterator next_lane(instant now);
  void had_turn(lane_map::iterator at, const std::string& owner);

  /// When the key may be used again, when that is worth going elsewhere; else 0.
  [[nodiscard]] instant held_until(instant now) const;
  /// Takes out a call that ends; none: unknown. `counts`: what it says is about the model as it is
  /// now.
  std::optional<flight> finish(const identity& call, bool& counts);
  void leave_broken(model_lane& at, const model_error& error, instant now,
                    std::vector<gate_refusal>& gone);
  void leave_held(instant now, std::vector<gate_refusal>& gone);
  void learn_refusal(const flight& call, const model_error& error, instant now);

  gate_limits limits_;
  lane_map lanes_;
  rate_budget budget_;
  std::map<identity, flight> under_way_;
  std::size_t waiting_ = 0;
  std::string last_lane_;  // whose turn it was
  std::uint64_t turn_ = 0;
  std::map<std::string, std::uint64_t>
    last_turns_;  // of owners that wait; forgotten when none does
};

}  // namespace persona_runtime
