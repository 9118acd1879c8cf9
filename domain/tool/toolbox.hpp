#pragma once
// Which tools a persona has: the registered ones that its allow-list names.

#include "domain/failure.hpp"
#include "domain/run/message.hpp"
#include "domain/tool/definition.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Names that a persona may call. No list: all, and whoever loads the persona warns about it. An
/// empty list: none (D-22). An entry "*": all. Every other entry is one exact name, no pattern.
using allow_list = std::optional<std::vector<std::string>>;

/// What becomes of a call's name.
enum class tool_verdict : std::uint8_t { runs, not_allowed, not_registered };

/// The tools of one run or turn. Immutable.
class toolbox {
public:
  /// `granted` are names that are allowed beside the list (`use_skill`, tools of assigned
  /// servers). Fails with validation_error on a name that is registered twice.
  [[nodiscard]] static result<toolbox> make(std::vector<tool_definition> registered,
                                            const allow_list& allowed,
                                            const std::vector<std::string>& granted = {});

  /// Registered and allowed, sorted by name: what the model is offered. Never null.
  [[nodiscard]] const tool_list& definitions() const { return offered_; }
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] const tool_definition* find(std::string_view name) const;

  /// By the list alone; whether such a tool exists is another question.
  [[nodiscard]] bool is_allowed(std::string_view name) const;
  [[nodiscard]] tool_verdict verdict(std::string_view name) const;

private:
  toolbox() = default;

  tool_list offered_;
  std::set<std::string, std::less<>> allowed_;
  bool allows_all_ = false;
};

/// What the model reads when it calls a tool that it does not have: `names` are those it has.
[[nodiscard]] std::string not_allowed_text(std::string_view called,
                                           const std::vector<std::string>& names);

/// What it reads when its list allows a tool that nobody registered.
[[nodiscard]] std::string not_registered_text(std::string_view called);

/// What it reads when its call was cut off (`tool_call::truncated`), which is never executed.
[[nodiscard]] std::string cut_off_text(std::string_view called);

/// The error result for a call that must not start; none when it may.
[[nodiscard]] std::optional<tool_result> refused_call(const toolbox& tools, const tool_call& call);

/// Why a tool of that name cannot run, as viewers read it: class of the failure and message.
struct tool_refusal {
  std::string type;  // "ToolNotAllowedError", "ToolExecutionError"
  std::string message;
};
[[nodiscard]] tool_refusal refusal_of(const toolbox& tools, std::string_view called);

/// The same of a list of tools: `why` is not `runs`, `names` are those that there are.
[[nodiscard]] tool_refusal refusal_of(tool_verdict why, std::string_view called,
                                      const std::vector<std::string>& names);

}  // namespace persona_runtime
