#include "domain/tier/routing/message_signals.hpp"

#include "domain/text/shown_text.hpp"
#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

bool is_letter(char32_t code, bool unicode) {
  if (code < 0x80)
    return code >= U'a' && code <= U'z';
  return unicode && class_of(code) == char_class::letter;
}

/// Calls each(word) for the words of a text until it answers true.
template <class Each>
bool any_word(const folded_text& text, const keyword_rules& rules, Each&& each) {
  for (auto at = std::size_t{0}; at < text.size();) {
    auto word = std::string{};
    auto letters = std::uint32_t{0};
    for (; at < text.size() && is_letter(text[at], rules.unicode); ++at, ++letters)
      append_utf8(word, text[at]);
    if (letters == 0)
      ++at;
    const auto counts = letters > 0 && letters >= rules.letters_min;
    if (counts && !rules.stop_words.contains(word) && each(std::move(word)))
      return true;
  }
  return false;
}

void collect(std::set<std::string>& out, std::string_view text, const keyword_rules& rules) {
  any_word(folded_text{text}, rules, [&out](std::string word) {
    out.insert(std::move(word));
    return false;
  });
}

folded_text judged_part(std::string_view message) {
  return folded_text{first_characters(message, judged_characters_max)};
}

bool is_boilerplate(const folded_text& text, const signal_table& table) {
  return bool{table.boilerplate.find(text)};
}

bool is_identity_sensitive(const folded_text& text, const std::set<std::string>& persona_keywords,
                           const signal_table& table) {
  if (table.identity.find(text))
    return true;
  return !persona_keywords.empty()
         && any_word(text, table.keywords, [&persona_keywords](const std::string& word) {
              return persona_keywords.contains(word);
            });
}

}  // namespace

bool is_boilerplate(std::string_view message, const signal_table& table) {
  return is_boilerplate(judged_part(message), table);
}

std::set<std::string> keywords_of(std::string_view text, const keyword_rules& rules) {
  auto out = std::set<std::string>{};
  collect(out, text, rules);
  return out;
}

std::set<std::string> keywords_of(const persona& p, const keyword_rules& rules) {
  auto out = std::set<std::string>{};
  for (const auto& constraint : p.identity.constraints)
    collect(out, constraint, rules);
  for (const auto& claim : p.worldview) {
    collect(out, claim.claim, rules);
    collect(out, claim.domain, rules);
  }
  return out;
}

bool is_identity_sensitive(std::string_view message, const std::set<std::string>& persona_keywords,
                           const signal_table& table) {
  return is_identity_sensitive(judged_part(message), persona_keywords, table);
}

routing_context context_of_turn(std::string_view message, std::size_t messages_before,
                                bool has_image, const std::set<std::string>& persona_keywords,
                                const signal_table& table) {
  constexpr auto characters_per_token = std::size_t{4};
  auto out = routing_context{};
  out.requires_vision = has_image;
  out.estimated_input_tokens = character_count(message) / characters_per_token;
  out.is_first_turn = messages_before == 0;
  const auto text = judged_part(message);
  out.is_boilerplate = is_boilerplate(text, table);
  out.is_identity_sensitive = is_identity_sensitive(text, persona_keywords, table);
  out.conversation_phase = out.is_first_turn ? "opening" : "middle";
  return out;
}

}  // namespace persona_runtime
