#pragma once
// From a stored persona to what its chat turns share, and the rules that all turns follow.

#include "actors/conversations_actor.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/skill/skill_shelf.hpp"
#include "domain/text/tokenizer.hpp"

#include <filesystem>

namespace persona_runtime {

/// What chats need beside what runs have. Immutable, shared.
struct chat_parts {
  tokenizer_ptr counter;
  prompt_texts prompts;
  std::shared_ptr<const turn_texts> texts;
  message_tables_ptr tables;
  std::vector<tool_definition> tools;  // all that are registered
  shelf_ptr skills;                    // null: none
  memory_asker recall;                 // empty: nothing is remembered
  bool retries_refusals = false;
  routing_rules routing{};
  std::shared_ptr<const model_traits_table> traits{};  // null: nothing is known
  measured_latency measured{};  // of first tokens; empty: nothing is measured
};

/// Texts and tables of `folder`: prompts/chat.yaml and routing/default.yaml. Fails with
/// validation_error that names the file and the first mistake.
struct chat_data {
  std::shared_ptr<const turn_texts> texts;
  message_tables_ptr tables;
};
[[nodiscard]] result<chat_data> load_chat_data(const std::filesystem::path& folder);

[[nodiscard]] turn_rules make_turn_rules(const chat_parts& parts, tier_snapshot tiers);

/// What turns of this persona share. Pure. Fails with validation_error.
[[nodiscard]] result<turn_setup_ptr> make_turn_setup(const persona_row& row,
                                                     const chat_parts& parts);

/// The same, made once per version of a persona; keeps the last 1,000. Thread-safe.
[[nodiscard]] std::function<result<turn_setup_ptr>(const persona_row&)>
make_turn_setups(std::shared_ptr<const chat_parts> parts);

}  // namespace persona_runtime
