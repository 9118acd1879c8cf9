#pragma once
// Personas as the store keeps them: documents, and what HTTP shows of them.

#include "bootstrap/engine/persona_setups.hpp"
#include "domain/persona/parse_persona.hpp"

namespace persona_runtime {

/// Of a document that was refused: a JSON list of its problems, each with line and path.
[[nodiscard]] failure refusal_of(const persona_rejection& why);

/// A new row. Fails with validation_error.
[[nodiscard]] result<persona_row> make_persona_row(const setup_parts& parts,
                                                   const check_persona& asked);

/// The row with what `change` says. Its `updated_at` is later than before, also within one
/// millisecond, so that whoever keeps something made of a row sees that it is another one. The
/// same row when the change says nothing new. `by` stands beside the consents that it holds. Fails
/// with validation_error, also for a tool that is not there, a skill that the persona has not, and
/// one whose content is not the one that the consent is for.
[[nodiscard]] result<persona_row> change_persona_row(const setup_parts& parts,
                                                     const persona_row& before,
                                                     const persona_change& change,
                                                     const owner_id& by);

/// The consents to skills that a row holds.
[[nodiscard]] consent_source consents_in(const persona_row& row);

/// Its skills: {name, description, trust, source, content_hash, consent}.
[[nodiscard]] std::string persona_skills_json(const setup_parts& parts, const persona_row& row);

/// What a granted tool leaves in memory: a self fact of the chain "tool_consent::TOOL"
/// (persona-tools §20.7).
[[nodiscard]] memory_batch tool_grant_memory(const persona_row& row, const std::string& tool,
                                             const std::string& ulid);

/// PersonaDetail.
[[nodiscard]] std::string persona_detail(const persona_row& row);

}  // namespace persona_runtime
