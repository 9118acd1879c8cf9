#pragma once
// Whether a chat message asks for something that a run had better do (spec runtime §12). It only
// proposes; nothing is started.

#include "domain/text/pattern.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

enum class capability_kind : std::uint8_t { skill, tool };

/// "skill", "tool".
[[nodiscard]] std::string_view name_of(capability_kind k);

/// One row of the table.
struct task_trigger {
  std::string capability;  // "web_research"
  capability_kind kind = capability_kind::tool;
  pattern phrases;                 // any of them, as whole words
  std::optional<double> weight{};  // none: how many words of the message matched
  bool dispatch_grade = true;      // a message needs one such match to be proposed
  bool requires_url = false;
  bool requires_filename = false;
};

struct task_table {
  std::vector<pattern> vetoes{};        // questions about abilities, negations
  std::set<std::string> nouns{};        // folded; matches that mean nothing …
  std::set<std::string> determiners{};  // … directly behind one of these
  std::vector<task_trigger> triggers{};
  double threshold = 2.0;  // the least score that is proposed
  double margin = 1.0;     // the least lead over the runner-up
};

struct task_detection {
  std::string capability;
  capability_kind kind = capability_kind::tool;
  double score = 0;
  std::vector<std::string> matched_phrases{};  // as the message has them, in table order
  std::optional<std::string> runner_up{};
  bool dispatchable = false;  // nobody comes close
  friend bool operator==(const task_detection&, const task_detection&) = default;
};

/// What a persona may use: triggers for anything else do not count.
struct declared_capabilities {
  std::set<std::string> skills{};
  std::set<std::string> tools{};
};

[[nodiscard]] std::optional<task_detection> detect_task(std::string_view message,
                                                        const task_table& table,
                                                        const declared_capabilities& declared);

/// {"capability","kind","score","matched_phrases","runner_up","dispatchable"}: data of
/// `task_detected`.
void append_detection(std::string& out, const task_detection& d);

}  // namespace persona_runtime
