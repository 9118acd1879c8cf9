#pragma once
// The record that one finished turn leaves behind (spec runtime §13): telemetry, no texts.

#include "domain/failure.hpp"
#include "domain/run/message.hpp"
#include "domain/tier/routing/route.hpp"
#include "domain/tier/tier_table.hpp"
#include "domain/yaml/timestamp.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

struct skill_invocation {
  std::string name;
  std::string parameters{};  // text of a JSON object; empty: none
  std::uint64_t content_tokens = 0;
  friend bool operator==(const skill_invocation&, const skill_invocation&) = default;
};

/// Field order is JSON order. Figures are sums over every call of the turn (D-11).
struct turn_log {
  std::string conversation_id;
  std::uint64_t turn_index = 0;  // messages of the conversation before this turn's own
  std::string tier_used;         // as routed
  std::string model_name;        // of the tier's first model
  std::string provider;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
  double latency_ms = 0;                  // the whole turn
  std::optional<double> cost_cents{0.0};  // none: some part has no price (D-27)
  std::uint64_t tool_calls = 0;           // that were dispatched, failed ones too
  std::optional<std::string> skill_used{};
  bool history_compacted = false;  // the prompt held a summary (D-15)
  zoned_instant timestamp{};
  std::optional<routing_decision> routing{};
  double routing_latency_ms = 0;
  bool routing_fallback_triggered = false;
  std::optional<std::string> routing_fallback_reason{};
  std::optional<std::uint64_t> reasoning_total_tokens{};  // words of the thinking text
  std::optional<std::string> reasoning_text_hash{};       // SHA-256; the text itself is not kept
  std::optional<std::string> tier_model_chosen{};         // that really answered; none: all failed
  std::optional<std::string> tier_provider_used{};
  std::uint32_t tier_fallback_count = 0;
  std::vector<std::string> tier_fallback_reasons{};  // class names, never messages
  std::vector<std::string> tier_fallback_providers{};
  bool fallback_engaged = false;
  std::vector<std::string> tool_refusal_detected{};
  std::string cost_basis = "published";  // or "verify-at-deploy"
  bool fallback_rate_alert = false;
  bool refusal_retry_engaged = false;
  bool sandbox_session_recreated = false;
  std::vector<skill_invocation> skills_invoked{};
  bool skill_budget_exceeded = false;
  std::vector<std::string> tool_gap_detected{};
  std::vector<std::string> tool_consent_granted{};
  std::vector<std::string> mcp_invocations{};
  std::vector<std::string> mcp_unavailable_requested{};
  friend bool operator==(const turn_log&, const turn_log&) = default;
};

/// The record itself when it is sound: no negative or infinite figures, both fallback lists as long
/// as the count, engaged exactly when the count is not 0.
[[nodiscard]] result<turn_log> checked(turn_log log);

/// One JSON object without line feeds.
void append_turn_log(std::string& out, const turn_log& log);

/// Reads what append_turn_log wrote. Required and unknown fields are checked, a naive timestamp is
/// refused, optional fields may be missing.
[[nodiscard]] result<turn_log> turn_log_of(std::string_view json);

/// One attempt at a model call, as the turn accounts for it.
struct failed_attempt {
  std::string provider;
  std::string error_class;  // "RateLimitError"
};

/// Which models failed before one answered, as the log shows it (spec §13.6). `answered` null: all
/// failed.
void note_fallback(turn_log& log, const std::vector<failed_attempt>& failed,
                   const model_entry* answered);

/// Notes the thinking text as a count and a hash; nothing when it is empty. `sha256_hex` is the
/// hash of `text`.
void note_reasoning(turn_log& log, std::string_view text, std::string sha256_hex);

/// What a model's calls took.
struct model_usage {
  std::uint64_t calls = 0;
  token_usage tokens{};
  std::optional<double> cents{0.0};  // none: the price is unknown
  friend bool operator==(const model_usage&, const model_usage&) = default;
};

/// Sums over every call of a turn, retries and summaries included, by "provider/model" (D-11).
class usage_tally {
public:
  void add(const model_entry& model, const token_usage& usage);

  [[nodiscard]] const std::map<std::string, model_usage>& by_model() const { return by_model_; }
  [[nodiscard]] model_usage total() const;

private:
  std::map<std::string, model_usage> by_model_;
};

/// Puts the sums into the log. `cost_basis` is "verify-at-deploy" as soon as one of the models is
/// priced so in `unverified`, a list of "provider/model".
void note_usage(turn_log& log, const usage_tally& tally,
                const std::vector<std::string>& unverified = {});

/// Whether a conversation's turns fall over too often: the last ten, with hysteresis (spec §13.7).
class fallback_window {
public:
  enum class change : std::uint8_t { none, raised, cleared };

  /// Notes a turn; raised: log an error; cleared: log that it is over.
  change note(bool engaged);
  [[nodiscard]] bool alerting() const { return alerting_; }

private:
  std::uint16_t engaged_ = 0;  // one bit per turn, the newest lowest
  std::uint8_t count_ = 0;     // 0..10
  bool alerting_ = false;
};

}  // namespace persona_runtime
