#pragma once
// From a stored persona to what its runs share, and to what HTTP shows of it.

#include "actors/archive_actor.hpp"
#include "domain/persona/persona.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/skill/consent.hpp"
#include "domain/skill/skill_shelf.hpp"
#include "domain/text/tokenizer.hpp"
#include "domain/tool/definition.hpp"

namespace persona_runtime {

struct setup_parts {
  tokenizer_ptr counter;
  prompt_texts texts;
  std::vector<tool_definition> tools;  // all that are registered
  shelf_ptr skills{};                  // null: personas have none
  std::function<std::string()> new_persona_id;
  std::function<std::string()> new_ulid{};  // of chunks of memory; empty: none are indexed
  std::function<instant()> now;
  /// False for `persona run`, where the author's own document is used as it is.
  bool adds_safety_constraint = true;
};

/// What runs of this persona share. `use_skill` is offered exactly when it has skills, whatever its
/// list of tools says. `consents` are those for persona `id`.
[[nodiscard]] setup_ptr make_run_setup(const persona& p, const setup_parts& parts,
                                       const persona_id& id = {},
                                       const consent_source& consents = {});

/// The archive's view of personas.
[[nodiscard]] persona_rules make_persona_rules(setup_parts parts);

}  // namespace persona_runtime
