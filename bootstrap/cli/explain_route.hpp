#pragma once
// `persona explain route`: which tier and model a turn would get, and why.

#include "domain/conversation/message_tables.hpp"
#include "domain/persona/persona.hpp"
#include "domain/tier/routing/select_model.hpp"
#include "domain/tier/routing/unified_router.hpp"

#include <iosfwd>
#include <string_view>

namespace persona_runtime::cli {

struct route_question {
  const message_tables& tables;
  const persona& who;
  const tier_table* tiers;  // null or without tiers: no model is configured
  turn_routing how{};
  std::string_view message{};
  std::size_t messages_before = 0;
  bool has_image = false;
  const model_traits_table* traits = nullptr;  // null: nothing is known
};

/// For people: signals, the tiers that can take the turn, the decision, the order of the tier's
/// models when it is another than that of the configuration, and the scores. Returns the
/// exit code: 1 when no tier can take it.
int explain_route(const route_question& asked, std::ostream& out, std::ostream& err);

/// For programs, as answer_lines: {"registry", "context"}, answered by {"heuristic", "scores",
/// "unified"}. `registry` maps tiers, in their order, to {"vision", "md", "model"}, all of which
/// may be left out; null: there is none. An error of routing is {"error", "text", "context"}.
int explain_route_jsonl(std::istream& in, std::ostream& out);

}  // namespace persona_runtime::cli
