#pragma once
// Plays a recorded chat scenario against the rules of turns and writes down what happened in the
// form of the recorded rows: turn_start, store traffic, event, model_call, tool_exec, chunk,
// turn_log, turn_end, end.
//
// Tools that were called together are answered in call order. Model calls take the next reply of
// their purpose: a step the turn's script, a summary the scenario's summaries. History is folded
// behind a turn, as we do it (D-15): each summary is a model_call row behind the turn's end.

#include <boost/json.hpp>

namespace persona_runtime::test {

/// Throws when the scenario needs what it has not got.
[[nodiscard]] boost::json::array play_chat(const boost::json::object& scenario);

}  // namespace persona_runtime::test
