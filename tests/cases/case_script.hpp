#pragma once
// What a scenario's models and tools answer.

#include "tests/support/fakes.hpp"

#include <boost/json.hpp>

namespace persona_runtime::test {

/// One entry of a script or of the summaries. Without `usage`: 10 and 5 tokens.
[[nodiscard]] model_result<model_reply> reply_of(const boost::json::object& entry);

/// One entry of a chat turn's script that is no error: with `deltas`, `reasoning` and arguments in
/// fragments. Without `usage`: 10 and 5 tokens; with null: none were reported.
[[nodiscard]] model_reply chat_reply_of(const boost::json::object& entry);

/// One entry of a tool's results, for a call with `arguments`.
[[nodiscard]] tool_result result_of_entry(const boost::json::object& entry,
                                          const boost::json::object& arguments);

}  // namespace persona_runtime::test
