#include "domain/budget/ledger.hpp"

#include <algorithm>
#include <cmath>

namespace persona_runtime {
namespace {

std::optional<double> price_of(const budget_request& request, std::uint64_t reply) {
  if (!request.price)
    return std::nullopt;
  return static_cast<double>(request.prompt_tokens) / 1000.0 * prompt_price_max(*request.price)
         + static_cast<double>(reply) / 1000.0 * request.price->completion;
}

/// Reply tokens that fit into the token limit; less than reply_tokens_min: none do.
std::uint64_t by_tokens(const run_limits& limits, const budget_amount& spent,
                        const budget_request& request) {
  if (!limits.max_tokens)
    return request.reply_tokens;
  const auto share =
    request.kind == call_kind::partial_result ? 0 : summary_share(*limits.max_tokens);
  const auto committed = spent.tokens + share + request.prompt_tokens;
  const auto left = *limits.max_tokens > committed ? *limits.max_tokens - committed : 0;
  return std::min(request.reply_tokens, left);
}

/// Likewise for the cost limit. An unknown price never fits: it cannot be bounded.
std::uint64_t by_cents(const run_limits& limits, const budget_amount& spent,
                       const budget_request& request) {
  if (!limits.max_cost_cents)
    return request.reply_tokens;
  const auto prompt = price_of(request, 0);
  if (!prompt || !spent.cents)
    return 0;
  const auto left = *limits.max_cost_cents - *spent.cents - *prompt;
  if (left < 0)
    return 0;
  if (request.price->completion <= 0)
    return request.reply_tokens;
  const auto fits = std::floor(left / request.price->completion * 1000.0);
  return fits >= static_cast<double>(request.reply_tokens) ? request.reply_tokens
                                                           : static_cast<std::uint64_t>(fits);
}

}  // namespace

std::uint64_t summary_share(std::uint64_t max_tokens) {
  return std::min<std::uint64_t>(max_tokens / 20, 2'000);
}

budget_answer consider(const run_limits& limits, const budget_amount& spent,
                       const budget_request& request) {
  const auto least = std::min(reply_tokens_min, request.reply_tokens);
  const auto tokens = by_tokens(limits, spent, request);
  if (tokens < least) {
    return budget_refusal{budget_kind::tokens, static_cast<double>(*limits.max_tokens),
                          static_cast<double>(spent.tokens),
                          static_cast<double>(request.prompt_tokens + least)};
  }
  const auto cents = by_cents(limits, spent, request);
  if (cents < least) {
    return budget_refusal{budget_kind::cost_cents, *limits.max_cost_cents, spent.cents.value_or(0),
                          price_of(request, least).value_or(0)};
  }
  const auto reply = std::min(tokens, cents);
  return budget_grant{{request.prompt_tokens + reply, price_of(request, reply)},
                      static_cast<std::uint32_t>(reply)};
}

void ledger::set_reserved(account& a, std::uint64_t tokens) {
  reserved_tokens_ += tokens - a.reserved;
  a.reserved = tokens;
}

void ledger::open(const run_id& run, const run_limits& limits) {
  accounts_.try_emplace(run.value, account{limits, 0});
}

budget_answer ledger::reserve(const run_id& run, const budget_amount& spent,
                              const budget_request& request, std::optional<double> cents_left,
                              std::uint64_t held_tokens) {
  const auto i = accounts_.find(run.value);
  if (i == accounts_.end())
    return budget_refusal{};
  auto limits = i->second.limits;
  if (cents_left) {
    const auto up_to = spent.cents.value_or(0) + *cents_left;
    limits.max_cost_cents = std::min(limits.max_cost_cents.value_or(up_to), up_to);
  }
  auto answer = consider(limits, spent, request);
  const auto* grant = std::get_if<budget_grant>(&answer);
  set_reserved(i->second, held_tokens + (grant == nullptr ? 0 : grant->amount.tokens));
  return answer;
}

void ledger::close(const run_id& run) {
  const auto i = accounts_.find(run.value);
  if (i == accounts_.end())
    return;
  set_reserved(i->second, 0);
  accounts_.erase(i);
}

}  // namespace persona_runtime
