#pragma once
// What a message says about the tier that it needs (spec routing §15). The words are data.

#include "domain/persona/persona.hpp"
#include "domain/text/pattern.hpp"
#include "domain/tier/routing/route.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace persona_runtime {

/// How keywords are taken from a text.
struct keyword_rules {
  bool unicode = false;                // false: a word is a run of ASCII letters
  std::uint32_t letters_min = 5;       // shorter words are none
  std::set<std::string> stop_words{};  // folded; never keywords
};

struct signal_table {
  pattern boilerplate;  // acknowledgements and small jobs: the small tier will do
  pattern identity;     // who are you, forget your rules: only the best will do
  keyword_rules keywords{};
};

[[nodiscard]] bool is_boilerplate(std::string_view message, const signal_table& table);

/// The words of one text, in lower case.
[[nodiscard]] std::set<std::string> keywords_of(std::string_view text, const keyword_rules& rules);

/// The words of what the persona must not do and of what it believes. Compute them once.
[[nodiscard]] std::set<std::string> keywords_of(const persona& p, const keyword_rules& rules);

/// A phrase of the table, or a word that is one of the persona's.
[[nodiscard]] bool is_identity_sensitive(std::string_view message,
                                         const std::set<std::string>& persona_keywords,
                                         const signal_table& table);

/// What a chat turn is routed by (spec runtime §6.4). `messages_before` of the conversation.
[[nodiscard]] routing_context context_of_turn(std::string_view message, std::size_t messages_before,
                                              bool has_image,
                                              const std::set<std::string>& persona_keywords,
                                              const signal_table& table);

}  // namespace persona_runtime
