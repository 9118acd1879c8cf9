#pragma once
// `persona explain message`: how a message is judged, by which words.

#include "domain/conversation/message_tables.hpp"
#include "domain/persona/persona.hpp"

#include <boost/json/value.hpp>

#include <iosfwd>
#include <optional>
#include <string_view>

namespace persona_runtime::cli {

/// A verdict as programs get it; null when there is none.
[[nodiscard]] boost::json::value verdict_json(const std::optional<ambiguity_signal>& signal);
[[nodiscard]] boost::json::value verdict_json(const std::optional<task_detection>& detection);

/// For people: every verdict about one message, in words. Returns the exit code.
int explain_message(const message_tables& tables, const persona& p, std::string_view message,
                    std::ostream& out);

/// For programs, as answer_lines: {"message", "persona"} (a document, as an object or as YAML),
/// answered by {"est_tokens", "boilerplate", "critical", "ambiguity_first", "ambiguity_later",
/// "ambiguity_after_question", "task_all", "task_few"}. `ambiguity_later`: with messages before it;
/// `task_all`: for a persona that declares everything; `task_few`: for this one.
int explain_message_jsonl(const message_tables& tables, std::istream& in, std::ostream& out);

}  // namespace persona_runtime::cli
