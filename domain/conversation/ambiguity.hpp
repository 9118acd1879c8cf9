#pragma once
// Whether a message leaves open what is meant, and whether that is worth a question (spec runtime
// §10). Pure tables; the patterns are data (config/routing/).

#include "domain/failure.hpp"
#include "domain/memory/recall.hpp"
#include "domain/persona/persona.hpp"
#include "domain/text/pattern.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

enum class ambiguity_class : std::uint8_t {
  missing_parameter,        // A
  vague_scope,              // B
  conflicting_constraints,  // C
  safety_critical_gap,      // D
};

/// "missing_parameter", …
[[nodiscard]] std::string_view name_of(ambiguity_class c);

/// One row of the table.
struct ambiguity_pattern {
  std::string id;  // "A.bare_send_en": its letter names the class
  ambiguity_class kind = ambiguity_class::missing_parameter;
  double weight = 0;     // at least 0
  std::string missing;   // "target", "time", …: what the question is about
  std::string language;  // "en", "no"
  bool deictic = false;  // points at something said before: not looked for when there is any
  pattern text;          // what is looked for
  std::vector<pattern> unless_next{};   // none of these may stand right behind it
  std::vector<pattern> if_later{};      // each must stand somewhere later on its line
  std::vector<pattern> unless_later{};  // none may
};

struct ambiguity_table {
  std::vector<std::string> overrides{};  // folded; a message that holds one asks for no question
  std::vector<ambiguity_pattern> patterns{};
};

struct ambiguity_context {
  bool previous_was_question = false;  // then nothing is ambiguous
  bool has_prior_context = false;
};

struct ambiguity_signal {
  ambiguity_class kind = ambiguity_class::missing_parameter;
  std::string pattern_id;
  std::string matched_span;  // of the message, without blanks at its ends
  std::string missing_element;
  double weight = 0;
  std::string language;
  friend bool operator==(const ambiguity_signal&, const ambiguity_signal&) = default;
};

/// The weightiest of all matches: by class (D, A, B, C), then weight, then order of the table. Of a
/// message over 2,000 characters only the first and the last 400 are looked at.
[[nodiscard]] std::optional<ambiguity_signal> detect_ambiguity(std::string_view message,
                                                               const ambiguity_context& context,
                                                               const ambiguity_table& table);

/// Whether a persona of that level asks about it: D always, C never.
[[nodiscard]] bool asks_about(autonomy level, ambiguity_class kind);

/// The learned level, else the document's. A head without a level, or with one that nobody knows,
/// is an error and not silently passed over.
[[nodiscard]] result<autonomy> effective_autonomy(autonomy document,
                                                  const std::optional<learned_autonomy>& learned);

}  // namespace persona_runtime
