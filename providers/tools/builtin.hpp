#pragma once
// Makes a tool of a plain function.

#include "providers/tools/tool_body.hpp"
#include "providers/tools/worker_pool.hpp"

#include <stdexcept>
#include <stop_token>

namespace persona_runtime {

/// What a function gets for one call.
struct builtin_call {
  const tool_request& request;  // its arguments are checked: they fit the definition's schema
  std::stop_token stop;         // set by cancel(): whatever takes long looks at it now and then
};

/// Runs on a thread of the pool, for several calls at once. May throw: the call then ends as an
/// error result "<ErrorKind>: <message>".
using builtin_function = std::function<tool_result(const builtin_call&)>;

/// Ends a call of a built-in tool as "<kind>: <message>".
class tool_error : public std::runtime_error {
public:
  tool_error(std::string kind, const std::string& message)
    : std::runtime_error{message}, kind_{std::move(kind)} {}
  [[nodiscard]] const std::string& kind() const { return kind_; }

private:
  std::string kind_;
};

/// A tool that checks its arguments and runs `function`, both on `pool`. A call that is cancelled
/// gives no answer any more. Results are brought within the bounds of every tool result.
[[nodiscard]] std::shared_ptr<tool_body> make_builtin(tool_definition definition,
                                                      std::shared_ptr<worker_pool> pool,
                                                      builtin_function function);

}  // namespace persona_runtime
