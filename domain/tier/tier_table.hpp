#pragma once
// Which models there are, by tier: an immutable snapshot that runs and tiers share.

#include "domain/failure.hpp"
#include "domain/run/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Cents per 1,000 tokens.
struct model_price {
  double prompt = 0;
  double completion = 0;
  std::optional<double> cache_read{};   // prompt tokens that the provider had kept; none: as prompt
  std::optional<double> cache_write{};  // prompt tokens that it keeps for later; likewise
  friend bool operator==(const model_price&, const model_price&) = default;
};

struct model_entry {
  std::string provider;                         // "openai", "rehearsal", …
  std::string model;                            // the vendor's name, without the provider in front
  std::optional<model_price> price;             // none: unknown
  std::optional<std::uint32_t> context_window;  // tokens; none: unknown
  std::uint32_t reply_tokens_max = 4096;        // reply cap of one call
  bool native_tools = true;
  bool counts_exactly = false;  // its tokenizer is cl100k_base: our counts are its counts
  bool vision = false;          // it takes images
  friend bool operator==(const model_entry&, const model_entry&) = default;

  /// "provider/model", the key of usage tables and events.
  [[nodiscard]] std::string label() const { return provider + '/' + model; }
  /// What `counted` tokens of ours are at most in its own encoding (contract §6).
  [[nodiscard]] std::uint64_t at_most(std::uint64_t counted) const;
};

/// What a model of the tier is trusted to do with tools.
enum class tool_strength : std::uint8_t { weak, medium, strong };

/// "weak", "medium", "strong".
[[nodiscard]] std::string_view name_of(tool_strength s);
[[nodiscard]] std::optional<tool_strength> tool_strength_of(std::string_view name);

/// What routing knows about a tier (spec routing §14.3).
struct tier_metadata {
  double cost_input_per_1k_tokens = 0;  // US cents
  double cost_output_per_1k_tokens = 0;
  double first_token_latency_ms = 0;
  double throughput_tokens_per_sec = 0;
  std::uint32_t context_window = 0;  // tokens, at least 1
  tool_strength tools = tool_strength::weak;
  bool reasoning_capable = false;
  bool cost_verified_at_deploy = true;
  friend bool operator==(const tier_metadata&, const tier_metadata&) = default;
};

struct tier_entry {
  std::string name;                         // "frontier", "mid", "small"
  std::vector<model_entry> members;         // at least one; tried in this order
  std::optional<tier_metadata> metadata{};  // none: routing knows nothing about it
  friend bool operator==(const tier_entry&, const tier_entry&) = default;

  /// Whether one of its members takes images.
  [[nodiscard]] bool vision() const;
  /// Null when there is none.
  [[nodiscard]] const model_entry* find(std::string_view label) const;
};

struct tier_table {
  std::vector<tier_entry> tiers;  // in the order of configuration; may be empty

  /// The tier that serves `name`: itself, else the first configured of small, mid, frontier
  /// (spec routing §14.1). Null when nothing is configured.
  [[nodiscard]] const tier_entry* resolve(std::string_view name) const;
  /// The member of that tier at which a walk stands (its last, when there are fewer by now). Null
  /// when nothing is configured.
  [[nodiscard]] const model_entry* model_at(std::string_view name, std::size_t member) const;
};

using tier_snapshot = std::shared_ptr<const tier_table>;

/// Cents of a call; none when the price is unknown (D-27).
[[nodiscard]] std::optional<double> cost_cents(const model_entry& model, std::uint64_t prompt,
                                               std::uint64_t completion);

/// Likewise, with what was read from the provider's cache and written to it at its own prices.
[[nodiscard]] std::optional<double> cost_cents(const model_entry& model, const token_usage& usage);

/// The most that 1,000 tokens of a prompt can cost: some providers charge more for what they keep.
[[nodiscard]] double prompt_price_max(const model_price& price);

/// Tokens that a prompt may take: window less reply cap less tool schemas; 4096 when the window
/// is unknown (D-7); never below 1.
[[nodiscard]] std::uint64_t context_budget(const model_entry& model, std::uint64_t schema_tokens);

}  // namespace persona_runtime
