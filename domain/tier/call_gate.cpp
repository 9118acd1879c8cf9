#include "domain/tier/call_gate.hpp"

#include "domain/tier/retry_after.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace persona_runtime {
namespace {

model_error left_alone(const std::string& model) {
  return not_sent(model_error_class::backend_timeout,
                  "not sent: " + model + " keeps failing and is left alone for a while");
}

model_error key_held(const std::string& model) {
  return not_sent(model_error_class::rate_limit,
                  "not sent: the limits of the key of " + model + " are used up for now");
}

model_error key_refused(const std::string& model) {
  return not_sent(model_error_class::authentication,
                  "not sent: the key was refused by " + model
                    + "; put a valid one in and reload the configuration");
}

model_error queue_full(const std::string& model, std::size_t waiting_max) {
  return not_sent(model_error_class::backend_timeout,
                  "not sent: " + std::to_string(waiting_max) + " calls wait for the key of " + model
                    + " already (limits.model_calls_queued_max)");
}

}  // namespace

call_gate::model_lane& call_gate::lane_of(const std::string& model) {
  return lanes_.try_emplace(model, limits_).first->second;
}

bool call_gate::may_start(const model_lane& at, std::uint64_t tokens, instant now) const {
  const auto verdict = at.health.look(now);
  const auto is_well = verdict == breaker_verdict::pass || verdict == breaker_verdict::probe;
  const auto has_slot = limits_.calls_max == 0 || at.open < limits_.calls_max;
  return is_well && has_slot && budget_.ready_at(tokens, now) <= now;
}

void call_gate::start(lane_map::iterator at, const gate_call& what, instant now) {
  auto& own = at->second;
  if (own.health.ask(now) == breaker_verdict::probe)
    own.probe = what.call;
  ++own.open;
  const auto sent = sent_call{now, what.tokens};
  budget_.sent(sent);
  under_way_.insert_or_assign(what.call, flight{at, sent, false});
}

instant call_gate::held_until(instant now) const {
  constexpr auto worth_going_ms = std::int64_t{2'000};  // as a hint that is not waited for
  const auto ready = budget_.ready_at(1, now);
  return ready.value > now.value + worth_going_ms ? ready : instant{};
}

model_result<gate_answer> call_gate::enter(const gate_call& what, instant now) {
  auto& own = lane_of(what.model);
  const auto verdict = own.health.look(now);
  if (verdict == breaker_verdict::shut)
    return key_refused(what.model);
  if (verdict == breaker_verdict::wait && !what.may_wait)
    return left_alone(what.model);
  if (!what.may_wait && held_until(now).value != 0)
    return key_held(what.model);
  if (own.queue.empty() && may_start(own, what.tokens, now)) {
    start(lanes_.find(what.model), what, now);
    return gate_answer::start;
  }
  if (waiting_ >= limits_.waiting_max || !own.queue.push(what.owner, {what, now}))
    return queue_full(what.model, limits_.waiting_max);
  last_turns_.try_emplace(what.owner, turn_);  // who is new comes after those who wait
  ++waiting_;
  return gate_answer::wait;
}

void call_gate::heard(const identity& call, const rate_report& said, instant now) {
  const auto found = under_way_.find(call);
  if (found != under_way_.end() && !std::exchange(found->second.is_heard, true))
    budget_.heard(found->second.sent, said, now);
}

std::optional<call_gate::flight> call_gate::finish(const identity& call, bool& counts) {
  const auto found = under_way_.extract(call);
  if (found.empty())
    return std::nullopt;
  auto& own = found.mapped().at->second;
  --own.open;
  counts = !own.probe || *own.probe == call;
  if (counts)
    own.probe.reset();
  return found.mapped();
}

void call_gate::succeeded(const identity& call, instant now) {
  heard(call, {}, now);
  auto counts = false;
  const auto ended = finish(call, counts);
  if (!ended)
    return;
  budget_.accepted(now);
  if (counts)
    ended->at->second.health.on_success();
}

void call_gate::abandoned(const identity& call) {
  auto counts = false;
  const auto ended = finish(call, counts);
  if (!ended)
    return;
  if (!ended->is_heard)
    budget_.unheard(ended->sent);
  if (counts)
    ended->at->second.health.on_abandoned();
}

void call_gate::learn_refusal(const flight& call, const model_error& error, instant now) {
  // An account without money is not full: waiting does not help it.
  const auto is_about_money =
    error.reason == "insufficient_quota" || error.reason == "credits_expired";
  const auto has_head = error.status != 0;
  if (!call.is_heard && has_head)
    budget_.heard(call.sent, {}, now);
  else if (!call.is_heard)
    budget_.unheard(call.sent);
  if (error.kind == model_error_class::rate_limit && !is_about_money)
    budget_.refused(retry_after_seconds(error.retry_after, now.value), call.sent.at, now);
}

std::vector<gate_refusal> call_gate::failed(const identity& call, const model_error& error,
                                            instant now) {
  auto gone = std::vector<gate_refusal>{};
  auto counts = false;
  const auto ended = finish(call, counts);
  if (!ended)
    return gone;
  learn_refusal(*ended, error, now);
  leave_held(now, gone);
  auto& own = ended->at->second;
  // A key that is refused is refused, whoever learns it.
  if (!counts && weight_of(error) != failure_weight::shuts)
    return gone;
  own.probe.reset();
  own.health.on_failure(error, now);
  leave_broken(own, error, now, gone);
  return gone;
}

void call_gate::leave_broken(model_lane& at, const model_error& error, instant now,
                             std::vector<gate_refusal>& gone) {
  const auto verdict = at.health.look(now);
  const auto is_shut = verdict == breaker_verdict::shut;
  if (verdict != breaker_verdict::wait && !is_shut)
    return;
  const auto retry_at = at.health.retry_at().value;
  waiting_ -= at.queue.remove_if([&](const waiter& w) {
    const auto too_long = retry_at - w.since.value > limits_.patience.count();
    if (!is_shut && w.what.may_wait && !too_long)
      return false;
    auto why = is_shut ? key_refused(w.what.model) : left_alone(w.what.model);
    why.kind = error.kind;
    gone.push_back({w.what.call, std::move(why)});
    return true;
  });
}

void call_gate::leave_held(instant now, std::vector<gate_refusal>& gone) {
  if (waiting_ == 0 || held_until(now).value == 0)
    return;
  for (auto& [model, own] : lanes_) {
    waiting_ -= own.queue.remove_if([&](const waiter& w) {
      if (!w.what.may_wait)
        gone.push_back({w.what.call, key_held(w.what.model)});
      return !w.what.may_wait;
    });
  }
}

void call_gate::cancel(const run_id& run, incarnation life) {
  for (auto& [model, lane] : lanes_) {
    waiting_ -= lane.queue.remove_if(
      [&](const waiter& w) { return w.what.call.run == run && w.what.call.life <= life; });
  }
}

void call_gate::cancel(const identity& call) {
  for (auto& [model, lane] : lanes_)
    waiting_ -= lane.queue.remove_if([&](const waiter& w) { return w.what.call == call; });
}

call_gate::lane_map::iterator call_gate::next_lane(instant now) {
  auto best = lanes_.end();
  auto oldest = std::numeric_limits<std::uint64_t>::max();
  auto at = lanes_.upper_bound(last_lane_);
  for (auto i = std::size_t{0}; i < lanes_.size(); ++i, ++at) {
    if (at == lanes_.end())
      at = lanes_.begin();
    const auto* first = at->second.queue.front();
    if (first == nullptr || !may_start(at->second, first->what.tokens, now))
      continue;
    if (const auto turn = last_turns_[first->what.owner]; turn < oldest) {
      oldest = turn;
      best = at;
    }
  }
  return best;
}

void call_gate::had_turn(lane_map::iterator at, const std::string& owner) {
  last_lane_ = at->first;
  last_turns_[owner] = ++turn_;
  for (auto& [model, own] : lanes_) {
    if (&own != &at->second)
      own.queue.pass(owner);
  }
}

std::vector<identity> call_gate::next(instant now) {
  auto started = std::vector<identity>{};
  while (waiting_ > 0) {
    const auto at = next_lane(now);
    if (at == lanes_.end())
      return started;
    --waiting_;
    const auto next = at->second.queue.pop();
    had_turn(at, next->what.owner);
    started.push_back(next->what.call);
    start(at, next->what, now);
  }
  last_turns_.clear();
  return started;
}

std::optional<instant> call_gate::wake_at(instant now) const {
  auto soonest = std::optional<instant>{};
  const auto wake = [&](instant when) {
    if (when > now && (!soonest || when < *soonest))
      soonest = when;
  };
  wake(held_until(now));
  for (const auto& [model, own] : lanes_) {
    const auto* first = own.queue.front();
    if (first == nullptr || own.probe)
      continue;
    const auto has_slot = limits_.calls_max == 0 || own.open < limits_.calls_max;
    if (own.health.look(now) == breaker_verdict::wait)
      wake(own.health.retry_at());
    else if (has_slot)
      wake(budget_.ready_at(first->what.tokens, now));
  }
  return soonest;
}

void call_gate::reopen() {
  for (auto& [model, own] : lanes_) {
    if (own.health.look({0}) == breaker_verdict::shut)
      own.health = breaker{limits_.breaker};
  }
}

gate_view call_gate::look(std::string_view model, instant now) const {
  const auto found = lanes_.find(model);
  if (found == lanes_.end())
    return {breaker_state::closed, held_until(now), 0};
  const auto& own = found->second;
  auto seen = gate_view{own.health.state(), held_until(now), own.queue.size()};
  if (seen.state != breaker_state::closed) {
    const auto is_shut = seen.state == breaker_state::shut;
    seen.closed_until = is_shut || own.probe ? end_of_time : own.health.retry_at();
  }
  return seen;
}

}  // namespace persona_runtime
