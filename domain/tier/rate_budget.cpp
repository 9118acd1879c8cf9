#include "domain/tier/rate_budget.hpp"

#include <algorithm>
#include <cmath>

namespace persona_runtime {
namespace {

constexpr double minute_ms = 60'000;
constexpr double longer_than_a_minute_ms = 90'000;
constexpr double smooth_burst_ms = 100;        // how much may gather while calls are spread evenly
constexpr double slowest_per_ms = 1.0 / 1000;  // of what nobody has said
constexpr double room_growth = 0.25;           // per call that was taken
constexpr double room_min = 4;
constexpr double room_max = 1e6;
constexpr std::int64_t refusal_ms = 250;  // who refuses does so at once; answers take longer
constexpr std::int64_t measured_ms = 10'000;
constexpr double burst_ms = 1'000;  // what comes at once is no rate
constexpr double back_off = 0.9;
constexpr double share_step = 0.95;
constexpr double share_min = 0.1;
constexpr double growth_per_s = 1.02;
constexpr double first_pause_s = 0.1;
constexpr double longest_pause_s = 86'400;

instant after(instant now, double ms) {
  constexpr double farthest_ms = 1e12;
  return {now.value + static_cast<std::int64_t>(std::ceil(std::clamp(ms, 0.0, farthest_ms)))};
}

double since(instant then, instant now) {
  return static_cast<double>(std::max<std::int64_t>(0, now.value - then.value));
}

}  // namespace

double rate_bucket::level(instant now) const {
  return std::min(burst_, level_ + per_ms_ * since(at_, now));
}

instant rate_bucket::ready_at(double need, instant now) const {
  if (!is_known())
    return {};
  constexpr double noise = 1e-6;
  const auto missing = std::min(need, burst_) - level(now);
  return missing <= noise ? instant{} : after(now, missing / per_ms_);
}

void rate_bucket::take(double need, instant now) {
  level_ = level(now) - need;
  at_ = now;
}

void rate_bucket::change_rate(double per_ms) {
  per_ms_ = per_ms;
  if (is_smooth_)
    burst_ = std::max(1.0, per_ms * smooth_burst_ms);
}

void rate_bucket::heard(const rate_window& said, double unheard, instant now) {
  if (!said.limit || *said.limit == 0)
    return;
  const auto limit = static_cast<double>(*said.limit);
  const auto remaining = static_cast<double>(said.remaining.value_or(*said.limit));
  const auto reset = static_cast<double>(said.reset_ms.value_or(0));
  const auto is_new = !is_known();
  // A limit per day is said in the same words; only its reset shows it.
  const auto is_slow = reset > longer_than_a_minute_ms && remaining < limit;
  said_per_ms_ = is_slow ? (limit - remaining) / reset : limit / minute_ms;
  level_ = level(now);
  at_ = now;
  if (!is_smooth_)
    burst_ = limit;
  change_rate(said_per_ms_ * share_);
  if (said.remaining || is_new)
    level_ = std::min(burst_, remaining - unheard);
}

void rate_bucket::run_at(double per_ms, instant now) {
  is_smooth_ = true;
  change_rate(per_ms);
  level_ = 0;
  at_ = now;
}

void rate_bucket::run_at_share(double share, instant now) {
  share_ = share;
  if (said_per_ms_ > 0)
    run_at(said_per_ms_ * share, now);
}

void rate_bucket::raise(double factor, instant now) {
  level_ = level(now);
  at_ = now;
  change_rate(per_ms_ * factor);
}

void rate_bucket::raise_share(double share, instant now) {
  share_ = share;
  if (said_per_ms_ > 0)
    raise(said_per_ms_ * share / per_ms_, now);
}

bool rate_budget::is_old(const batch& sent, instant now) {
  return sent.at.value + refusal_ms <= now.value;
}

instant rate_budget::room_at(instant now) const {
  if (is_said_)
    return {};
  auto fresh = fresh_calls_;
  auto room = room_;
  auto at = fresh_.begin();
  for (; at != fresh_.end() && is_old(*at, now); ++at) {
    fresh -= at->calls;
    room += room_growth * static_cast<double>(at->calls);
  }
  const auto has_room = fresh == 0 || static_cast<double>(fresh + 1) <= room;
  return has_room ? instant{} : instant{at->at.value + refusal_ms};
}

instant rate_budget::ready_at(std::uint64_t tokens, instant now) const {
  return std::max({paused_until_, room_at(now), requests_.ready_at(1, now),
                   tokens_.ready_at(static_cast<double>(tokens), now)});
}

void rate_budget::take(std::uint64_t calls, instant now) {
  fresh_calls_ -= calls;
  room_ = std::min(room_max, room_ + room_growth * static_cast<double>(calls));
  // Whole answers come too late to tell how fast a key was used when it was too fast. What came
  // before the last pause is not part of it.
  if (since_ <= refused_at_ && now > paused_until_) {
    accepted_ = 0;
    accepted_before_ = 0;
    since_ = now;
  } else if (now.value - since_.value > measured_ms) {
    accepted_before_ = static_cast<double>(accepted_) / since(since_, now);
    accepted_ = 0;
    since_ = now;
  }
  accepted_ += calls;
}

void rate_budget::take_old(instant now) {
  for (; !fresh_.empty() && is_old(fresh_.front(), now); fresh_.pop_front())
    take(fresh_.front().calls, now);
}

void rate_budget::sent(const sent_call& call) {
  take_old(call.at);
  if (fresh_.empty() || fresh_.back().at < call.at)
    fresh_.push_back({call.at});
  ++fresh_.back().calls;
  ++fresh_calls_;
  ++awaited_;
  awaited_tokens_ += call.tokens;
  requests_.take(1, call.at);
  tokens_.take(static_cast<double>(call.tokens), call.at);
}

bool rate_budget::remove_fresh(instant at) {
  const auto found = std::lower_bound(fresh_.begin(), fresh_.end(), at,
                                      [](const batch& b, instant when) { return b.at < when; });
  const auto is_fresh = found != fresh_.end() && found->at == at && found->calls > 0;
  if (is_fresh)
    --found->calls;
  return is_fresh;
}

void rate_budget::forget_head(const sent_call& call) {
  awaited_ -= std::min<std::uint64_t>(awaited_, 1);
  awaited_tokens_ -= std::min(awaited_tokens_, call.tokens);
}

void rate_budget::unheard(const sent_call& call) {
  forget_head(call);
  if (remove_fresh(call.at))
    --fresh_calls_;
}

void rate_budget::heard(const sent_call& call, const rate_report& said, instant now) {
  forget_head(call);
  take_old(now);
  if (remove_fresh(call.at))
    take(1, now);
  is_said_ = is_said_ || said.requests.limit || said.tokens.limit;
  requests_.heard(said.requests, static_cast<double>(awaited_), now);
  tokens_.heard(said.tokens, static_cast<double>(awaited_tokens_), now);
}

double rate_budget::accepted_per_ms(instant now) const {
  // What has not been refused yet may well be taken: a first answer that is a refusal says little.
  const auto went_well = static_cast<double>(accepted_ + fresh_calls_);
  const auto lately = went_well / std::max(burst_ms, since(since_, now));
  return std::max({slowest_per_ms, accepted_before_, lately});
}

double rate_budget::bearable_per_ms(instant now) const {
  const auto accepted = accepted_per_ms(now) * back_off;
  if (!requests_.is_known())
    return accepted;
  // What was too fast is slowed down; a pause that has only just ended tells nothing more.
  const auto slower = std::max(slowest_per_ms, requests_.per_ms() * back_off);
  return since(since_, now) < burst_ms ? slower : std::min(accepted, slower);
}

void rate_budget::accepted(instant now) {
  refusals_ = 0;
  const auto seconds = std::min(since(raised_at_, now) / 1000, 60.0);
  if (seconds < 1)
    return;
  raised_at_ = now;
  const auto factor = std::pow(growth_per_s, seconds);
  if (is_said_ && share_ < 1) {
    share_ = std::min(1.0, share_ * factor);
    requests_.raise_share(share_, now);
    tokens_.raise_share(share_, now);
  } else if (!is_said_ && requests_.is_known()) {
    requests_.raise(factor, now);
  }
}

void rate_budget::refused(std::optional<double> hint_s, instant sent_at, instant now) {
  take_old(now);
  const auto unasked_s = std::ldexp(first_pause_s, static_cast<int>(std::min(refusals_, 16u)));
  const auto pause_s = std::clamp(hint_s.value_or(unasked_s), 0.0, longest_pause_s);
  paused_until_ = std::max(paused_until_, after(now, pause_s * 1000));
  accepted_ -= std::min<std::uint64_t>(accepted_, 1);  // it was counted by its head, or its age
  if (refused_at_.value != 0 && sent_at <= refused_at_) {
    // What was sent before we knew says nothing new, but that it did not go well either.
    const auto went_well = accepted_per_ms(now) * back_off;
    if (!is_said_ && since_ <= refused_at_ && went_well < requests_.per_ms())
      requests_.run_at(went_well, now);
    return;
  }
  refused_at_ = now;
  raised_at_ = now;
  ++refusals_;
  room_ = std::max(room_min, room_ / 2);
  if (is_said_) {
    share_ = std::max(share_min, share_ * share_step);
    requests_.run_at_share(share_, now);
    tokens_.run_at_share(share_, now);
  } else {
    requests_.run_at(bearable_per_ms(now), now);
  }
}

}  // namespace persona_runtime
