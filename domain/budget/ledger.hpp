#pragma once
// Budgets are checked before the money is spent: whoever wants to spend reserves the worst case
// (contract §6 "How a run ends").

#include "domain/run/record.hpp"
#include "domain/tier/tier_table.hpp"

#include <unordered_map>
#include <variant>

namespace persona_runtime {

/// The worst case of one attempt.
struct budget_request {
  call_kind kind = call_kind::step;
  std::uint64_t prompt_tokens = 0;  // everything that is sent
  std::uint64_t reply_tokens = 0;   // the model's reply cap
  std::optional<model_price> price;
};

/// It fits; the reply cap may be smaller than asked for.
struct budget_grant {
  budget_amount amount;
  std::uint32_t reply_tokens_max = 0;
};

/// It does not fit.
struct budget_refusal {
  budget_kind kind = budget_kind::tokens;
  double limit = 0;
  double used = 0;
  double reserved = 0;
};

using budget_answer = std::variant<budget_grant, budget_refusal>;

/// Replies shorter than this are not worth a call: the budget has ended.
inline constexpr auto reply_tokens_min = std::uint64_t{256};

/// Set aside for the partial-result summary: 5 % of the limit, at most 2,000 tokens.
[[nodiscard]] std::uint64_t summary_share(std::uint64_t max_tokens);

/// May an attempt start that has `spent` behind it? The summary share is out of reach for steps.
/// The reply cap is cut to what is left, down to reply_tokens_min. Pure.
[[nodiscard]] budget_answer consider(const run_limits& limits, const budget_amount& spent,
                                     const budget_request& request);

/// One account per live run. Invariant: spent + reserved <= limits, except when a provider
/// reports more usage than was reserved for it.
class ledger {
public:
  void open(const run_id& run, const run_limits& limits);

  /// Sets the worst case aside when it fits beside what the run has `spent` so far, which replaces
  /// its last reservation. A run without account is refused. `cents_left`: what other limits leave
  /// for it from here on; none: they leave it all. `held_tokens`: the part of
  /// `spent` that is reserved for an attempt under way, beside which this one is made.
  [[nodiscard]] budget_answer reserve(const run_id& run, const budget_amount& spent,
                                      const budget_request& request,
                                      std::optional<double> cents_left = std::nullopt,
                                      std::uint64_t held_tokens = 0);

  void close(const run_id& run);

  /// Tokens that live runs have reserved and not yet used.
  [[nodiscard]] std::uint64_t reserved_tokens() const { return reserved_tokens_; }

private:
  struct account {
    run_limits limits;
    std::uint64_t reserved = 0;
  };
  void set_reserved(account& a, std::uint64_t tokens);
  std::uint64_t reserved_tokens_ = 0;
  std::unordered_map<std::string, account> accounts_;
};

}  // namespace persona_runtime
