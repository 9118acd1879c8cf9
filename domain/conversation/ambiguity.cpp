#include "domain/conversation/ambiguity.hpp"

#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace persona_runtime {
namespace {

constexpr std::size_t whole_characters_max = 2'000;
constexpr std::size_t end_characters = 400;

/// A, B, C, D as rows of tables; the greatest rank wins.
constexpr auto type_tokens = std::array<std::string_view, 4>{
  "missing_parameter", "vague_scope", "conflicting_constraints", "safety_critical_gap"};
constexpr auto ranks = std::array<int, 4>{2, 1, 0, 3};

/// Of a long paste the middle is somebody else's text more often than a wish.
std::string scanned_part(std::string_view message) {
  const auto count = character_count(message);
  if (count <= whole_characters_max)
    return std::string{message};
  auto head = std::size_t{0};
  auto tail = std::size_t{0};
  auto at = std::size_t{0};
  for (auto i = std::size_t{0}; i < count; ++i) {
    if (i == end_characters)
      head = at;
    if (i == count - end_characters)
      tail = at;
    at += decode_at(message, at).bytes;
  }
  return std::string{message.substr(0, head)}.append("\n").append(message.substr(tail));
}

bool conditions_hold(const ambiguity_pattern& row, const folded_text& text, std::size_t behind) {
  const auto line_end = text.line_end(behind);
  const auto is_next = [&](const pattern& p) { return p.match_at(text, behind).has_value(); };
  const auto is_later = [&](const pattern& p) {
    return p.find(text, behind, line_end).has_value();
  };
  return std::none_of(row.unless_next.begin(), row.unless_next.end(), is_next)
         && std::all_of(row.if_later.begin(), row.if_later.end(), is_later)
         && std::none_of(row.unless_later.begin(), row.unless_later.end(), is_later);
}

std::optional<text_span> first_match(const ambiguity_pattern& row, const folded_text& text) {
  for (auto from = std::size_t{0}; from <= text.size();) {
    const auto found = row.text.find(text, from);
    if (!found || conditions_hold(row, text, found->last))
      return found;
    from = found->first + 1;
  }
  return std::nullopt;
}

ambiguity_signal signal_of(const ambiguity_pattern& row, std::string_view span) {
  return {row.kind, row.id, std::string{stripped(span)}, row.missing, row.weight, row.language};
}

}  // namespace

std::string_view name_of(ambiguity_class c) {
  return type_tokens.at(static_cast<std::size_t>(c));
}

std::optional<ambiguity_signal> detect_ambiguity(std::string_view message,
                                                 const ambiguity_context& context,
                                                 const ambiguity_table& table) {
  if (context.previous_was_question)
    return std::nullopt;
  const auto whole = case_folded(message);
  const auto overrides = std::any_of(
    table.overrides.begin(), table.overrides.end(),
    [&whole](const std::string& phrase) { return whole.find(phrase) != std::string::npos; });
  if (overrides)
    return std::nullopt;
  const auto scanned = scanned_part(message);
  const auto text = folded_text{scanned};
  auto best = std::optional<ambiguity_signal>{};
  const auto weight_of = [](ambiguity_class kind, double weight) {
    return std::pair{ranks.at(static_cast<std::size_t>(kind)), weight};
  };
  for (const auto& row : table.patterns) {
    if (row.deictic && context.has_prior_context)
      continue;
    if (best && weight_of(row.kind, row.weight) <= weight_of(best->kind, best->weight))
      continue;
    if (const auto found = first_match(row, text))
      best = signal_of(row, text.original(found->first, found->last));
  }
  return best;
}

bool asks_about(autonomy level, ambiguity_class kind) {
  switch (kind) {
  case ambiguity_class::safety_critical_gap:
    return true;
  case ambiguity_class::missing_parameter:
    return level != autonomy::decisive;
  case ambiguity_class::vague_scope:
    return level == autonomy::cautious;
  default:
    return false;
  }
}

result<autonomy> effective_autonomy(autonomy document,
                                    const std::optional<learned_autonomy>& learned) {
  if (!learned)
    return document;
  const auto& level = learned->level;
  for (const auto known : {autonomy::cautious, autonomy::balanced, autonomy::decisive}) {
    if (level == name_of(known))
      return known;
  }
  const auto said = level ? "is \"" + level->substr(0, 64) + "\"" : std::string{"is missing"};
  return failure{errc::validation_error,
                 "the learned autonomy of the persona " + said
                   + "; cautious, balanced or decisive is wanted: roll the self fact `autonomy` "
                     "back or write it again"};
}

}  // namespace persona_runtime
