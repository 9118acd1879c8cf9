#pragma once
// The tools remember and forget: facts that a user told the persona, kept among its self facts in
// the memory of that user's talks, or let go. The write policy judges them like any other write of
// the persona's own.

#include "domain/memory/recall.hpp"
#include "domain/memory/write.hpp"
#include "domain/run/message.hpp"
#include "domain/tool/definition.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

inline constexpr std::string_view remember_name = "remember";
inline constexpr std::string_view forget_name = "forget";

[[nodiscard]] tool_definition remember_definition();
[[nodiscard]] tool_definition forget_definition();

/// What a call of remember or forget says, from arguments that fit the definition.
struct told_fact {
  std::string fact;   // remember: what to keep; forget: what is meant, or its id or key
  std::string key{};  // empty: none
  std::string reason{};
  double confidence = 0.9;  // 0..1; below 0.8 the policy refuses it
};
[[nodiscard]] told_fact told_fact_of(std::string_view arguments);

/// What memory must be asked before either: facts that are alike, of the author too.
[[nodiscard]] recall_request alike_facts(const memory_scope& talk, const told_fact& told);

/// A fact that is kept already, word for word but for case and punctuation, under the same key.
[[nodiscard]] const memory_chunk* already_kept(const recalled_memory& known, const told_fact& told);

/// The write that keeps it: the next version of the chain with its key, else a new chain.
[[nodiscard]] memory_request keep_request(const memory_scope& talk, const told_fact& told,
                                          const std::string& ulid, instant now);

/// The fact that is meant: by id or key, by the same words, or the only one that holds all of the
/// words. Facts of the document are never meant. Null: none, or not one alone.
[[nodiscard]] const memory_chunk* meant_fact(const recalled_memory& known, const told_fact& told);

/// The change that ends its chain.
[[nodiscard]] memory_request let_go_request(const memory_scope& talk, const memory_chunk& fact,
                                            const told_fact& told, instant now);

// --- what the model reads ---

[[nodiscard]] tool_result kept_result(const told_fact& told, const std::string& logical_id);
[[nodiscard]] tool_result known_result(const memory_chunk& fact);
[[nodiscard]] tool_result let_go_result(const memory_chunk& fact);
/// Nothing is meant, or several are: names up to five that could be, with their ids.
[[nodiscard]] tool_result unclear_result(const recalled_memory& known, const told_fact& told);
[[nodiscard]] tool_result refused_result(std::string_view tool, std::string_view why);

/// What a result of these tools says of memory, for the event; none for all other results.
struct memory_change_note {
  std::string action;  // "remembered", "forgotten"
  std::string logical_id;
  std::string text;
};
[[nodiscard]] std::optional<memory_change_note> memory_change_of(std::string_view tool,
                                                                 const tool_result& result);

}  // namespace persona_runtime
