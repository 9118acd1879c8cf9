#pragma once
// A persona as its document says it: who it is, what it knows and believes, what it may use.
// Values only; a persona that is in use is shared as `persona_ptr` and never changes.

#include "domain/yaml/timestamp.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

enum class visibility : std::uint8_t { owner_only, unlisted, everyone };
enum class epistemic : std::uint8_t { fact, belief, hypothesis, contested };
enum class autonomy : std::uint8_t { cautious, balanced, decisive };
enum class tier_wish : std::uint8_t { frontier, mid, small, automatic };

/// "private", "unlisted", "public"; "fact", …; "cautious", …; "frontier", …, "auto".
[[nodiscard]] std::string_view name_of(visibility v);
[[nodiscard]] std::string_view name_of(epistemic e);
[[nodiscard]] std::string_view name_of(autonomy a);
[[nodiscard]] std::string_view name_of(tier_wish t);

/// A voice of a provider's catalogue.
struct voice_spec {
  std::string provider;  // not empty
  std::string voice_id;  // not empty
  friend bool operator==(const voice_spec&, const voice_spec&) = default;
};

struct persona_identity {
  std::string name;  // not empty, like the next two
  std::string role;
  std::string background;  // may have many lines
  std::string language_default = "en";
  std::vector<std::string> constraints{};  // what it must not do
  std::optional<std::string> visual_style{};
  std::optional<voice_spec> voice{};
  friend bool operator==(const persona_identity&, const persona_identity&) = default;
};

struct self_fact {
  std::string fact;         // not empty
  double confidence = 1.0;  // 0..1, as everywhere here
  std::string key{};        // the author's name for it, at most 64 bytes; empty: none
  friend bool operator==(const self_fact&, const self_fact&) = default;
};

struct worldview_claim {
  std::string claim;     // not empty
  std::string domain{};  // may be empty
  epistemic tag = epistemic::belief;
  double confidence = 0.8;
  std::string valid_time = "always";
  std::string key{};  // as of a fact
  friend bool operator==(const worldview_claim&, const worldview_claim&) = default;
};

struct episodic_entry {
  std::string content;  // not empty
  zoned_instant created_at;
  double importance = 0.5;
  friend bool operator==(const episodic_entry&, const episodic_entry&) = default;
};

/// Weights of intelligent routing, each at least 0; they need not sum to 1.
struct routing_weights {
  double cost = 0.40;
  double quality = 0.50;
  double latency = 0.10;
  friend bool operator==(const routing_weights&, const routing_weights&) = default;
};

struct persona_routing {
  tier_wish for_generation = tier_wish::automatic;
  tier_wish for_tools = tier_wish::small;
  bool intelligent = false;
  routing_weights weights{};
  bool rules_on_miss = true;                 // fallback_to_rule_based_on_miss
  std::optional<double> cents_per_turn_max;  // at least 0; none: no cap
  std::optional<double> cents_per_session_max;
  std::optional<double> cents_per_day_max;
  friend bool operator==(const persona_routing&, const persona_routing&) = default;
};

struct embedding_choice {
  std::string model = "bge-small-en-v1.5";
  std::uint32_t dim = 384;  // 1..65'536
  friend bool operator==(const embedding_choice&, const embedding_choice&) = default;
};

struct persona {
  /// Free text, also empty or "../x": whoever makes a path or a URL of it encodes it.
  std::optional<std::string> id{};
  std::string schema_version = "1.0";
  std::optional<std::string> owner{};
  visibility shown_to = visibility::owner_only;
  persona_identity identity{};
  std::vector<self_fact> self_facts{};
  std::vector<worldview_claim> worldview{};
  std::vector<episodic_entry> episodic{};
  std::vector<std::string> tools{};   // allow list; see allows_tool
  std::vector<std::string> skills{};  // ids, "skill:ID", "collection:NAME"
  persona_routing routing{};
  embedding_choice embedding{};
  autonomy decides = autonomy::cautious;
  friend bool operator==(const persona&, const persona&) = default;
};

using persona_ptr = std::shared_ptr<const persona>;

/// Whether the tools entry "*" opens every tool that is registered.
[[nodiscard]] bool allows_all_tools(const persona& p);

/// Whether the list names the tool: itself, "*", or "mcp:SERVER" for every tool of that server.
/// There are no other wildcards, and an empty list allows none (D-22).
[[nodiscard]] bool allows_tool(const persona& p, std::string_view tool);

/// How many questions a run may ask: 5 cautious, 3 balanced, 1 decisive.
[[nodiscard]] std::uint32_t question_cap(const persona& p);

}  // namespace persona_runtime
